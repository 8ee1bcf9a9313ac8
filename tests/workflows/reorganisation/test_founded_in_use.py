"""What an order founded goes when the order is taken back, unless something leads to it; nothing of that can fail."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from builders.iam.register import BY_REVIEWER, person
from iam import letters
from iam.audit import Door
from iam.errors import Unknown
from iam.ids import InstitutionId, MunicipalityId, OrderId
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import (
    Capacity,
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    Municipality,
    MunicipalityCode,
    MunicipalityName,
)
from iam.orders import service as orders
from iam.orders.models import Order, OrderParty
from iam.orders.places import change_places, found_targets, put_places_back
from iam.orders.states import OrderState
from iam.orders.staying import staying
from iam.periods import riga_day
from tests.workflows.reorganisation.office import AT, DAY, SYSTEM, Office
from workflows import staff
from workflows.reorganisation.taking_back import repeal
from workflows.staff import Role

MERGED = "1,Likums,2026-09-01,merged,0099000|0099100,0099200=Jaunais novads,,\n"
TRANSFORMED = "1,Lēmums,2026-09-01,transformed,4113900001,4113900009=Aldas ģimnāzija,,\n"
LATER = DAY + timedelta(days=10)
Founded = Municipality | Institution
Use = Callable[[Session, Founded], object]


def from_(day: date, end: date | None = None) -> Range[date]:
    return Range(day, end, bounds="[)")


def named(name: str) -> dict[str, str]:
    return {"name": name, "search_key": letters.fold(name), "sort_key": letters.sort_key(name)}


def carried_out(session: Session, row: Order) -> Founded:
    """Found what the order founds and change the register, as on its day."""
    for state in (OrderState.APPROVED, OrderState.APPLYING):
        orders.move(session, row, state, origin=BY_REVIEWER, at=AT)
    found_targets(session, row, origin=BY_REVIEWER, at=AT)
    change_places(session, row, origin=BY_REVIEWER, at=AT)
    return founded(session) or pytest.fail("nothing was founded")


def founded(session: Session) -> Founded | None:
    school = session.scalar(select(Institution).where(Institution.reg_no == "4113900009"))
    code = session.scalar(select(MunicipalityCode).where(MunicipalityCode.atvk == "0099200"))
    return school or (None if code is None else code.municipality)


def code_of(place: Founded) -> str:
    return f"i-{place.reg_no}" if isinstance(place, Institution) else f"m-{place.id}"


def period_of(session: Session, code: str) -> Range[date]:
    kind, _, number = code.partition("-")
    if kind == "m":
        return session.get_one(Municipality, int(number)).period
    return session.scalars(select(Institution.period).where(Institution.reg_no == number)).one()


def school_numbered(session: Session, number: str) -> InstitutionId:
    return InstitutionId(session.scalars(select(Institution.id).where(Institution.reg_no == number)).one())


def a_school_lies_there(session: Session, place: Founded, *, until: date | None = None) -> None:
    school = school_numbered(session, "4260800004")
    place_id = MunicipalityId(place.id)
    session.add(InstitutionMunicipality(institution_id=school, municipality_id=place_id, period=from_(DAY, until)))


def a_consultant_works_there(session: Session, place: Founded) -> None:
    roles, of = {Role.CONSULTANT}, MunicipalityId(place.id)
    staff.add(session, "zane", name="Zane", roles=roles, municipality_id=of, by=SYSTEM, door=Door.CLI, at=AT)


def it_got_another_name(session: Session, place: Founded) -> None:
    if isinstance(place, Institution):
        names: list[InstitutionName] | list[MunicipalityName] = place.names
        made: object = InstitutionName(institution_id=place.id, period=from_(LATER), **named("Cits"))
    else:
        names, made = place.names, MunicipalityName(municipality_id=place.id, period=from_(LATER), **named("Cits"))
    names[0].period = from_(DAY, LATER)
    session.flush()
    session.add(made)


def it_got_another_code(session: Session, place: Founded) -> None:
    assert isinstance(place, Municipality)
    place.codes[0].period = from_(DAY, LATER)
    session.flush()
    session.add(MunicipalityCode(municipality_id=place.id, atvk="0099300", period=from_(LATER)))


def somebody_may_sign(session: Session, place: Founded, *, until: date | None = None) -> None:
    record_signatory(
        session,
        scope_id=institutions.scope_by_code(session, code_of(place)).id,
        person_id=person(session, "Ilze Kalna").id,
        capacity=Capacity.HEAD,
        since=DAY,
        until=until,
        source="rīkojums",
        origin=BY_REVIEWER,
        at=AT,
    )


def a_case_is_about_it(session: Session, place: Founded) -> None:
    scope = institutions.scope_by_code(session, code_of(place)).id
    session.execute(
        text(
            "INSERT INTO proposals (kind, subject, scope_id, payload, shown, count, seen_digest, rests_on, parties,"
            " state, reason, proposed_by, proposed_at, expires_at, end_reason)"
            " VALUES ('x', 'x', :scope, '{}', '{}', 1, repeat('0', 64), '{}', '{}', 'proposed', '', 'inese.kalna',"
            " now(), now() + interval '1 day', '')"
        ),
        {"scope": scope},
    )


def it_moved_to_another_novads(session: Session, place: Founded) -> None:
    assert isinstance(place, Institution)
    place.memberships[0].period = from_(DAY, LATER)
    session.flush()
    other = session.scalars(select(MunicipalityCode.municipality_id).where(MunicipalityCode.atvk == "0099100")).one()
    session.add(InstitutionMunicipality(institution_id=place.id, municipality_id=other, period=from_(LATER)))


def another_order_names_it(session: Session, place: Founded) -> None:
    number = place.reg_no if isinstance(place, Institution) else None
    session.execute(
        text(
            "WITH o AS (INSERT INTO orders (reference, legal_basis, effective, state, digest, recorded_by, recorded_at)"
            " VALUES ('2', 'Likums', '2027-01-01', 'undoing', repeat('0', 64), 'x', now()) RETURNING id),"
            " c AS (INSERT INTO order_changes (order_id, position, kind, new_name)"
            " SELECT id, 1, 'renamed', 'Cits' FROM o RETURNING id)"
            " INSERT INTO order_parties (change_id, side, reg_no, institution_id, municipality_id)"
            " SELECT id, 'source', :number, :school, :novads FROM c"
        ),
        {"number": number, "school": place.id if number else None, "novads": None if number else place.id},
    )


def only_its_scope_was_asked_for(session: Session, place: Founded) -> None:
    institutions.scope_by_code(session, code_of(place))


def nothing(session: Session, place: Founded) -> None:
    del session, place


OVER = DAY + timedelta(days=1)
USES: dict[str, tuple[str, Use, str, bool]] = {
    # what was founded, what happened to it since, the table that leads to it, whether it goes on
    "a school lies in it": (MERGED, a_school_lies_there, "institution_municipalities", True),
    "a school lay in it": (
        MERGED,
        lambda session, place: a_school_lies_there(session, place, until=OVER),
        "institution_municipalities",
        False,
    ),
    "a consultant": (MERGED, a_consultant_works_there, "staff", False),
    "another name": (MERGED, it_got_another_name, "municipality_names", False),
    "another code": (MERGED, it_got_another_code, "municipality_codes", False),
    "a signatory": (MERGED, somebody_may_sign, "signatories", True),
    "a signatory of a day": (
        MERGED,
        lambda session, place: somebody_may_sign(session, place, until=DAY),
        "signatories",
        False,
    ),
    "a case": (MERGED, a_case_is_about_it, "proposals", False),
    "an order": (MERGED, another_order_names_it, "order_parties", False),
    "a school's name": (TRANSFORMED, it_got_another_name, "institution_names", False),
    "a school's head": (TRANSFORMED, somebody_may_sign, "signatories", True),
    "a school's novads": (TRANSFORMED, it_moved_to_another_novads, "institution_municipalities", False),
    "a school's case": (TRANSFORMED, a_case_is_about_it, "proposals", False),
    "a school's order": (TRANSFORMED, another_order_names_it, "order_parties", False),
}


@pytest.mark.parametrize(("lines", "use", "by", "goes_on"), USES.values(), ids=USES)
def test_a_founded_place_that_something_leads_to_stays_and_says_what(
    office: Office, lines: str, use: Use, by: str, *, goes_on: bool
) -> None:
    ids = office.record(lines)
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        place = carried_out(session, row)
        kept = code_of(place)
        use(session, place)
        session.flush()
        session.expire_all()
        (told,) = staying(session, [row], today=riga_day(AT))
        assert (told.goes_on, {name for name, count in told.uses.items() if count}) == (goes_on, {by})
        assert len(put_places_back(session, row, origin=BY_REVIEWER, at=AT)) == 1
    with office.sessions() as session:
        assert period_of(session, kept) == from_(DAY, None if goes_on else OVER)


@pytest.mark.parametrize("lines", [MERGED, TRANSFORMED])
@pytest.mark.parametrize("use", [nothing, only_its_scope_was_asked_for])
def test_a_founded_place_that_nothing_leads_to_goes(office: Office, lines: str, use: Use) -> None:
    ids = office.record(lines)
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        use(session, carried_out(session, row))
        session.flush()
        assert staying(session, [row], today=riga_day(AT)) == []
        assert put_places_back(session, row, origin=BY_REVIEWER, at=AT) == ()
    with office.sessions.begin() as session:
        assert founded(session) is None
        orders.move(session, orders.order_with(session, ids[0]), OrderState.UNDOING, origin=BY_REVIEWER, at=AT)
        orders.move(session, orders.order_with(session, ids[0]), OrderState.UNDONE, origin=BY_REVIEWER, at=AT)
    office.record(lines)  # and may be founded anew by the order, corrected


@pytest.mark.parametrize("lines", [MERGED, TRANSFORMED], ids=["novads", "school"])
@pytest.mark.parametrize(("until", "stays"), [(None, None), (DAY, DAY)], ids=["held", "over"])
def test_a_right_there_keeps_it_and_keeps_it_going_while_it_is_held(
    office: Office, lines: str, until: date | None, stays: date | None
) -> None:
    ids = office.record(lines)
    with office.sessions.begin() as session:
        place = carried_out(session, orders.order_with(session, ids[0]))
        code = code_of(place)
    office.give(office.account("Anna Bērziņa"), code, since=DAY, until=until)
    with office.sessions.begin() as session:
        put_places_back(session, orders.order_with(session, ids[0]), origin=BY_REVIEWER, at=AT)
    with office.sessions() as session:
        assert period_of(session, code) == from_(DAY, None if stays is None else OVER)


def test_a_place_with_a_right_that_went_on_may_be_founded_by_the_corrected_order(office: Office) -> None:
    ids, proposal = office.approved(TRANSFORMED)
    office.give(office.account("Anna Bērziņa"), "i-4113900009", since=DAY)
    office.pass_days(20)
    office.carry_out(proposal)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    (corrected,), _ = office.approved(TRANSFORMED.replace("2026-09-01", "2026-12-01"))
    with office.sessions() as session:
        assert orders.order_with(session, corrected).state is OrderState.APPROVED


@pytest.mark.parametrize("first", [True, False], ids=["named by code", "named by our number"])
@pytest.mark.parametrize("together", [True, False], ids=["together", "one after the other"])
def test_orders_that_named_a_founded_novads_let_it_go_when_they_are_over(
    office: Office, *, first: bool, together: bool
) -> None:
    renamed = "2,Likums,2026-10-01,renamed,0099200,,Cits novads,\n"
    ids = office.record(MERGED + renamed) if first else office.approved(MERGED)[0]
    if first:
        office.confirm(office.propose([ids[0]]))
    else:
        ids += office.record(renamed)
    for group in [ids] if together else [ids[1:], ids[:1]]:
        with office.sessions.begin() as session:
            rows = [orders.order_with(session, one) for one in group]
            repeal(session, rows, origin=BY_REVIEWER, at=AT, reason="Satversmes tiesa")
    with office.sessions() as session:
        assert founded(session) is None
        parties = session.scalars(select(OrderParty).where(OrderParty.atvk == "0099200")).all()
        assert {one.municipality_id for one in parties} == {None}
        assert len(parties) == 2, "each order says still whom it named"
    office.record(MERGED + renamed)


def test_a_party_is_named_otherwise_in_no_other_way(office: Office) -> None:
    ids = office.record("1,Likums,2026-09-01,renamed,0099000,,Cits novads,\n")
    for statement in (
        "UPDATE order_parties SET atvk = '0099999'",
        "UPDATE order_parties SET atvk = '0099999', municipality_id = 1",
        "UPDATE order_parties SET reg_no = '4113900001'",
        "UPDATE order_parties SET atvk = '0099999', municipality_id = NULL, founded_as = 'x'",
    ):
        with pytest.raises(IntegrityError, match="says the same for ever"), office.sessions.begin() as session:
            session.execute(text(statement))
    with office.sessions() as session:
        assert orders.order_with(session, OrderId(ids[0])).changes[0].parties[0].atvk is None


def moved_on(session: Session, school: str, to: MunicipalityId) -> None:
    memberships = session.get_one(Institution, school_numbered(session, school)).memberships
    there = next(one for one in memberships if LATER in one.period)
    there.period = from_(DAY, LATER)
    session.flush()
    session.add(InstitutionMunicipality(institution_id=there.institution_id, municipality_id=to, period=from_(LATER)))


def test_where_a_school_was_moved_since_it_stays_and_lies_before_where_it_lay(office: Office) -> None:
    ids = office.record(MERGED)
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        carried_out(session, row)
        other = Municipality(period=from_(date(2000, 1, 1)))
        session.add(other)
        session.flush()
        moved_to = MunicipalityId(other.id)
        moved_on(session, "4213900003", moved_to)
        session.flush()
        put_places_back(session, row, origin=BY_REVIEWER, at=AT)
    with office.sessions() as session:
        school = session.get_one(Institution, school_numbered(session, "4213900003"))
        lies = {day: one for one in school.memberships for day in (DAY, LATER) if day in one.period}
        code = session.scalars(select(MunicipalityCode).where(MunicipalityCode.atvk == "0099100")).one()
        assert lies[DAY].municipality_id == code.municipality_id
        assert lies[LATER].municipality_id == moved_to
        assert founded(session) is None


def test_a_code_and_a_name_recorded_since_stay_when_a_merger_is_taken_back(office: Office) -> None:
    ids = office.record(MERGED)
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        carried_out(session, row)
        source = session.scalars(select(MunicipalityCode).where(MunicipalityCode.atvk == "0099100")).one()
        of = MunicipalityId(source.municipality_id)
        session.add(MunicipalityName(municipality_id=of, period=from_(LATER), **named("Cits")))
        session.add(MunicipalityCode(municipality_id=of, atvk="0099400", period=from_(LATER)))
        other = Municipality(period=from_(DAY))
        session.add(other)
        session.flush()
        # The other source's code is another municipality's by now.
        taken_by = other.id
        session.add(MunicipalityCode(municipality_id=taken_by, atvk="0099000", period=from_(LATER)))
        session.flush()
        put_places_back(session, row, origin=BY_REVIEWER, at=AT)
    with office.sessions() as session:
        codes = session.scalars(select(MunicipalityCode).where(MunicipalityCode.period.contains(LATER))).all()
        assert {(one.municipality_id, one.atvk) for one in codes} >= {(of, "0099400"), (taken_by, "0099000")}
        names = session.scalars(select(MunicipalityName).where(MunicipalityName.municipality_id == of)).all()
        held = [one.name for one in names if DAY in one.period]
        assert held == ["Cīruļu novads"]


def test_what_is_not_recorded_is_not_changed(office: Office) -> None:
    ids = office.record(TRANSFORMED + "2,Lēmums,2026-10-01,renamed,4113900009,,Cita skola,\n")
    with office.sessions() as session, pytest.raises(Unknown):
        change_places(session, orders.order_with(session, ids[1]), origin=BY_REVIEWER, at=AT)
