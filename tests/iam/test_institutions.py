"""Institutions are found as people type them, and scopes have one name."""

from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, ROWS, imported
from builders.shared import SHARED
from iam.errors import Unknown
from iam.institutions import repository, service
from iam.institutions.models import ScopeKind
from iam.institutions.register import REFORM, import_institutions

REGISTER = SHARED / "data" / "institutions2020.csv"


@pytest.mark.parametrize(
    "typed",
    [
        "aldas vidusskola",
        "VIDUSSKOLA ALDAS",
        "vidussk",
        "  Aldas   „vidusskola” ",
        "4113900001",
        "41139",
        "4113 900 001",
    ],
)
def test_an_institution_is_found_by_words_in_any_order_or_by_the_number(
    session: Session, tmp_path: Path, typed: str
) -> None:
    imported(session, tmp_path)
    assert [hit.reg_no for hit in service.search(session, typed)] == ["4113900001"]


def test_accents_and_quotes_do_not_matter(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    (hit,) = service.search(session, "pii zilite")
    assert (hit.name, hit.municipality, hit.former_name) == ('Birzas PII "Zīlīte"', "Aldas novads", None)
    assert [hit.reg_no for hit in service.search(session, "cirulu novads")] == ["4213900003"]


def test_nothing_typed_and_wild_signs_find_nothing(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    for typed in ("", "  ", "%", "_", "'; --", "nav tādas"):
        assert service.search(session, typed) == []


def test_a_renamed_school_is_found_under_its_former_name_and_says_so(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    imported(session, tmp_path, {**ROWS[0], "name": "Aldas Valsts ģimnāzija"}, *ROWS[1:])
    (hit,) = service.search(session, "aldas vidusskola")
    assert (hit.name, hit.former_name) == ("Aldas Valsts ģimnāzija", "Aldas vidusskola")
    (hit,) = service.search(session, "gimnazija aldas")
    assert hit.former_name is None


def test_what_begins_with_the_word_comes_first_then_latvian_order(session: Session, tmp_path: Path) -> None:
    names = ("Zvaigznes skola", "Čaklā skola", "Cēlā skola", "Skola Zvaigzne", "Āra skola")
    rows = [{"reg_no": f"41139001{index:02d}", "name": name} for index, name in enumerate(names)]
    imported(session, tmp_path, *rows)
    assert [hit.name for hit in service.search(session, "skola")] == [
        "Skola Zvaigzne",
        "Āra skola",
        "Cēlā skola",
        "Čaklā skola",
        "Zvaigznes skola",
    ]
    assert len(service.search(session, "skola", limit=2)) == 2


def test_scopes_have_one_id_and_a_code_that_reads_back(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    town = repository.municipality_with_code(session, "0099000", day=REFORM)
    assert town is not None
    school = service.scope_of_institution(session, "4113900001")
    novads = service.scope_of_municipality(session, town)
    state = service.state_scope(session)
    assert service.scope_of_institution(session, "4113900001").id == school.id
    assert [service.scope_code(scope) for scope in (school, novads, state)] == ["i-4113900001", f"m-{town}", "s"]
    for scope in (school, novads, state):
        assert service.scope_by_code(session, service.scope_code(scope)) is scope
    assert service.scope_by_code(session, "4113900001") is school
    assert [scope.kind for scope in (school, novads, state)] == list(ScopeKind)
    assert service.scope_name(session, school) == "Aldas vidusskola"
    assert service.scope_name(session, novads) == "Aldas novads"


def test_many_scopes_are_named_as_on_the_day_or_by_their_last_name(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    school = service.scope_of_institution(session, "4113900001").id
    town = repository.municipality_with_code(session, "0099000", day=REFORM)
    assert town is not None
    novads, state = service.scope_of_municipality(session, town).id, service.state_scope(session).id
    named = {school: "Aldas vidusskola", novads: "Aldas novads"}
    assert service.scope_names(session, [school, novads, state], on=REFORM) == named
    imported(session, tmp_path, {**ROWS[0], "name": "Aldas Valsts ģimnāzija"}, *ROWS[1:], at=AT + timedelta(days=1))
    assert service.scope_names(session, [school], on=AT.date()) == {school: "Aldas vidusskola"}
    later = AT.date() + timedelta(days=1)
    assert service.scope_names(session, [school], on=later) == {school: "Aldas Valsts ģimnāzija"}
    last = {school: "Aldas Valsts ģimnāzija", novads: "Aldas novads"}
    assert service.scope_names(session, [school, novads, state], on=None) == last
    ends = "UPDATE institution_names SET period = daterange(lower(period), '2027-01-01') WHERE upper_inf(period)"
    session.execute(text(ends))
    assert service.scope_names(session, [school], on=date(2028, 1, 1)) == {school: "Aldas Valsts ģimnāzija"}
    assert service.scope_names(session, [], on=REFORM) == {}


@pytest.mark.parametrize(
    ("names", "example"),
    [
        (["Aldas 2. vidusskola", "Aldas 10. vidusskola"], "Aldas 10"),
        (["Ābolu skola", "Zvaigžņu 3. pamatskola"], "Zvaigžņu 3"),
        (["Zvaigžņu skola", "Ābolu skola"], "Ābolu skola"),
        (["Bērzu vidusskola Nr. 7", "Bērzu 7.b skola"], "Bērzu 7.b"),
        (["Cīruļi"], "Cīruļi"),
    ],
)
def test_the_examples_of_a_search_find_something(
    session: Session, tmp_path: Path, names: list[str], example: str
) -> None:
    rows = [{**ROWS[0], "reg_no": f"41139001{at:02d}", "name": name} for at, name in enumerate(names)]
    imported(session, tmp_path, *rows)
    towns = service.municipalities(session, on=REFORM)
    school, town = service.search_examples(session, towns, on=REFORM)
    assert (school, town) == (example, "Aldas")
    assert service.search(session, school)
    assert town in towns[0].name


def test_an_empty_register_has_no_examples(session: Session) -> None:
    assert service.search_examples(session, [], on=REFORM) == ()


@pytest.mark.parametrize("code", ["i-0000000000", "m-999", "0099000", "x", "", "m-", "i-411390000"])
def test_a_scope_nobody_knows_is_unknown(session: Session, tmp_path: Path, code: str) -> None:
    imported(session, tmp_path)
    with pytest.raises(Unknown):
        service.scope_by_code(session, code)


@pytest.mark.shared
def test_the_real_register_is_searched_in_a_few_milliseconds(session: Session) -> None:
    import_institutions(session, REGISTER, origin=BY_REVIEWER, at=AT)
    session.commit()
    assert service.search(session, "ziemelvidzemes pamatskola")[0].reg_no == "4422903146"
    took = []
    for typed in ("skola", "rigas vidusskola", "pirmsskolas zvaigznite", "ziemelvalstu gimnazija", "33", "novada"):
        begun = perf_counter()
        assert service.search(session, typed)
        took.append(perf_counter() - begun)
    assert median(took) < 0.3, f"{took}: benchmarks/search.py keeps the real figure, 20 ms"


def test_a_search_of_thousands_of_words_is_a_search_of_a_dozen(session: Session) -> None:
    asked: list[int] = []

    def count(*said: object) -> None:
        asked.append(str(said[2]).count("LIKE"))

    event.listen(session.connection(), "before_cursor_execute", count)
    service.search(session, " ".join(f"v{number}" for number in range(20_000)))
    assert max(asked) <= 15
