"""The register is taken over as a whole or not at all, again and again, and says what changed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from builders.iam.register import (
    AT,
    BY_REVIEWER,
    CIRULI,
    NEW_ALDA,
    OLD_ALDA,
    OLD_BIRZA,
    ROWS,
    imported,
    register_file,
    register_line,
)
from builders.shared import SHARED
from iam.errors import BadFile
from iam.institutions import repository, service
from iam.institutions.models import Institution, InstitutionMunicipality, Municipality, MunicipalityCode
from iam.institutions.register import REFORM, ChangedEntry, import_institutions
from iam.institutions.register_file import COLUMNS, read_register

EVE = REFORM - timedelta(days=1)
REGISTER = SHARED / "data" / "institutions2020.csv"


def places(session: Session, reg_no: str) -> list[tuple[str | None, date | None, date | None]]:
    """Say where an institution was, when."""
    institution = service.by_reg_no(session, reg_no)
    assert institution is not None
    return [
        (
            repository.name_of_municipality(session, place.municipality_id, day=None),
            place.period.lower,
            place.period.upper,
        )
        for place in institution.memberships
    ]


def test_a_first_import_takes_every_row_and_names_those_without_a_municipality(
    session: Session, tmp_path: Path
) -> None:
    report = imported(session, tmp_path)
    assert (report.rows, len(report.added), report.changed, report.unchanged) == (4, 4, (), 0)
    assert report.municipalities_added == 4
    assert [str(row) for row in report.without_municipality] == ["line 5: 4260800004 Mācību centrs bez adreses"]
    nowhere = service.by_reg_no(session, "4260800004")
    assert nowhere is not None
    assert nowhere.memberships == []


def test_the_same_file_again_changes_nothing(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    counts = select(func.count()).select_from(Institution), select(func.count()).select_from(Municipality)
    before = [session.scalar(count) for count in counts]
    report = imported(session, tmp_path, at=AT + timedelta(days=400))
    assert (report.added, report.changed, report.unchanged, report.municipalities_added) == ((), (), 4, 0)
    assert len(report.without_municipality) == 1
    assert [session.scalar(count) for count in counts] == before


def test_a_municipality_the_reform_left_alone_keeps_its_id_though_its_code_changed(
    session: Session, tmp_path: Path
) -> None:
    imported(session, tmp_path)
    before = repository.municipality_with_code(session, "0990600", day=EVE)
    assert before is not None
    assert before == repository.municipality_with_code(session, "0099100", day=REFORM)
    assert repository.municipality_with_code(session, "0990600", day=REFORM) is None
    assert places(session, "4213900003") == [("Cīruļu novads", None, None)]


def test_a_new_novads_is_another_municipality_even_under_the_same_name(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    old = repository.municipality_with_code(session, "0990200", day=EVE)
    new = repository.municipality_with_code(session, "0099000", day=REFORM)
    assert old is not None
    assert new is not None
    assert old != new
    assert places(session, "4113900001") == [("Aldas novads", None, REFORM), ("Aldas novads", REFORM, None)]
    assert places(session, "4101900002") == [("Birzas novads", None, REFORM), ("Aldas novads", REFORM, None)]
    assert len(service.institutions_in(session, new, on=REFORM)) == 2
    assert service.institutions_in(session, new, on=EVE) == []
    assert [town.name for town in service.municipalities(session, on=EVE)] == [
        "Aldas novads",
        "Birzas novads",
        "Cīruļu novads",
    ]
    assert [town.atvk for town in service.municipalities(session)] == ["0099000", "0099100"]


def test_a_rename_keeps_the_institution_and_its_former_name(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    institution = service.by_reg_no(session, "4113900001")
    renamed = {**ROWS[0], "name": "Aldas Valsts ģimnāzija", "founder": "Aldas novads"}
    report = imported(session, tmp_path, renamed, *ROWS[1:])
    assert set(report.changed) == {
        ChangedEntry("4113900001", "name", "Aldas vidusskola", "Aldas Valsts ģimnāzija"),
        ChangedEntry("4113900001", "founder", "Aldas novada dome", "Aldas novads"),
    }
    assert report.unchanged == 3
    assert institution is not None
    assert repository.name_of_institution(session, institution.id, day=date(2026, 8, 31)) == "Aldas vidusskola"
    assert repository.name_of_institution(session, institution.id, day=date(2026, 9, 1)) == "Aldas Valsts ģimnāzija"
    # The day is Riga's: at half past nine in the evening UTC it is tomorrow there already.
    again = {**renamed, "name": "Aldas ģimnāzija"}
    imported(session, tmp_path, again, *ROWS[1:], at=datetime(2026, 9, 30, 21, 30, tzinfo=UTC))
    assert repository.name_of_institution(session, institution.id, day=date(2026, 9, 30)) == "Aldas Valsts ģimnāzija"
    assert repository.name_of_institution(session, institution.id, day=date(2026, 10, 1)) == "Aldas ģimnāzija"


def test_an_institution_the_file_places_elsewhere_is_moved_and_told(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    moved = {**ROWS[2], **OLD_BIRZA, **NEW_ALDA}
    found = {**ROWS[3], **CIRULI}
    report = imported(session, tmp_path, *ROWS[:2], moved, found)
    assert [(change.of, change.what) for change in report.changed] == [
        ("4213900003", "municipality"),
        ("4260800004", "municipality"),
    ]
    assert places(session, "4213900003") == [("Birzas novads", None, REFORM), ("Aldas novads", REFORM, None)]
    assert places(session, "4260800004") == [("Cīruļu novads", None, None)]


def test_what_was_recorded_for_later_days_stays(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    # A later order joins Cīruļu novads to Aldas novads; the old file must not undo it.
    day = date(2025, 7, 1)
    alda = repository.municipality_with_code(session, "0099000", day=REFORM)
    assert alda is not None
    school = service.by_reg_no(session, "4213900003")
    assert school is not None
    (place,) = school.memberships
    place.period = type(place.period)(None, day, bounds="[)")
    session.flush()
    session.add(
        InstitutionMunicipality(
            institution_id=school.id, municipality_id=alda, period=type(place.period)(day, None, bounds="[)")
        )
    )
    session.flush()
    session.expire_all()
    report = imported(session, tmp_path)
    assert report.changed == ()
    assert places(session, "4213900003") == [("Cīruļu novads", None, day), ("Aldas novads", day, None)]


def test_an_institution_missing_in_a_later_file_is_told_and_stays(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    report = imported(session, tmp_path, *ROWS[1:])
    assert report.not_in_file == ("4113900001",)
    school = service.by_reg_no(session, "4113900001")
    assert school is not None
    assert school.closed is None


def test_a_municipality_called_otherwise_is_told(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    old = repository.municipality_with_code(session, "0990600", day=EVE)
    called = {**ROWS[2], "old_municipality": "Cīruļu novads (vecais)"}
    # Both sides are one unbroken name so far: the last word counts for it.
    report = imported(session, tmp_path, *ROWS[:2], {**called, "new_municipality": "Cīruļu novads (vecais)"}, ROWS[3])
    assert [str(change) for change in report.changed] == [f"m-{old} name: Cīruļu novads → Cīruļu novads (vecais)"]


def test_progress_is_told(session: Session, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    import_institutions(
        session,
        register_file(tmp_path, *ROWS),
        origin=BY_REVIEWER,
        at=AT,
        progress=lambda done, total: told.append(
            (done, total),
        ),
    )
    assert told[-1] == (4, 4)


BAD: Mapping[str, tuple[Mapping[str, str], str]] = {
    "nine digits": ({"reg_no": "411390000"}, "line 3: the number '411390000' is not ten digits"),
    "letters": ({"reg_no": "41139000X1"}, "line 3: the number '41139000X1' is not ten digits"),
    "a number twice": ({"reg_no": "4113900001"}, "line 3: the number 4113900001 stands in line 2 already"),
    "other parts": (
        {"reg_no": "4113900009", "reg_type": "14"},
        "line 3: the number 4113900009 does not begin with its parts 41-14-9",
    ),
    "no name": ({"reg_no": "4113900009", "name": " "}, "line 3: the institution 4113900009 has no name"),
    "half a place": (
        {"reg_no": "4113900009", "old_atvk": "0990200"},
        "line 3: municipality columns must be filled all or none",
    ),
    "short code": (
        {"reg_no": "4113900009", **OLD_ALDA, **NEW_ALDA, "new_atvk": "99000"},
        "line 3: new_atvk '99000' is not seven digits",
    ),
    "a code with two names": (
        {"reg_no": "4113900009", **OLD_ALDA, **NEW_ALDA, "new_municipality": "Aldes novads"},
        "line 3: new_atvk 0099000 is 'Aldas novads' above and 'Aldes novads' here",
    ),
    "changed and not": (
        {"reg_no": "4113900009", **OLD_ALDA, **NEW_ALDA, "atr_changed": "no"},
        "line 3: Aldas novads is changed by the reform in one line and unchanged in another",
    ),
    "units in words": (
        {"reg_no": "4113900009", **OLD_ALDA, **NEW_ALDA, "units": "divas"},
        "line 3: units 'divas' is not a number",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_named_and_nothing_is_taken(session: Session, tmp_path: Path, case: str) -> None:
    row, said = BAD[case]
    with pytest.raises(BadFile) as caught:
        imported(session, tmp_path, ROWS[0], {"name": "Skola", **row}, ROWS[2])
    assert str(caught.value) == said
    assert session.scalar(select(func.count()).select_from(Institution)) == 0
    assert session.scalar(select(func.count()).select_from(Municipality)) == 0


def test_every_bad_line_is_named_at_once(tmp_path: Path) -> None:
    path = register_file(tmp_path, {"reg_no": "1", "name": "A"}, ROWS[0], {"reg_no": "2", "name": ""})
    with pytest.raises(BadFile) as caught:
        read_register(path.read_bytes())
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [
        (2, "reg_no.shape"),
        (4, "reg_no.shape"),
        (4, "name.empty"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "code"),
    [
        (b"", 1, "header"),
        (b"reg_no,name\n4113900001,Skola\n", 1, "header"),
        (",".join(reversed(COLUMNS)).encode() + b"\n", 1, "header"),
        (",".join(COLUMNS).encode() + b"\n", 1, "file.empty"),
        (",".join(COLUMNS).encode() + b"\n4113900001,41\n", 2, "columns"),
        (",".join(COLUMNS).encode() + b"\n" + register_line(ROWS[0]).encode() + b'\n"unclosed', 3, "csv"),
        (",".join(COLUMNS).encode() + b"\n\n" + register_line(ROWS[0]).encode("windows-1257") + b"\n", 3, "encoding"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_line(content: bytes, line: int, code: str) -> None:
    with pytest.raises(BadFile) as caught:
        read_register(content)
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [(line, code)]


def test_a_file_with_a_byte_order_mark_and_a_name_over_two_lines_is_read(tmp_path: Path) -> None:
    path = register_file(tmp_path, {**ROWS[0], "name": "Aldas\nvidusskola"}, ROWS[2])
    rows = read_register(b"\xef\xbb\xbf" + path.read_bytes())
    assert [(row.line, row.name) for row in rows] == [(2, "Aldas vidusskola"), (4, "Cīruļu pamatskola")]


def test_a_file_that_contradicts_what_is_recorded_is_refused(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    with pytest.raises(BadFile, match="line 4: Cīruļu novads is recorded as left alone by the reform"):
        imported(session, tmp_path, *ROWS[:2], {**ROWS[2], "atr_changed": "yes"}, ROWS[3])
    with pytest.raises(BadFile, match="line 2: Aldas novads is recorded as changed by the reform"):
        imported(session, tmp_path, {**ROWS[0], "atr_changed": "no"}, *ROWS[2:])


@pytest.mark.shared
def test_the_real_register_of_2020_loses_no_row_and_comes_out_as_the_reform_says(session: Session) -> None:
    begun = perf_counter()
    report = import_institutions(session, REGISTER, origin=BY_REVIEWER, at=AT)
    took = perf_counter() - begun
    assert (report.rows, len(report.added), report.changed) == (2713, 2713, ())
    assert [row.line for row in report.without_municipality] == [642, 645, 977, 2336]
    # 119 before and 43 after, 15 of them the same.
    assert report.municipalities_added == 119 + 43 - 15
    assert len(service.municipalities(session, on=EVE)) == 119
    assert len(service.municipalities(session, on=REFORM)) == 43
    both = select(MunicipalityCode.municipality_id).group_by(MunicipalityCode.municipality_id).having(func.count() == 2)
    assert len(session.scalars(both).all()) == 15
    riga = repository.municipality_with_code(session, "0001000", day=REFORM)
    assert riga is not None
    assert len(service.institutions_in(session, riga, on=REFORM)) == 1139
    assert took < 30, f"{took:.1f} s: benchmarks/import_institutions.py keeps the real figure, 3 s"
    again = import_institutions(session, REGISTER, origin=BY_REVIEWER, at=AT)
    assert (again.added, again.changed, again.unchanged) == ((), (), 2713)
