"""The end of a right is never held up by a mail: whom none reaches is named to staff."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from builders.iam.register import BY_REVIEWER, person
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory, withdraw_signatory
from iam.institutions.models import Capacity, Signatory
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, JOINED, Office
from tests.workflows.reorganisation.test_told_again import submitted
from workflows.mail import Mail, MailState
from workflows.proposals.models import Proposal
from workflows.reorganisation.progress import progress_of

A = "i-4113900001"


def unmailed(office: Office, proposal: int) -> tuple[str, ...]:
    with office.sessions() as session:
        found = progress_of(session, session.get_one(Proposal, proposal)).unmailed
        return tuple(one.account or one.name or one.named_in for one in found)


@pytest.mark.parametrize("unusable", ["zane@skola", "Zane Kalna <zane@skola.example>", "zāne@skola.example"])
def test_an_address_nobody_can_write_to_holds_nothing_up(office: Office, unusable: str) -> None:
    for name in ("Anna Bērziņa", "Zane Kalna"):
        office.give(office.account(name), A)
    with office.sessions.begin() as session:
        known = "UPDATE accounts SET email = :unusable WHERE username = 'zane.kalna'"
        session.execute(text(known), {"unusable": unusable})
    before = office.held()
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert unmailed(office, proposal) == ("zane.kalna",)
    office.now = midnight_in_riga(DAY)
    assert office.carry_out(proposal) > 0
    assert office.states() == {"1-3/7": OrderState.APPLIED}
    assert office.held() == set()
    office.pass_days(1)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert office.held() == before
    assert unmailed(office, back) == ("zane.kalna",)
    with office.sessions() as session:
        mails = session.scalars(select(Mail).order_by(Mail.id)).all()
    states = {(one.to_address.partition("@")[0][:2], one.state, one.reason) for one in mails}
    assert states == {("an", MailState.QUEUED, None), (unusable[:2], MailState.FAILED, "not a mail address")}


def test_a_mail_the_server_refuses_is_named_too_and_other_mails_are_not(office: Office) -> None:
    for name in ("Anna Bērziņa", "Zane Kalna"):
        office.give(office.account(name), A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert unmailed(office, proposal) == ()
    with office.sessions.begin() as session:
        (mail,) = session.scalars(select(Mail).where(Mail.to_address == "anna@skola.example"))
        mail.settle(MailState.FAILED, at=office.now, reason="550 no such user")
    assert unmailed(office, proposal) == ("anna.berzina",)


@pytest.mark.parametrize(
    ("emails", "refused"),
    [
        (("skola@skola.example", "skola@skola.example"), "skola@skola.example"),
        (("skola@skola.example", "skola+zane@skola.example"), "skola@skola.example"),
        (("Skola@skola.example", "skola@Skola.example"), "Skola@skola.example"),
        (("skola@skola", "skola@skola"), None),
    ],
)
def test_all_who_share_a_mailbox_that_no_mail_reaches_are_named(
    office: Office, emails: tuple[str, str], refused: str | None
) -> None:
    for name, email in zip(("Anna Bērziņa", "Zane Kalna"), emails, strict=True):
        account = office.account(name)
        office.give(account, A)
        with office.sessions.begin() as session:
            session.execute(
                text("UPDATE accounts SET email = :email WHERE id = :id"), {"email": email, "id": account.id}
            )
    office.give(office.account("Valdis Ozols"), A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    if refused is not None:
        with office.sessions.begin() as session:
            for mail in session.scalars(select(Mail).where(Mail.to_address == refused)):
                mail.settle(MailState.FAILED, at=office.now, reason="550 no such user")
    assert unmailed(office, proposal) == ("anna.berzina", "zane.kalna")


@pytest.mark.parametrize("email", [None, "ilze@skola", "ilze@skola.example"])
def test_a_signatory_whom_no_mail_reaches_or_who_has_no_address_is_named(office: Office, email: str | None) -> None:
    may_sign(office, email)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert unmailed(office, proposal) == (() if email == "ilze@skola.example" else ("Ilze Kalna",))


def may_sign(office: Office, email: str | None, name: str = "Ilze Kalna") -> None:
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, A).id,
            person_id=person(session, name).id,
            capacity=Capacity.HEAD,
            since=None,
            until=None,
            source="reģistrs",
            email=email,
            origin=BY_REVIEWER,
            at=office.now,
        )


def corrected(office: Office, email: str | None) -> None:
    """Take the entry back and record it anew, as an office does that mends an address."""
    office.now += timedelta(hours=1)
    with office.sessions.begin() as session:
        known = select(Signatory).where(func.upper_inf(Signatory.recorded))
        withdraw_signatory(session, session.scalars(known).one(), origin=BY_REVIEWER, at=office.now)
    may_sign(office, email)


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize(
    ("before", "since", "named"),
    [
        ("ilze@skola.example", None, True),
        ("ilze@skola.example", "ilze@skola", True),
        (None, "ilze@skola.example", False),
        ("ilze@skola", "ilze@skola.example", False),
        (None, None, True),
    ],
)
def test_of_an_entry_that_was_corrected_the_latest_word_counts(
    office: Office, before: str | None, since: str | None, *, named: bool, carried_out: bool
) -> None:
    may_sign(office, before)
    _, proposal = office.approved(JOINED)
    corrected(office, since)
    office.tell(proposal)
    if carried_out:
        office.now = midnight_in_riga(DAY)
        office.carry_out(proposal)
        assert office.states() == {"1-3/7": OrderState.APPLIED}
    assert unmailed(office, proposal) == (("Ilze Kalna",) if named else ())


@pytest.mark.parametrize("recorded", [None, "vadiba@pasvaldiba.example"])
def test_a_signatory_who_is_written_to_at_their_account_is_named_when_that_fails(
    office: Office, recorded: str | None
) -> None:
    office.account("Ilze Kalna")
    may_sign(office, recorded)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert unmailed(office, proposal) == ()
    fail(office, "ilze@skola.example")
    assert unmailed(office, proposal) == ("Ilze Kalna",)


def fail(office: Office, address: str) -> None:
    with office.sessions.begin() as session:
        for mail in session.scalars(select(Mail).where(Mail.to_address == address)):
            mail.settle(MailState.FAILED, at=office.now, reason="550 no such user")


@pytest.mark.parametrize("party", ["ilze.kalna", "anna.liepa"])
@pytest.mark.parametrize("late", [True, False], ids=["told on the day", "told ahead"])
def test_people_of_an_open_application_whom_no_mail_reaches_are_named(
    office: Office, party: str, *, late: bool
) -> None:
    if not late:
        signed = submitted(office, A[2:])
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    if late:
        signed = submitted(office, A[2:])
        office.now = midnight_in_riga(DAY)
        office.carry_out(proposal)
    assert unmailed(office, proposal) == ()
    with office.sessions() as session:
        to = set(session.scalars(select(Mail.to_address).where(Mail.template == "application_order")))
    (address,) = (one for one in to if party.partition(".")[0] in one)
    fail(office, address)
    assert unmailed(office, proposal) == (signed,)


def test_whom_a_first_approval_reached_not_stands_there_after_a_second(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A)
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    fail(office, "anna@skola.example")
    office.pass_days(1)
    office.give(zane, A)
    again = office.propose(ids)
    office.confirm(again)
    office.tell(again)
    assert unmailed(office, again) == ("anna.berzina",)


def test_what_was_given_since_is_counted_from_the_approval_on(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    ids, proposal = office.approved(JOINED)

    def since() -> tuple[int, tuple[str, ...]]:
        with office.sessions() as session:
            found = progress_of(session, session.get_one(Proposal, proposal))
            return found.left, found.signing

    assert since() == (0, ())
    office.give(office.account("Zane Kalna"), A, "learners", "staff")
    may_sign(office, None)
    assert since() == (2, ("Ilze Kalna",)), "weeks before the day"
    office.give(office.account("Valdis Ozols"), "i-4101900002")
    assert since() == (2, ("Ilze Kalna",)), "that school goes on"
    office.confirm(office.propose(ids))
    assert since() == (0, ())
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert since() == (0, ())
