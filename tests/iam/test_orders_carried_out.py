"""An order that the check has nothing against can be carried out and taken back: the database never has the last word.

What the constraints of `iam.institutions.models` forbid, the check forbids; what it allows, they allow.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, delete, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, imported
from iam.base import Base
from iam.errors import BadOrders
from iam.ids import MunicipalityId
from iam.institutions.models import (
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    Municipality,
    MunicipalityCode,
    MunicipalityName,
)
from iam.orders import places, service
from iam.orders.models import ChangeKind, Order
from iam.orders.said import Change, OrderSaid, PartySaid
from iam.orders.states import OrderState

DAY = date(2026, 9, 1)
LATER = DAY + timedelta(days=30)
TABLES: tuple[Any, ...] = (
    Institution,
    InstitutionName,
    InstitutionMunicipality,
    Municipality,
    MunicipalityName,
    MunicipalityCode,
)
CODES = [f"009{number}000" for number in range(6)]
FRESH = ["0097000", "0098000"]
SCHOOLS = ("4113900001", "4101900002", "4213900003")


@pytest.fixture
def towns(session: Session, tmp_path: Path) -> list[MunicipalityId]:
    """Six municipalities with a code each, three schools in them; the last code begins on the day itself."""
    imported(session, tmp_path)
    for model in (InstitutionMunicipality, MunicipalityName, MunicipalityCode, Municipality):
        session.execute(delete(model))
    made = []
    for number, code in enumerate(CODES):
        town = Municipality(period=since(None))
        town.names.append(MunicipalityName(name=f"{number}. novads", search_key="", sort_key="", period=since(None)))
        first = DAY if code == CODES[-1] else None
        if first is not None:
            before = MunicipalityCode(atvk="0096999", period=Range(None, first, bounds="[)"))
            town.codes.append(before)
        town.codes.append(MunicipalityCode(atvk=code, period=since(first)))
        session.add(town)
        session.flush()
        made.append(MunicipalityId(town.id))
    for school, town_id in zip(SCHOOLS, made, strict=False):
        found = session.scalars(select(Institution).where(Institution.reg_no == school)).one()
        session.add(InstitutionMunicipality(institution_id=found.id, municipality_id=town_id, period=since(None)))
    session.flush()
    return made


def since(first: date | None) -> Range[date]:
    return Range(first, None, bounds="[)")


def dump(session: Session) -> set[tuple[object, ...]]:
    """Everything the register says, row by row."""
    session.expire_all()
    return {
        (model.__tablename__, *(str(getattr(row, column.key)) for column in model.__table__.columns))
        for model in TABLES
        for row in session.scalars(select(model))
    }


def town(id_: int) -> PartySaid:
    return PartySaid(municipality=MunicipalityId(id_))


def new(code: str, name: str = "Jaunais novads") -> PartySaid:
    return PartySaid(atvk=code, founded_as=name)


def school(number: str, name: str | None = None) -> PartySaid:
    return PartySaid(reg_no=number, founded_as=name)


def change(kind: ChangeKind, *sources: PartySaid, into: tuple[PartySaid, ...] = (), **how: str) -> Change:
    return Change(kind=kind, sources=sources, targets=into, **how)


def recoded(id_: int, code: str) -> Change:
    return change(ChangeKind.RECODED, town(id_), new_atvk=code)


def order(*changes: Change, reference: str = "1", effective: date = DAY) -> OrderSaid:
    return OrderSaid(reference=reference, legal_basis="Domes lēmums", effective=effective, changes=changes)


def carry_out(session: Session, rows: list[Order]) -> None:
    for row in rows:
        service.move(session, row, OrderState.APPROVED, origin=BY_REVIEWER, at=AT)
        places.found_targets(session, row, origin=BY_REVIEWER, at=AT)
    for row in sorted(rows, key=lambda one: (one.effective, one.id)):
        places.change_places(session, row, origin=BY_REVIEWER, at=AT)


def take_back(session: Session, rows: list[Order]) -> None:
    for row in sorted(rows, key=lambda one: (one.effective, one.id), reverse=True):
        service.move(session, row, OrderState.APPLYING, origin=BY_REVIEWER, at=AT)
        service.move(session, row, OrderState.UNDOING, origin=BY_REVIEWER, at=AT)
        places.put_places_back(session, row, origin=BY_REVIEWER, at=AT)


def held(session: Session, day: date) -> dict[str, int]:
    """Whose each code is on the day."""
    rows = select(MunicipalityCode.atvk, MunicipalityCode.municipality_id)
    return dict(session.execute(rows.where(MunicipalityCode.period.contains(day))).all())


@contextmanager
def forgotten(session: Session) -> Iterator[None]:
    """Do something in the database and have it undone."""
    session.expire_all()
    kept = session.begin_nested()
    try:
        yield
    finally:
        kept.rollback()
        session.expire_all()


WRITABLE: dict[str, Callable[[list[MunicipalityId]], tuple[list[Change], dict[int, str]]]] = {
    "a chain": lambda t: ([recoded(t[0], CODES[1]), recoded(t[1], FRESH[0])], {0: CODES[1], 1: FRESH[0]}),
    "a chain, the other way round": lambda t: (
        [recoded(t[1], FRESH[0]), recoded(t[0], CODES[1])],
        {0: CODES[1], 1: FRESH[0]},
    ),
    "a swap": lambda t: ([recoded(t[0], CODES[1]), recoded(t[1], CODES[0])], {0: CODES[1], 1: CODES[0]}),
    "three in a ring": lambda t: (
        [recoded(t[0], CODES[1]), recoded(t[1], CODES[2]), recoded(t[2], CODES[0])],
        {0: CODES[1], 1: CODES[2], 2: CODES[0]},
    ),
    "the code of one that is closed": lambda t: (
        [recoded(t[0], CODES[1]), change(ChangeKind.CLOSED, town(t[1]))],
        {0: CODES[1]},
    ),
    "the code of one that is joined to it": lambda t: (
        [recoded(t[0], CODES[1]), change(ChangeKind.JOINED, town(t[1]), into=(town(t[0]),))],
        {0: CODES[1]},
    ),
    "a new one with the code of a source": lambda t: (
        [change(ChangeKind.MERGED, town(t[0]), town(t[1]), into=(new(CODES[1]),))],
        {-1: CODES[1]},
    ),
    "a new one with the code of one that gets that of a source": lambda t: (
        [
            change(ChangeKind.MERGED, town(t[0]), town(t[1]), into=(new(CODES[2]),)),
            recoded(t[2], CODES[0]),
        ],
        {-1: CODES[2], 2: CODES[0]},
    ),
    "a part becomes new under the code its source gives up": lambda t: (
        [change(ChangeKind.PART_SPLIT_OFF, town(t[0]), into=(new(CODES[0]),)), recoded(t[0], FRESH[1])],
        {-1: CODES[0], 0: FRESH[1]},
    ),
    "a split whose parts take its code and another's": lambda t: (
        [
            change(ChangeKind.SPLIT, town(t[0]), into=(new(CODES[0], "A"), new(CODES[1], "B"))),
            recoded(t[1], FRESH[0]),
        ],
        {1: FRESH[0]},
    ),
    "what the register knows already": lambda t: ([recoded(t[5], CODES[5])], {5: CODES[5]}),
    "other than the register says of that day": lambda t: ([recoded(t[5], FRESH[0])], {5: FRESH[0]}),
}


@pytest.mark.parametrize("case", WRITABLE.values(), ids=WRITABLE)
def test_a_code_that_is_freed_on_the_day_may_be_given_on_it_whatever_the_order_of_lines(
    session: Session, towns: list[MunicipalityId], case: Callable[..., tuple[list[Change], dict[int, str]]]
) -> None:
    changes, expected = case(towns)
    before = dump(session)
    rows = service.draft(session, [order(*changes)], origin=BY_REVIEWER, at=AT)
    carry_out(session, rows)
    now = held(session, DAY)
    for number, code in expected.items():
        if number >= 0:
            assert now[code] == towns[number]
        else:
            assert now[code] not in towns
    take_back(session, rows)
    assert dump(session) == before


def test_what_two_orders_of_one_day_free_and_give_is_carried_out_one_after_the_other(
    session: Session, towns: list[MunicipalityId]
) -> None:
    frees = order(recoded(towns[1], FRESH[0]), reference="frees")
    takes = order(recoded(towns[0], CODES[1]), reference="takes")
    before = dump(session)
    rows = service.draft(session, [frees, takes], origin=BY_REVIEWER, at=AT)
    carry_out(session, rows)
    assert held(session, DAY)[CODES[1]] == towns[0]
    take_back(session, rows)
    assert dump(session) == before
    for row in rows:
        service.move(session, row, OrderState.UNDONE, origin=BY_REVIEWER, at=AT)
    (wrong,) = service.problems_beside_waiting(session, [takes, frees])
    assert (wrong.code, wrong.reference, wrong.beside) == ("code.freed_later", "takes", ("frees", 1))


# What a constraint forbids, by its name; each is named by the check under the code beside it.
FORBIDDEN: dict[str, tuple[str, Callable[[list[MunicipalityId]], list[Change]]]] = {
    "ex_municipality_codes_one_owner": ("code.taken", lambda t: [recoded(t[0], CODES[1])]),
    "ex_municipality_codes_one_owner, of what is founded": (
        "code.taken",
        lambda t: [change(ChangeKind.PART_SPLIT_OFF, town(t[0]), into=(new(CODES[1]),))],
    ),
    "ex_municipality_codes_one_owner, twice on the day": (
        "code.given",
        lambda t: [recoded(t[0], FRESH[0]), recoded(t[1], FRESH[0])],
    ),
    "ex_municipality_codes_one_owner, founded and recoded": (
        "code.given",
        lambda t: [
            change(ChangeKind.MERGED, town(t[0]), town(t[1]), into=(new(FRESH[0]),)),
            recoded(t[2], FRESH[0]),
        ],
    ),
    "ex_municipality_codes_one_owner, in time to come": (
        "code.taken",
        lambda t: [change(ChangeKind.PART_SPLIT_OFF, town(t[0]), into=(new(CODES[5]),))],
    ),
    "ex_municipality_codes_one_at_a_time": (
        "recoded.twice",
        lambda t: [recoded(t[0], FRESH[0]), recoded(t[0], FRESH[1])],
    ),
    "ex_municipality_names_one_at_a_time": (
        "renamed.twice",
        lambda t: [change(ChangeKind.RENAMED, town(t[0]), new_name=name) for name in ("A", "B")],
    ),
    "ex_institution_names_one_at_a_time": (
        "renamed.twice",
        lambda _: [change(ChangeKind.RENAMED, school(SCHOOLS[0]), new_name=name) for name in ("A", "B")],
    ),
    "ex_institution_municipalities_one_at_a_time": (
        "source.ends_twice",
        lambda t: [change(ChangeKind.JOINED, town(t[0]), into=(town(into),)) for into in (t[1], t[2])],
    ),
    "uq_institutions_reg_no": (
        "founded.exists",
        lambda _: [change(ChangeKind.TRANSFORMED, school(SCHOOLS[0]), into=(school(SCHOOLS[1], "Jaunā"),))],
    ),
    "uq_institutions_reg_no, twice in the order": (
        "founded.exists",
        lambda _: [
            change(ChangeKind.TRANSFORMED, school(one), into=(school("4113900009", "Jaunā"),)) for one in SCHOOLS[:2]
        ],
    ),
    "ck_institutions_reg_no_ten_digits": (
        "party.shape",
        lambda _: [change(ChangeKind.TRANSFORMED, school(SCHOOLS[0]), into=(school("411390", "Jaunā"),))],
    ),
    "ck_municipality_codes_atvk_seven_digits": ("code.shape", lambda t: [recoded(t[0], "009")]),
    "ck_municipality_codes_atvk_seven_digits, of what is founded": (
        "party.shape",
        lambda t: [change(ChangeKind.PART_SPLIT_OFF, town(t[0]), into=(new("٠٠٩٠٠٠٠"),))],
    ),
    "ck_municipality_names_named": (
        "target.unnamed",
        lambda t: [change(ChangeKind.PART_SPLIT_OFF, town(t[0]), into=(new(FRESH[0], "  "),))],
    ),
    "ck_institution_names_named": (
        "new_name.missing",
        lambda _: [change(ChangeKind.RENAMED, school(SCHOOLS[0]), new_name="\u00a0 ")],
    ),
}
# A period would be empty where what ends has not begun before: `party.not_yet`, which no row can say otherwise.
EMPTY = {f"ck_{model.__tablename__}_period_not_empty" for model in TABLES}


@pytest.mark.parametrize(("code", "case"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_the_database_forbids_is_named_before_anything_is_written(
    session: Session, towns: list[MunicipalityId], code: str, case: Callable[[list[MunicipalityId]], list[Change]]
) -> None:
    said = order(*case(towns))
    assert code in {one.code for one in service.problems_beside_waiting(session, [said])}
    with pytest.raises(BadOrders):
        service.draft(session, [said], origin=BY_REVIEWER, at=AT)


@pytest.mark.parametrize("model", TABLES)
def test_no_period_becomes_empty(session: Session, towns: list[MunicipalityId], model: Any) -> None:  # noqa: ANN401
    """What begins on the day cannot end, be renamed or get a code on it; what begins later not either."""
    institution = model in (Institution, InstitutionName, InstitutionMunicipality)
    begins = DAY + timedelta(days=3)
    made: Institution | Municipality
    if institution:
        made = session.scalars(select(Institution).where(Institution.reg_no == SCHOOLS[0])).one()
    else:
        made = session.get_one(Municipality, towns[0])
    made.period = since(begins)
    session.flush()
    party = school(SCHOOLS[0]) if institution else town(towns[0])
    for day in (DAY, begins):
        for one in (change(ChangeKind.CLOSED, party), change(ChangeKind.RENAMED, party, new_name="Cits")):
            found = service.problems_beside_waiting(session, [order(one, effective=day)])
            assert {problem.code for problem in found} == {"party.not_yet"}


def test_every_constraint_of_the_register_has_its_case() -> None:
    names = {
        str(constraint.name)
        for model in TABLES
        for constraint in model.__table__.constraints
        if not isinstance(constraint, (PrimaryKeyConstraint, ForeignKeyConstraint))
    }
    assert {name.partition(",")[0] for name in FORBIDDEN} | EMPTY == names
    assert all(
        isinstance(one, CheckConstraint)
        for one in Base.metadata.tables["municipalities"].constraints
        if one.name in EMPTY
    )


def _orders(towns: list[MunicipalityId]) -> st.SearchStrategy[list[OrderSaid]]:
    codes = st.sampled_from([*CODES, *FRESH])
    each = st.sampled_from(towns).map(town)
    founded = st.builds(new, codes, st.sampled_from(["Jaunais novads", "Otrs novads"]))
    into = st.one_of(each, founded)
    schools = st.sampled_from(SCHOOLS).map(school)
    several = st.lists(each, min_size=2, max_size=3, unique=True)
    changes = st.one_of(
        st.builds(recoded, st.sampled_from(towns), codes),
        st.builds(recoded, st.sampled_from(towns), codes),
        st.builds(lambda sources, one: change(ChangeKind.MERGED, *sources, into=(one,)), several, founded),
        st.builds(lambda source, one: change(ChangeKind.JOINED, source, into=(one,)), each, each),
        st.builds(lambda source, one: change(ChangeKind.PART_SPLIT_OFF, source, into=(one,)), each, into),
        st.builds(
            lambda source, targets: change(ChangeKind.SPLIT, source, into=tuple(targets)),
            each,
            st.lists(into, min_size=2, max_size=2, unique=True),
        ),
        st.builds(lambda one, name: change(ChangeKind.RENAMED, one, new_name=name), each, st.sampled_from("ABC")),
        st.builds(lambda one: change(ChangeKind.CLOSED, one), st.one_of(each, schools)),
        st.builds(
            lambda one, number: change(ChangeKind.TRANSFORMED, one, into=(school(number, "Jaunā"),)),
            schools,
            st.sampled_from(["4113900008", "4113900009"]),
        ),
        st.builds(lambda one, name: change(ChangeKind.RENAMED, one, new_name=name), schools, st.sampled_from("ABC")),
    )
    return st.lists(
        st.builds(
            lambda said, day: order(*said, effective=day),
            st.lists(changes, min_size=1, max_size=4),
            st.sampled_from([DAY, LATER]),
        ),
        min_size=1,
        max_size=3,
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_passes_the_check_can_be_carried_out_and_taken_back(
    session: Session, towns: list[MunicipalityId], data: st.DataObject
) -> None:
    drawn = data.draw(_orders(towns))
    with forgotten(session):
        before = dump(session)
        rows: list[Order] = []
        for number, said in enumerate(drawn, start=1):
            numbered = OrderSaid(
                reference=str(number),
                legal_basis="L",
                effective=said.effective,
                changes=_passing(session, said, number),
            )
            if numbered.changes:
                rows += service.draft(session, [numbered], origin=BY_REVIEWER, at=AT)
        event(f"{sum(len(row.changes) for row in rows)} changes")
        carry_out(session, rows)
        take_back(session, rows)
        assert dump(session) == before


def _passing(session: Session, said: OrderSaid, number: int) -> tuple[Change, ...]:
    """Leave out the changes that the check names, until it names none."""
    kept = list(said.changes)
    while kept:
        tried = OrderSaid(reference=str(number), legal_basis="L", effective=said.effective, changes=tuple(kept))
        wrong = service.problems_beside_waiting(session, [tried])
        if not wrong:
            break
        positions = [one.position if one.reference == str(number) else (one.beside or ("", 1))[1] for one in wrong]
        del kept[max(positions) - 1]
    return tuple(kept)
