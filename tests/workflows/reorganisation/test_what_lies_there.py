"""Of a founded place that stays it is said what is recorded there, of every place in the same few statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from builders.iam.register import BY_REVIEWER, person
from iam.ids import OrderId
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity, Institution
from iam.orders import service as orders
from iam.orders.staying import staying
from iam.periods import midnight_in_riga, riga_day
from tests.workflows.reorganisation.office import DAY, Office
from workflows.i18n import Language, translator
from workflows.reorganisation.undo_changes import UndoFate
from workflows.reorganisation.undo_places import uses_text

LINES = (
    "1,Lēmums,2026-09-01,split,4113900001,4113900011=Pirmā skola|4113900012=Otrā skola|4113900013=Trešā skola,,\n"
    "1,Lēmums,2026-09-01,transformed,4101900002,4101900022=Ceturtā skola,,\n"
)
FIRST, SECOND, THIRD, FOURTH = "i-4113900011", "i-4113900012", "i-4113900013", "i-4101900022"
Use = Callable[[Office, str], None]


def carried_out(office: Office, lines: str = LINES) -> list[OrderId]:
    ids, proposal = office.approved(lines)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    office.pass_days(3)
    return list(ids)


def somebody_may_use(office: Office, place: str) -> None:
    office.give(office.account(f"Anna{place[-2:]} Bērziņa"), place, "learners", "staff", since=DAY)


def somebody_may_sign(office: Office, place: str) -> None:
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, place).id,
            person_id=person(session, f"Ilze{place[-2:]} Kalna").id,
            capacity=Capacity.HEAD,
            since=DAY,
            until=None,
            source="rīkojums",
            origin=BY_REVIEWER,
            at=office.now,
        )


def another_order_names_it(office: Office, place: str) -> None:
    office.record(f"2,Lēmums,2026-10-01,renamed,{place.removeprefix('i-')},,Cits vārds,\n")


SAID: dict[str, tuple[Use, str, str]] = {
    "rights": (
        somebody_may_use,
        "rights given, also those that are over: 2",
        "piešķirtās tiesības, arī tās, kas beigušās: 2",
    ),
    "signatory": (
        somebody_may_sign,
        "entitlements to sign, also those that are over: 1",
        "paraksttiesības, arī tās, kas beigušās: 1",
    ),
    "order": (another_order_names_it, "changes of other orders: 1", "citu rīkojumu izmaiņas: 1"),
}


def said_of(office: Office, ids: list[OrderId], language: Language) -> dict[str, str]:
    with office.sessions() as session:
        made = office.foreseen_undoing(session, ids)
    words = translator(language)
    return {one.scope: one.reason.in_words(words) for one in made.of(UndoFate.PLACE_STAYS)}


@pytest.mark.parametrize(("use", "english", "latvian"), SAID.values(), ids=SAID)
@pytest.mark.parametrize("place", [FIRST, THIRD, FOURTH])
def test_what_is_recorded_at_a_place_that_stays_is_said_of_it_alone(
    office: Office, use: Use, english: str, latvian: str, place: str
) -> None:
    ids = carried_out(office)
    use(office, place)
    said = said_of(office, ids, Language.EN)
    assert set(said) == {place}
    assert said[place].endswith(f" Recorded there: {english}.")
    assert said_of(office, ids, Language.LV)[place].endswith(f" Tur reģistrēts: {latvian}.")


def test_each_of_several_places_has_its_own_counts(office: Office) -> None:
    ids = carried_out(office)
    somebody_may_use(office, FIRST)
    somebody_may_sign(office, FIRST)
    somebody_may_sign(office, SECOND)
    another_order_names_it(office, FOURTH)
    said = {
        place: reason.partition("Recorded there: ")[2] for place, reason in said_of(office, ids, Language.EN).items()
    }
    assert said == {
        FIRST: f"{SAID['rights'][1]}; {SAID['signatory'][1]}.",
        SECOND: f"{SAID['signatory'][1]}.",
        FOURTH: f"{SAID['order'][1]}.",
    }


def test_everything_that_can_lead_to_a_place_has_words(office: Office) -> None:
    pointing = text(
        "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND cardinality(conkey) = 1"
        " AND confrelid IN ('scopes'::regclass, 'institutions'::regclass, 'municipalities'::regclass)"
    )
    with office.sessions() as session:
        tables = set(session.scalars(pointing)) - {"scopes"}
    words = translator(Language.EN)
    assert len(tables) > 5
    assert {one for one in tables if "other records" in uses_text({one: 1}).in_words(words)} == set()
    assert uses_text({"another_table": 3, "grants": 1, "a_table": 4}).in_words(words).endswith("; other records: 7")


@contextmanager
def counting(session: Session) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_many_founded_places_are_asked_about_in_as_many_statements_as_one(office: Office) -> None:
    numbers = [f"41139001{one:02}" for one in range(12)]
    many = "|".join(f"{one}=Skola {one}" for one in numbers)
    few = carried_out(office, "1,Lēmums,2026-09-01,transformed,4101900002,4101900022=Ceturtā skola,,\n")
    office.pass_days(-10)
    ids = carried_out(office, f"3,Lēmums,2026-09-01,split,4113900001,{many},,\n")
    asked = {}
    for group in (few, ids):
        with office.sessions() as session:
            rows = [orders.order_with(session, one) for one in group]
            founded = [party for row in rows for change in row.changes for party in change.parties if party.founded_as]
            session.get_one(Institution, founded[0].institution_id)
            with counting(session) as statements:
                assert staying(session, rows, today=riga_day(office.now)) == []
        asked[len(founded)] = len(statements)
    assert asked.keys() == {1, 12}
    assert asked[1] == asked[12] > 1
