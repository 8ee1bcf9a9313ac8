"""What is typed into the form is an answer, or an objection at its field."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.workflows.filed import answers
from builders.workflows.office import SCHOOL
from demo.pki import person
from workflows.application.kinds.grant.rules import GROUPS, Catalogue, check_group

TODAY = date(2026, 11, 24)

CATALOGUE = Catalogue(
    frozenset({"learners", "staff"}), frozenset({SCHOOL}), TODAY - timedelta(days=31), TODAY + timedelta(days=366)
)


def errors(group: str, given: Mapping[str, str | list[str]]) -> list[tuple[str, str]]:
    found = check_group(group, given, catalogue=CATALOGUE, on=TODAY).errors
    return [(one.field, one.code) for one in found]


def test_an_empty_group_names_every_field_that_is_needed() -> None:
    assert errors("institution", {}) == [("place", "place.missing")]
    assert [field for field, _ in errors("head", {})] == [
        "given_name",
        "surname",
        "personal_code",
        "position",
        "email",
    ]
    assert errors("scope", {}) == [("level", "level.missing"), ("sections", "sections.missing")]
    assert errors("dates", {}) == [("since", "since.missing")]
    assert errors("why", {}) == [("basis", "basis.missing")]


def test_a_head_who_is_the_user_says_nothing_twice() -> None:
    assert errors("user", {"head_is_user": "yes"}) == []
    assert len(errors("user", {"head_is_user": "no"})) == 5


def test_fields_that_are_not_shown_yet_are_not_asked_for() -> None:
    assert errors("user", {}) == [("head_is_user", "head_is_user.missing")]


def test_what_turns_the_direction_of_text_does_not_reach_a_document() -> None:
    given = {
        "given_name": "Il\u202eze",
        "surname": "P",
        "personal_code": "320000-00101",
        "position": "d",
        "email": "a@b.lv",
    }
    assert check_group("head", given, catalogue=CATALOGUE, on=TODAY).answers["given_name"] == "Ilze"


# Soft hyphen, grapheme joiner, fillers, invisible separators, variation selectors, tags, a blank braille cell.
UNSEEN = [
    *"\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u200b\u200d\u200e\u2060\u2063\u2065\u206a\u3164\ufe0f\ufeff\uffa0",
    *"\ufff0\U0001bca0\U0001d173\U000e0001\U000e0041\U000e0100\U000e0fff",
]


@pytest.mark.parametrize("letter", UNSEEN, ids=[f"{ord(one):04X}" for one in UNSEEN])
@pytest.mark.parametrize("field", ["given_name", "surname", "position", "email"])
def test_what_nobody_sees_is_no_part_of_an_answer(field: str, letter: str) -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    typed = str(good[field])
    hidden = {**good, field: letter + letter.join(typed) + letter}
    found = check_group("head", hidden, catalogue=CATALOGUE, on=TODAY)
    assert (found.answers[field], found.errors) == (typed, ())
    assert errors("head", {**good, field: letter * 3 + "\u2800"}) == [(field, f"{field}.missing")]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Anna2",
            "An_na",
            "Anna@skola",
            "<b>Anna</b>",
            "Anna☺",
            "An/na",
            "Anna;",
            "Anna\N{CIRCLED LATIN CAPITAL LETTER A}1",
        ),
        *(
            "\N{CYRILLIC CAPITAL LETTER A}nna",
            "Ann\N{GREEK SMALL LETTER ALPHA}",
            "An\N{CYRILLIC SMALL LETTER EN}a",
            "-",
            "''",
        ),
        *("a" + "\u0301" * 6, "\u0301anna", "An\u20ddna", "\ue000", "\U000f0000"),
    ],
)
def test_a_name_is_letters_of_one_alphabet(name: str) -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    assert errors("head", {**good, "given_name": name}) == [("given_name", "given_name.letters")]


@pytest.mark.parametrize(
    "name",
    [
        "Anna Marija",
        "J. R.",
        "D\u2019Arc",
        "O'Neil",
        "Łukasz",
        "Ģirts-Jānis",
        "Олена",
        "Παναγιώτα",
        "Nguyễn",
    ],
)
def test_a_name_may_be_anybodys(name: str) -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    assert errors("head", {**good, "given_name": name}) == []


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("personal_code", "320000-0010", "personal-code.shape"),
        ("personal_code", "311299-12346", "personal-code.check_digit"),
        ("personal_code", "300299-12345", "personal-code.date"),
        ("email", "ilze at skola.lv", "email.shape"),
        ("email", "ilze@skola.lv\r\nBcc: all@skola.lv", "email.shape"),
        ("surname", "Ž" * 201, "surname.too-long"),
    ],
)
def test_a_slip_of_the_pen_is_told_at_its_field(field: str, typed: str, code: str) -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    assert errors("head", good) == []
    assert errors("head", {**good, field: typed}) == [(field, code)]


@pytest.mark.parametrize("written", ["320000-00011", "32000000011", "320000 00011", "(320000\u201300011)"])
def test_a_personal_code_in_a_free_text_is_told_at_its_field(written: str) -> None:
    assert errors("why", {"basis": "replaces", "detail": f"Jānis {written}"}) == [("detail", "detail.personal-code")]
    head = {"given_name": "Anna", "surname": "Liepa", "personal_code": "320000-00101", "email": "anna@skola.test"}
    assert errors("head", {**head, "position": f"direktore {written}"}) == [("position", "position.personal-code")]


@pytest.mark.parametrize(
    "text", ["tel. +37120000000", "tel. 37120000000", "Nr. 4113900001", "40000000000", "Nr. 123456-1"]
)
def test_other_numbers_in_a_free_text_are_no_personal_codes(text: str) -> None:
    assert errors("why", {"basis": "new", "detail": text}) == []


def test_codes_are_taken_with_or_without_hyphen_and_kept_as_people_write_them() -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    checked = check_group("head", {**good, "personal_code": " 32000000101 "}, catalogue=CATALOGUE, on=TODAY)
    assert checked.answers["personal_code"] == "320000-00101"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"since": "2026-12-01"}, "2026-12-01"),
        ({"since": "1.12.2026."}, "2026-12-01"),
        ({"since": "01.12.2026"}, "2026-12-01"),
        ({"since-day": "1", "since-month": "12", "since-year": "2026"}, "2026-12-01"),
    ],
)
def test_a_day_may_be_written_as_people_write_it(typed: Mapping[str, str], kept: str) -> None:
    assert check_group("dates", typed, catalogue=CATALOGUE, on=TODAY).answers["since"] == kept


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("31.02.2027", "", [("since", "since.no-such-day")]),
        ("01.09.2026", "", [("since", "since.past")]),
        ("01.09.2028", "", [("since", "since.far")]),
        ("01.12.2026", "30.11.2026", [("until", "until.before-since")]),
        ("01.11.2026", "23.11.2026", [("until", "until.past")]),
        ("01.11.2026", "24.11.2026", []),
        ("01.12.2026", "28.11.2031", []),
        ("01.12.2026", "29.11.2031", [("until", "until.far")]),
        ("01.12.2026", "31.12.9999", [("until", "until.no-such-day")]),
        ("31.12.9999", "31.12.9999", [("since", "since.no-such-day"), ("until", "until.no-such-day")]),
    ],
)
def test_the_days_must_make_sense(since: str, until: str, expected: list[tuple[str, str]]) -> None:
    assert errors("dates", {"since": since, "until": until}) == expected


def test_replacing_somebody_says_whom() -> None:
    assert errors("why", {"basis": "replaces"}) == [("detail", "detail.missing")]
    assert errors("why", {"basis": "replaces", "detail": "anna.liepa"}) == []


@given(st.sampled_from(GROUPS), st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=6))
def test_whatever_is_typed_is_an_answer_or_an_objection_never_a_fault(group: str, typed: dict[str, str]) -> None:
    check_group(group, typed, catalogue=CATALOGUE, on=TODAY)


@pytest.mark.parametrize(
    "typed", ["+371 20000000", "20000000", "(67) 04-78-17", "00371 67047817", "+37 060 000 000", ""]
)
def test_a_telephone_number_that_can_be_dialled_is_taken(typed: str) -> None:
    assert errors("user", {"head_is_user": "yes", "phone": typed}) == []


@pytest.mark.parametrize(
    ("typed", "sentence", "said"),
    [
        ("2000000O", "Remove “%(letters)s”", {"letters": "O"}),
        ("67047817, 12", "Remove “%(letters)s”", {"letters": ","}),
        ("2000000", "8 digits, and this one has %(count)s", {"count": "7"}),
        ("371 20000000", "8 digits, and this one has %(count)s", {"count": "11"}),
        ("+371 200000000", "8 digits after +371: this one has %(count)s", {"count": "9"}),
        ("+0371 20000000", "none begins with 0", {}),
        ("20+000000", "only at the beginning", {}),
        ("+44 2079460000000000", "7 to 15 digits: this one has %(count)s", {"count": "18"}),
        ("+3", "7 to 15 digits: this one has %(count)s", {"count": "1"}),
    ],
)
def test_a_wrong_telephone_number_is_told_by_what_is_wrong_with_it(
    typed: str, sentence: str, said: dict[str, str]
) -> None:
    given = {"head_is_user": "yes", "phone": typed}
    (wrong,) = check_group("user", given, catalogue=CATALOGUE, on=TODAY).errors
    assert (wrong.field, wrong.params) == ("phone", said)
    assert sentence in wrong.text
