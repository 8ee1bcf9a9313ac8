"""An order that the check has nothing against can be carried out and taken back: the database never has the last word.

What the constraints of `iam.institutions.models` forbid, the check forbids; what it allows, they allow.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, select
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER
from builders.iam.towns import (
    CODES,
    DAY,
    FRESH,
    SCHOOLS,
    TABLES,
    carry_out,
    change,
    dump,
    made_towns,
    new,
    order,
    recoded,
    school,
    since,
    take_back,
    town,
)
from iam.errors import BadOrders
from iam.ids import MunicipalityId
from iam.institutions.models import (
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    Municipality,
    MunicipalityCode,
)
from iam.orders import service
from iam.orders.models import ChangeKind
from iam.orders.said import Change
from iam.orders.states import OrderState


@pytest.fixture
def towns(session: Session, tmp_path: Path) -> list[MunicipalityId]:
    return made_towns(session, tmp_path)


def held(session: Session, day: date) -> dict[str, int]:
    """Whose each code is on the day."""
    rows = select(MunicipalityCode.atvk, MunicipalityCode.municipality_id)
    return dict(session.execute(rows.where(MunicipalityCode.period.contains(day))).all())


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
