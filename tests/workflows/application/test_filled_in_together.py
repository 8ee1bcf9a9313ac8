"""Many applications are filled in at once as each is alone, and in as many statements as a few."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

from builders.iam.register import BY_REVIEWER
from builders.iam.rights import many_accounts
from builders.workflows.office import Office
from iam import audit
from iam.audit import AuditEntry
from iam.grants.models import Account, Level
from iam.ids import AccountId, OrderId
from iam.orders import service as orders
from iam.orders.models import Order
from workflows.application import events, prefilled
from workflows.application.kinds.rights_kind import Wish
from workflows.application.links import open_draft
from workflows.application.models import PrefilledDraft
from workflows.application.states import State
from workflows.reorganisation.checking import checked
from workflows.reorganisation.order_files import read_orders

OTHER, THIRD = "i-9013900114", "i-9013900107"
LINES = "reference,legal_basis,effective,change,sources,targets\n1,Domes lēmums,{day},joined,9013900107,9013900114\n"


@pytest.fixture
def order(office: Office, sessions: sessionmaker[Session]) -> OrderId:
    """An order that joins a school to another one in ten days."""
    lines = LINES.format(day=office.today + timedelta(days=10))
    with sessions.begin() as session:
        said = checked(session, read_orders(lines.encode())).orders
        (row,) = orders.draft(session, said, origin=BY_REVIEWER, at=office.now)
        return OrderId(row.id)


def wanted(session: Session, order: OrderId, accounts: list[AccountId], *places: str) -> list[prefilled.ToFillIn]:
    row = session.get_one(Order, order)
    return [
        prefilled.ToFillIn(account, row, wish(account, place, row))
        for account in (session.get_one(Account, one) for one in accounts)
        for place in places
    ]


def wish(account: Account, place: str, row: Order) -> Wish:
    return Wish(
        given_name=account.person.given_name,
        surname=account.person.surname,
        email=account.email,
        phone="",
        place=place,
        sections={"learners": Level.EDIT},
        since=row.effective,
        until=None,
        reason="1, Domes lēmums",
    )


def fill_in(session: Session, office: Office, some: list[prefilled.ToFillIn]) -> list[str]:
    return prefilled.fill_in(session, some, base_url="https://viis.example", origin=BY_REVIEWER, at=office.now)


def test_many_take_as_many_statements_as_a_few(office: Office, sessions: sessionmaker[Session], order: OrderId) -> None:
    counts = []
    with sessions() as session:
        ids = many_accounts(session, 45)
        for some in (ids[:4], ids[4:]):
            made = wanted(session, order, some, OTHER)
            asked: list[object] = []
            event.listen(session.connection(), "before_cursor_execute", seen := lambda *said, to=asked: to.append(said))
            assert len(set(fill_in(session, office, made))) == len(some)
            event.remove(session.connection(), "before_cursor_execute", seen)
            counts.append(len(asked))
    assert counts[1] <= counts[0]
    assert counts[0] < 15


def test_each_link_opens_its_own_application_and_each_act_is_recorded_once(
    office: Office, sessions: sessionmaker[Session], order: OrderId
) -> None:
    with sessions.begin() as session:
        some = wanted(session, order, many_accounts(session, 12), OTHER, THIRD)
        before = session.scalars(select(func.count()).select_from(AuditEntry)).one()
        addresses = fill_in(session, office, some)
        for one, address in zip(some, addresses, strict=True):
            draft = open_draft(session, address.partition("?")[0].rpartition("/")[2])
            found = session.get_one(PrefilledDraft, draft.id)
            assert (found.account_id, order, found.place) == (one.account.id, found.order_id, one.wish.place)
            assert draft.answers["user"]["email"] == one.account.email
            assert (draft.state, draft.language) == (State.DRAFT, one.account.language)
            assert draft.expires_at is not None
            assert draft.expires_at > office.now + timedelta(days=10)
            told = [event.tag for event in events.history(session, draft)]
            assert told == ["application:started", "application:filled_in"]
            kept = audit.newest(session, subject=draft.subject)
            assert [entry.tag for entry in reversed(kept)] == told
            assert kept[0].details == {"order": "1", "account": one.account.username}
            assert events.history(session, draft)[1].details == kept[0].details
        after = session.scalars(select(func.count()).select_from(AuditEntry)).one()
        assert after - before == 2 * len(some)


def test_what_is_there_already_gets_another_link_and_what_is_new_is_begun(
    office: Office, sessions: sessionmaker[Session], order: OrderId
) -> None:
    with sessions.begin() as session:
        ids = many_accounts(session, 6)
        first = fill_in(session, office, wanted(session, order, ids[:3], OTHER))
        ended = session.scalars(select(PrefilledDraft).where(PrefilledDraft.account_id == ids[0])).one()
        ended.application.state = State.WITHDRAWN
        session.flush()
        again = fill_in(session, office, wanted(session, order, ids, OTHER))
        assert again[0] == ""
        assert all(again[1:])
        assert not set(first) & set(again)
        assert session.scalars(select(func.count()).select_from(PrefilledDraft)).one() == 6
        assert fill_in(session, office, []) == []
