"""Who may sign is data with dates and sources, judged on the day of the stamp in Riga."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from builders.iam.codes import invented_code
from builders.iam.register import AT, BY_REVIEWER, person
from iam.errors import BadFile, NothingToEnd, SignatoryOverlaps
from iam.ids import ScopeId
from iam.institutions import service
from iam.institutions.models import Capacity, Signatory, SourceKind
from iam.institutions.signatories import (
    entitlement_of,
    import_signatories,
    known_signatories,
    record_signatory,
    shorten_signatory,
    withdraw_signatory,
)
from iam.periods import riga_day

HOUR = timedelta(hours=1)
HEADER = "scope;person_code;name;capacity;from;until;email;source"
HEAD = invented_code("Ilze Liepa").written


def head(
    session: Session, school: ScopeId, *, since: date | None = date(2025, 9, 1), until: date | None = None
) -> Signatory:
    return record_signatory(
        session,
        scope_id=school,
        person_id=person(session, "Ilze Liepa").id,
        capacity=Capacity.HEAD,
        since=since,
        until=until,
        source="Reģistra izraksts 12-3/45",
        source_kind=SourceKind.REGISTER,
        origin=BY_REVIEWER,
        at=AT,
    )


def on_the_day(
    session: Session, scope: ScopeId, *, at: datetime, known_at: datetime | None = None
) -> tuple[Signatory, ...]:
    """Those recorded whose entitlement holds on the day of the moment in Riga."""
    day = riga_day(at)
    known = known_signatories(session, scope, known_at=known_at)
    return tuple(one for one in known if entitlement_of(one).holds_on(day))


def test_on_day_one_nobody_is_recorded(session: Session, school: ScopeId) -> None:
    assert on_the_day(session, school, at=AT) == ()


def test_the_last_day_ends_at_midnight_in_riga(session: Session, school: ScopeId) -> None:
    signatory = head(session, school, until=date(2026, 6, 30))
    late = datetime(2026, 6, 30, 20, 59, 59, tzinfo=UTC)  # 23:59:59 in Riga
    assert on_the_day(session, school, at=late) == (signatory,)
    assert on_the_day(session, school, at=late + timedelta(seconds=1)) == ()
    first = datetime(2025, 8, 31, 21, tzinfo=UTC)  # midnight in Riga
    assert on_the_day(session, school, at=first) == (signatory,)
    assert on_the_day(session, school, at=first - timedelta(seconds=1)) == ()
    assert signatory.until == date(2026, 6, 30)


def test_a_head_and_a_deputy_may_both_sign_but_not_for_another_school(session: Session, school: ScopeId) -> None:
    deputy = record_signatory(
        session,
        scope_id=school,
        person_id=person(session, "Juris Krūms").id,
        capacity=Capacity.POWER_OF_ATTORNEY,
        since=None,
        until=None,
        source="Pilnvara 3",
        origin=BY_REVIEWER,
        at=AT,
    )
    signatory = head(session, school)
    assert set(on_the_day(session, school, at=AT)) == {signatory, deputy}
    assert deputy.source_kind == SourceKind.OTHER, "without a register source until somebody says one"
    other = service.scope_of_institution(session, "4213900003").id
    assert on_the_day(session, other, at=AT) == ()


def test_a_correction_does_not_change_what_was_known_before(session: Session, school: ScopeId) -> None:
    signatory = head(session, school)
    later = AT + timedelta(days=10)
    shorter = shorten_signatory(
        session, signatory, last_day=date(2026, 8, 31), source="Rīkojums 7", origin=BY_REVIEWER, at=later
    )
    assert on_the_day(session, school, at=AT) == ()
    assert on_the_day(session, school, at=AT, known_at=AT) == (signatory,)
    assert known_signatories(session, school) == (shorter,)
    with pytest.raises(NothingToEnd):
        shorten_signatory(session, shorter, last_day=date(2026, 9, 30), source="x", origin=BY_REVIEWER, at=later)
    withdraw_signatory(session, shorter, origin=BY_REVIEWER, at=later)
    assert known_signatories(session, school) == ()


def test_of_two_corrections_at_once_the_second_is_told(session: Session, school: ScopeId) -> None:
    wrong = head(session, school)
    session.commit()
    # Read here: threads may share the engine, never a session.
    bind, number = session.get_bind(), wrong.id
    read = threading.Barrier(2, timeout=30)

    def correct(last_day: date) -> Signatory | NothingToEnd:
        with Session(bind) as mine, mine.begin():
            seen = mine.get_one(Signatory, number)
            read.wait()
            try:
                return shorten_signatory(mine, seen, last_day=last_day, source="x", origin=BY_REVIEWER, at=AT + HOUR)
            except NothingToEnd as told:
                return told

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(correct, (date(2026, 8, 31), date(2026, 9, 30))))
    assert sorted(type(one).__name__ for one in done) == ["NothingToEnd", "Signatory"]
    assert len(known_signatories(session, school)) == 1


def test_the_same_person_is_not_recorded_twice_for_a_day(session: Session, school: ScopeId) -> None:
    head(session, school)
    with pytest.raises(SignatoryOverlaps):
        head(session, school, since=date(2026, 1, 1))


def test_an_entitlement_needs_a_source_and_days_in_order(session: Session, school: ScopeId) -> None:
    with pytest.raises(ValueError, match="lies before"):
        head(session, school, until=date(2025, 8, 31))
    with pytest.raises(ValueError, match="source"):
        record_signatory(
            session,
            scope_id=school,
            person_id=person(session).id,
            capacity=Capacity.HEAD,
            since=None,
            until=None,
            source=" ",
            origin=BY_REVIEWER,
            at=AT,
        )


def file_of(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_a_file_of_signatories_is_taken_again_and_again(session: Session, school: ScopeId) -> None:
    deputy = invented_code("Juris Krūms").written
    lines = [
        HEADER,
        f"i-4113900001;{HEAD};Ilze Liepa;head;2025-09-01;;ilze@alda.example;Reģistra izraksts",
        f"4213900003;{deputy};Juris Jānis Krūms;acting_head;;2026-12-31;;Rīkojums 5",
        f"s;{HEAD};Ilze Liepa;power_of_attorney;2026-01-01;2026-12-31;;Pilnvara",
    ]
    first = import_signatories(session, file_of(*lines), origin=BY_REVIEWER, at=AT)
    assert (first.recorded, first.changed, first.unchanged) == (3, 0, 0)
    again = import_signatories(session, file_of(*lines), origin=BY_REVIEWER, at=AT)
    assert (again.recorded, again.changed, again.unchanged) == (0, 0, 3)
    (signatory,) = on_the_day(session, school, at=AT)
    assert (signatory.person.full_name, signatory.email) == ("Ilze Liepa", "ilze@alda.example")
    lines[1] = lines[1].replace("2025-09-01;", "2025-09-01;2026-09-30")
    ended = import_signatories(session, file_of(*lines), origin=BY_REVIEWER, at=AT)
    assert (ended.recorded, ended.changed, ended.unchanged) == (0, 1, 2)
    (signatory,) = on_the_day(session, school, at=AT)
    assert signatory.until == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("i-4113900001;{code};Ilze Liepa;head;;;", "line 2: 7 columns instead of 8"),
        ("i-0000000000;{code};Ilze Liepa;head;;;;x", "line 2: no institution has the number '0000000000'"),
        (";{code};Ilze Liepa;head;;;;x", "line 2: scope is empty"),
        ("s;010190-12345;Ilze Liepa;head;;;;x", "line 2: the personal code is not one (check_digit)"),
        ("s;{code};Liepa;head;;;;x", "line 2: 'Liepa' is not a given name and a surname"),
        (
            "s;{code};Ilze Liepa;vadītāja;;;;x",
            "line 2: capacity 'vadītāja' is none of head, acting_head, power_of_attorney",
        ),
        ("s;{code};Ilze Liepa;head;1.9.2025;;;x", "line 2: from and until are days like 2026-09-01, or empty"),
        (
            "s;{code};Ilze Liepa;head;2026-01-02;2026-01-01;;x",
            "line 2: the last day 2026-01-01 lies before the first day 2026-01-02",
        ),
        ("s;{code};Ilze Liepa;head;;;nav;x", "line 2: 'nav' is no e-mail address"),
        ("s;{code};Ilze Liepa;head;;;;", "line 2: source is empty"),
    ],
)
def test_a_bad_line_of_signatories_is_named(session: Session, school: ScopeId, line: str, said: str) -> None:
    good = f"i-4113900001;{HEAD};Ilze Liepa;head;;;;x"
    with pytest.raises(BadFile) as caught:
        import_signatories(session, file_of(HEADER, line.format(code=HEAD), good), origin=BY_REVIEWER, at=AT)
    assert str(caught.value) == said
    assert known_signatories(session, school) == ()


def test_an_overlapping_line_and_a_foreign_header_are_named(session: Session, school: ScopeId) -> None:
    head(session, school)
    line = f"i-4113900001;{HEAD};Ilze Liepa;head;2026-01-01;;;x"
    with pytest.raises(BadFile, match="line 2: this person may sign there on some of these days already"):
        import_signatories(session, file_of(HEADER, line), origin=BY_REVIEWER, at=AT)
    with pytest.raises(BadFile, match="line 1: the header must be scope;person_code"):
        import_signatories(session, file_of("scope;code"), origin=BY_REVIEWER, at=AT)
    with pytest.raises(BadFile, match="line 2: the file is not UTF-8"):
        import_signatories(session, file_of(HEADER) + "Līga".encode("windows-1257"), origin=BY_REVIEWER, at=AT)
