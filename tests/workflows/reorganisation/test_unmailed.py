"""The end of a right is never held up by a mail: whom none reaches is named to staff."""

import pytest
from sqlalchemy import select, text

from builders.iam.register import BY_REVIEWER, person
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, JOINED, Office
from workflows.mail import Mail, MailState
from workflows.proposals.models import Proposal
from workflows.reorganisation.progress import progress_of

A = "i-4113900001"


def unmailed(office: Office, proposal: int) -> tuple[str, ...]:
    with office.sessions() as session:
        found = progress_of(session, session.get_one(Proposal, proposal)).unmailed
        return tuple(one.account or one.name for one in found)


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
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, A).id,
            person_id=person(session, "Ilze Kalna").id,
            capacity=Capacity.HEAD,
            since=None,
            until=None,
            source="reģistrs",
            email=email,
            origin=BY_REVIEWER,
            at=office.now,
        )
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert unmailed(office, proposal) == (() if email == "ilze@skola.example" else ("Ilze Kalna",))
