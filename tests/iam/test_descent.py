"""Where a place comes from and what came of it, and what orders did to the rights held there."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, imported
from builders.iam.rights import TODAY, given, opened
from iam.grants import service as grants
from iam.grants.by_place import turns
from iam.grants.evidence import ByOrder, OrderUndone
from iam.grants.models import EndCause, GrantPeriod
from iam.ids import GrantId, OrderId, ScopeId
from iam.institutions import service as institutions
from iam.institutions.particulars import particulars_of
from iam.orders import service
from iam.orders.descent import descent_of
from iam.orders.models import ChangeKind, Order
from iam.orders.said import Change, OrderSaid, PartySaid
from iam.orders.states import OrderState
from iam.periods import riga_day

ALDA, CIRULI = PartySaid(reg_no="4113900001"), PartySaid(reg_no="4213900003")
NEW = PartySaid(reg_no="4113900009", founded_as="Jaunā vidusskola")
HEIR = PartySaid(reg_no="4113900010", founded_as="Mantiniece")


def recorded(
    session: Session, reference: str, effective: date, *changes: Change, state: OrderState | None = OrderState.APPROVED
) -> Order:
    said = OrderSaid(reference=reference, legal_basis="Domes lēmums", effective=effective, changes=changes)
    (row,) = service.draft(session, [said], origin=BY_REVIEWER, at=AT)
    if state is not None:
        service.move(session, row, state, origin=BY_REVIEWER, at=AT)
    return row


@pytest.fixture
def line(session: Session, tmp_path: Path) -> list[Order]:
    """Two schools merged, what came of them transformed two years later, and one renamed in between."""
    imported(session, tmp_path)
    merged = Change(kind=ChangeKind.MERGED, sources=(ALDA, CIRULI), targets=(NEW,))
    renamed = Change(kind=ChangeKind.RENAMED, sources=(ALDA,), new_name="Aldas ģimnāzija")
    transformed = Change(kind=ChangeKind.TRANSFORMED, sources=(PartySaid(reg_no=NEW.reg_no),), targets=(HEIR,))
    return [
        recorded(session, "1", date(2027, 1, 1), renamed),
        recorded(session, "2", date(2027, 9, 1), merged),
        recorded(session, "3", date(2029, 9, 1), transformed),
    ]


@pytest.mark.usefixtures("line")
def test_a_line_goes_back_to_what_a_place_came_of_and_on_to_what_came_of_it(session: Session) -> None:
    told = descent_of(session, ALDA.key)
    assert [(step.reference, step.kind, step.sources, step.targets) for step in told.steps] == [
        ("1", ChangeKind.RENAMED, (ALDA.key,), ()),
        ("2", ChangeKind.MERGED, (ALDA.key, CIRULI.key), (NEW.key,)),
        ("3", ChangeKind.TRANSFORMED, (NEW.key,), (HEIR.key,)),
    ]
    assert {key: (kin.name, kin.recorded) for key, kin in told.places.items() if key in {NEW.key, HEIR.key}} == {
        NEW.key: ("Jaunā vidusskola", False),
        HEIR.key: ("Mantiniece", False),
    }
    backwards = descent_of(session, HEIR.key)
    assert [step.reference for step in backwards.steps] == ["2", "3"], "the renaming is the school's own line"
    assert backwards.whole


@pytest.mark.usefixtures("line")
def test_the_line_of_one_of_two_that_were_merged_leaves_out_what_the_other_did_before(session: Session) -> None:
    assert [step.reference for step in descent_of(session, CIRULI.key).steps] == ["2", "3"]


def test_what_was_only_drafted_or_was_repealed_is_no_history(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    closed = Change(kind=ChangeKind.CLOSED, sources=(ALDA,))
    order = recorded(session, "1", date(2027, 1, 1), closed, state=None)
    assert descent_of(session, ALDA.key).steps == ()
    service.move(session, order, OrderState.APPROVED, origin=BY_REVIEWER, at=AT)
    assert [step.applied for step in descent_of(session, ALDA.key).steps] == [False]
    service.move(session, order, OrderState.REPEALED, origin=BY_REVIEWER, at=AT, reason="Tiesa")
    assert descent_of(session, ALDA.key).steps == ()


def test_what_was_undone_stays_in_the_line_with_the_day_of_its_undoing(session: Session, line: list[Order]) -> None:
    merged = line[1]
    for days, state in ((400, OrderState.APPLYING), (401, OrderState.APPLIED)):
        service.move(session, merged, state, origin=BY_REVIEWER, at=AT + timedelta(days=days))
    assert [step.undone for step in descent_of(session, ALDA.key).steps] == [None, None, None]
    for days, state in ((408, OrderState.UNDOING), (409, OrderState.UNDONE)):
        service.move(session, merged, state, origin=BY_REVIEWER, at=AT + timedelta(days=days), reason="Kļūda")
        undone = riga_day(AT + timedelta(days=days)) if state is OrderState.UNDONE else None
        told = [(step.reference, step.applied, step.undone) for step in descent_of(session, ALDA.key).steps]
        assert told == [("1", False, None), ("2", True, undone), ("3", False, None)]


def test_rights_that_orders_ended_and_gave_back_are_counted_by_day(session: Session, line: list[Order]) -> None:
    scope = ScopeId(institutions.scope_of_institution(session, "4113900001").id)
    account = opened(session)
    rights = [given(session, account, scope, section) for section in ("learners", "staff", "reports")]
    eve = TODAY + timedelta(days=9)
    order = OrderId(line[1].id), line[1].digest
    for right, cause, because in (
        (rights[0], EndCause.REORGANISATION, ByOrder(*order)),
        (rights[1], EndCause.REORGANISATION, ByOrder(*order)),
        (rights[2], EndCause.IZM, None),
    ):
        grants.end_all(
            session,
            [grants.End(GrantId(right.id), eve)],
            cause=cause,
            because=because,
            origin=BY_REVIEWER,
            at=AT + timedelta(hours=1),
        )
    back = TODAY + timedelta(days=20)
    grants.reinstate_all(
        session,
        session.scalars(
            select(GrantPeriod).where(GrantPeriod.grant_id == rights[0].id, func.upper_inf(GrantPeriod.recorded))
        ).all(),
        because=OrderUndone(*order),
        origin=BY_REVIEWER,
        at=AT + timedelta(days=20),
    )
    assert [(one.scope, one.day, one.ended, one.again) for one in turns(session, [scope])] == [
        (scope, eve + timedelta(days=1), 2, 0),
        (scope, back, 0, 1),
    ]
    assert turns(session, []) == []


def test_the_particulars_of_a_place_say_how_long_each_held(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    school = institutions.place_by_code(session, ALDA.key)
    told = particulars_of(session, school)
    assert [name for name, _, until in told.names if until is None] == [
        institutions.place_name(session, school, on=TODAY)
    ]
    *_, (town, _, until) = told.municipalities
    assert (len(told.municipalities), until) == (2, None), "before the reform and after it"
    assert told.scope_id is None, "no right was ever given there"
    (hit,) = (one for one in institutions.municipalities(session) if one.name == town)
    of_town = particulars_of(session, institutions.place_by_code(session, f"m-{hit.id}"))
    assert [name for name, _, _ in of_town.names] == [town]
    assert [code for code, _, _ in of_town.codes] == [hit.atvk]
    assert particulars_of(session, institutions.place_by_code(session, "s")).names == ()
