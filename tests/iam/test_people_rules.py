"""Personal codes and names as people write them and certificates say them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.iam.codes import invented_code
from iam.people.rules import (
    BadCode,
    BadPersonalCode,
    CodeKind,
    NameMatch,
    PersonalCode,
    compare_names,
    mask,
    parse_personal_code,
)

WEIGHTS = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)
CENTURY_DIGITS = {1800: "0", 1900: "1", 2000: "2"}

old_digits = st.builds(
    lambda born, serial: f"{born:%d%m}{born.year % 100:02d}{CENTURY_DIGITS[born.year // 100 * 100]}{serial:03d}",
    st.dates(date(1800, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
)


def refused(text: str, **said: str | None) -> BadCode:
    with pytest.raises(BadPersonalCode) as caught:
        parse_personal_code(text, **said)
    return caught.value.reason


@given(old_digits)
def test_an_old_code_of_a_real_day_with_its_check_digit_is_accepted_with_and_without_hyphen(first_ten: str) -> None:
    digits = f"{first_ten}{(1 + sum(int(d) * w for d, w in zip(first_ten, WEIGHTS, strict=True))) % 11 % 10}"
    plain, hyphened = parse_personal_code(digits), parse_personal_code(f" {digits[:6]}-{digits[6:]} ")
    assert plain == hyphened == PersonalCode("LV", CodeKind.PNO, digits)


@given(old_digits, st.integers(1, 9))
def test_an_old_code_with_another_check_digit_is_refused(first_ten: str, off: int) -> None:
    right = (1 + sum(int(d) * w for d, w in zip(first_ten, WEIGHTS, strict=True))) % 11 % 10
    assert refused(f"{first_ten}{(right + off) % 10}") == BadCode.CHECK_DIGIT


@given(st.integers(2, 9), st.integers(0, 10**9 - 1))
def test_a_new_code_needs_no_date_and_no_check_digit(second: int, rest: int) -> None:
    assert parse_personal_code(f"3{second}{rest:09d}").is_latvian


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", BadCode.EMPTY),
        ("   ", BadCode.EMPTY),
        ("12345", BadCode.SHAPE),
        ("320000-1234X", BadCode.SHAPE),
        ("3200001-2345", BadCode.SHAPE),
        ("320000-123456", BadCode.SHAPE),
        ("300290-12345", BadCode.DATE),  # 30 February
        ("290201-20000", BadCode.DATE),  # 29 February of 2001
        ("001290-12345", BadCode.DATE),
        ("010190-32345", BadCode.CENTURY),
        ("XYZLV-320000-12345", BadCode.SHAPE),
        ("PNOEE-", BadCode.SHAPE),
        ("PNOLV-38001085718X", BadCode.SHAPE),
    ],
)
def test_what_is_not_a_code_is_refused_with_the_reason(text: str, reason: BadCode) -> None:
    assert refused(text) == reason


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[A-Z]{5}-[0-9A-Z -]{1,12}", fullmatch=True)))
def test_any_text_is_a_code_or_a_reason_and_a_code_survives_being_written(text: str) -> None:
    try:
        code = parse_personal_code(text)
    except BadPersonalCode:
        return
    assert parse_personal_code(code.written) == parse_personal_code(code.serial_number) == code


def test_a_bare_code_of_a_certificate_gets_no_country() -> None:
    bare = invented_code("somebody").written
    assert refused(bare, bare_means=None) == BadCode.COUNTRY_NOT_SAID
    assert refused("a card's serial", bare_means=None) == BadCode.SHAPE
    assert parse_personal_code(f"PNOLV-{bare}", bare_means=None) == invented_code("somebody")


def test_a_foreign_code_keeps_its_country_and_kind_and_is_nobody_elses() -> None:
    estonian = parse_personal_code("PNOEE-38001085718")
    assert (estonian.country, estonian.kind, estonian.digits) == ("EE", CodeKind.PNO, "38001085718")
    assert estonian != PersonalCode("LV", CodeKind.PNO, "38001085718")
    assert parse_personal_code("paslt-ab 123-456") == PersonalCode("LT", CodeKind.PAS, "AB123456")
    assert parse_personal_code("IDCLV-PA1234567").kind == CodeKind.IDC


def test_a_typographic_hyphen_is_a_hyphen() -> None:
    assert parse_personal_code("320000\u201312345") == parse_personal_code("32000012345")


@given(st.one_of(st.integers(), st.text()), st.booleans())
def test_invented_codes_are_valid_and_always_the_same(seed: object, old: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    code = invented_code(seed, old=old)
    assert code == invented_code(seed, old=old) == parse_personal_code(code.written)
    if old:
        assert code.digits[6] == "0"


def test_a_code_shows_its_last_four_digits_only_however_it_is_printed() -> None:
    code = parse_personal_code("320000-12345")
    assert mask(code) == mask(code.digits) == mask(code.written) == "******-*2345"
    assert "320000" not in f"{code} {code!r}"
    assert mask(PersonalCode("DE", CodeKind.IDC, "A1234")) == "IDCDE-*****"


@pytest.mark.parametrize(
    ("stated", "certificate", "match"),
    [
        ("Anna Bērziņa", "ANNA BĒRZIŅA", NameMatch.SAME),
        ("Bērziņa  Anna", "Anna Bērziņa", NameMatch.SAME),
        ("Anna Be\u0304rzin\u0327a", "Anna Bērziņa", NameMatch.SAME),  # decomposed letters
        ("Anna\u00a0Bērziņa", "Anna Bērziņa", NameMatch.SAME),
        ("Anna Kalniņa\u2013Bērziņa", "ANNA KALNIŅA-BĒRZIŅA", NameMatch.SAME),
        ("Anna Kalniņa - Bērziņa", "ANNA KALNIŅA-BĒRZIŅA", NameMatch.SAME),
        ("An\u00adna\u2063 B\u3164ērz\U000e0061iņa\u200b", "Anna Bērziņa", NameMatch.SAME),  # what nobody sees
        ("Anna\u2800Bērziņa", "Anna Bērziņa", NameMatch.SAME),
        ("Anna O\u2019Neil", "ANNA O'NEIL", NameMatch.SAME),
        ("\uff21nna Bērziņa", "Anna Bērziņa", NameMatch.SAME),  # a wide letter
        ("Anna Berzina", "ANNA BĒRZIŅA", NameMatch.FOLDED),
        ("Žanis Ķuzis", "Zanis Kuzis", NameMatch.FOLDED),
        ("Anna Ozola", "ANNA BĒRZIŅA", NameMatch.DIFFERENT),
        ("Anna Bērziņa", "ANNA BĒRZIŅA-OZOLA", NameMatch.DIFFERENT),
        ("Anna Bērziņš", "ANNA BĒRZIŅA", NameMatch.DIFFERENT),
        ("", "", NameMatch.DIFFERENT),
        ("Anna Bērziņa", "", NameMatch.DIFFERENT),
    ],
)
def test_names_compare_as_the_domain_says(stated: str, certificate: str, match: NameMatch) -> None:
    assert compare_names(stated, certificate) == match
    assert compare_names(certificate, stated) == match


@given(st.text("AĀBCČēģķ -", min_size=1), st.text("AĀBCČēģķ -", min_size=1))
def test_comparing_does_not_depend_on_the_side_or_the_case(one: str, other: str) -> None:
    assert compare_names(one, other) == compare_names(other, one) == compare_names(one.upper(), other.lower())
