"""One application a place and day, one mail a person, and none to fill in for an account that nobody may use."""

from datetime import date

import pytest
from sqlalchemy import select

from builders.iam.register import BY_REVIEWER
from iam.audit import Door
from iam.grants import accounts
from iam.grants.models import Account, AccountStatus
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity
from iam.orders import service as orders
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import AT, DAY, JOINED, URL, Office
from tests.workflows.reorganisation.test_told_ahead import A, B, complete, drafts, mail_to
from workflows.application.drafts import save_group
from workflows.application.models import Application, PrefilledDraft
from workflows.application.states import State
from workflows.application.submission import submit
from workflows.reorganisation import approving
from workflows.reorganisation.fates import Fate
from workflows.reorganisation.taking_back import repeal

SECOND = "1-3/8,Domes lēmums,2026-09-01,joined,4101900002,4213900003,,\n"


def disable(office: Office, account: Account) -> None:
    with office.sessions.begin() as session:
        row = session.get_one(Account, account.id)
        accounts.disable(session, row, origin=BY_REVIEWER, at=office.now, reason="aizgājusi")


def leave(office: Office, account: Account) -> None:
    with office.sessions.begin() as session:
        session.get_one(Account, account.id).status = AccountStatus.ENDED


@pytest.mark.parametrize("shut", [disable, leave])
def test_an_account_nobody_may_use_is_told_and_gets_no_application(office: Office, shut: object) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    shut(office, anna)  # type: ignore[operator] # one of the two above
    ids = office.record(JOINED)
    with office.sessions() as session:
        made = approving.foreseen_for(session, [orders.order_with(session, one) for one in ids])
    assert [one.account for one in made.plan.of(Fate.ENDS)] == [anna.username]
    assert made.plan.of(Fate.NEEDS_APPLICATION) == ()
    proposal = office.propose(ids)
    office.confirm(proposal)
    office.tell(proposal)
    said = mail_to(office, "anna@skola.example")
    assert "31.08.2026" in said
    assert "/apply" not in said
    assert drafts(office) == []


@pytest.mark.parametrize("shut", [disable, leave])
def test_an_account_shut_after_the_telling_gets_no_link_on_the_day(office: Office, shut: object) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    shut(office, anna)  # type: ignore[operator] # one of the two above
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.held() == set()
    assert "/apply" not in mail_to(office, "anna@skola.example", "rights_ended")


@pytest.mark.parametrize("together", [True, False], ids=["one plan", "two plans"])
def test_two_orders_into_one_school_on_a_day_ask_for_one_application(office: Office, *, together: bool) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    office.give(anna, B, "staff")
    proposals = [office.approved(lines)[1] for lines in ([JOINED + SECOND] if together else [JOINED, SECOND])]
    for one in proposals:
        office.tell(one)
    (filled,) = drafts(office)
    assert {name for name in filled["scope"] if name.startswith("section.")} == {"section.learners", "section.staff"}
    office.now = midnight_in_riga(DAY)
    for one in proposals:
        office.carry_out(one)
    assert len(drafts(office)) == 1
    if together:
        assert mail_to(office, "anna@skola.example", "rights_ended").count("/apply/") == 1


def test_another_day_asks_for_another_application(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    office.give(anna, B)
    _, proposal = office.approved(JOINED + SECOND.replace("2026-09-01", "2026-09-15"))
    office.tell(proposal)
    assert len(drafts(office)) == 2


@pytest.mark.parametrize("repealed", [0, 1, None], ids=["the first", "the second", "both"])
def test_one_application_for_two_orders_goes_when_neither_holds(office: Office, repealed: int | None) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    office.give(anna, B, "staff")
    found = []
    for lines in (JOINED, SECOND):
        ids, proposal = office.approved(lines)
        office.tell(proposal)
        found += ids
    wanted = found if repealed is None else [found[repealed]]
    with office.sessions.begin() as session:
        rows = [orders.order_with(session, one) for one in wanted]
        repeal(session, rows, origin=BY_REVIEWER, at=office.now, reason="tiesa")
    office.take_back(wanted)
    with office.sessions() as session:
        states = session.scalars(select(Application.state)).all()
    assert states == [State.WITHDRAWN if repealed is None else State.DRAFT]


def test_a_long_legal_basis_fits_the_form(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    _, proposal = office.approved(JOINED.replace("1-3/7", "1-3/7" * 50).replace("Domes lēmums", "Domes lēmums " * 22))
    office.tell(proposal)
    with office.sessions.begin() as session:
        application = session.scalars(select(PrefilledDraft)).one().application
        assert len(application.answers["why"]["detail"]) == 500
        for step, given in complete(session, application.answers).items():
            assert save_group(session, application, step, given, at=AT)
        submit(session, application, base_url=URL, door=Door.WEB, at=AT)


def test_the_draft_of_the_day_has_name_and_address_of_the_account_by_then(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    with office.sessions.begin() as session:
        row = session.get_one(Account, anna.id)
        row.email, row.person.surname = "cita@skola.example", "Kalniņa"
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.mails("rights_ended") == ["cita@skola.example"]
    (filled,) = drafts(office)
    assert (filled["user"]["surname"], filled["user"]["email"]) == ("Kalniņa", "cita@skola.example")


@pytest.mark.parametrize("shut", [True, False], ids=["account shut", "account in use"])
def test_a_head_with_another_address_as_signatory_gets_one_mail(office: Office, *, shut: bool) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, A).id,
            person_id=anna.person_id,
            capacity=Capacity.HEAD,
            since=date(2026, 1, 1),
            until=None,
            source="rīkojums",
            email="vaditaja@skola.example",
            origin=BY_REVIEWER,
            at=AT,
        )
    if shut:
        disable(office, anna)
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    expected = ["anna@skola.example", "vaditaja@skola.example"] if shut else ["anna@skola.example"]
    assert office.mails("order_ahead") == expected
    with office.sessions.begin() as session:
        rows = [orders.order_with(session, one) for one in ids]
        repeal(session, rows, origin=BY_REVIEWER, at=office.now, reason="tiesa")
    office.take_back(ids)
    assert office.mails("order_taken_back") == expected
