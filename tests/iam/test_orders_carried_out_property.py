"""Whatever is drawn: what passes the check is carried out and taken back, and the register is row by row as before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER
from builders.iam.towns import (
    CODES,
    DAY,
    FRESH,
    SCHOOLS,
    carry_out,
    change,
    dump,
    made_towns,
    new,
    order,
    recoded,
    school,
    take_back,
    town,
)
from iam.ids import MunicipalityId
from iam.orders import service
from iam.orders.models import ChangeKind, Order
from iam.orders.said import Change, OrderSaid

LATER = DAY + timedelta(days=30)


@pytest.fixture
def towns(session: Session, tmp_path: Path) -> list[MunicipalityId]:
    return made_towns(session, tmp_path)


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
