"""Pictures, sounds and rules by themselves: readable by people, cheap, and drawn the same for one code."""

import io
import wave
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows.i18n import Language
from workflows.password_reset import audio, picture
from workflows.password_reset.codes import ALPHABET, BadToken, OpenedCode, Seals
from workflows.password_reset.keys import CODE_ALPHABET, Key, digest_of, new_key
from workflows.password_reset.rules import (
    ByEmail,
    ByUsername,
    Nobody,
    PasswordFault,
    Rule,
    objections,
    read_policy,
    refused_by_keycloak,
    sought,
    tightened,
)
from workflows.password_reset.sounds.build import SPOKEN
from workflows.password_reset.states import ENDS, TRANSITIONS, LinkAct, LinkState

UNTIL = datetime(2026, 9, 1, 8, 10, tzinfo=UTC)
SEALS = Seals(b"the key of an installation")
SOUNDS = Path(audio.__file__).parent / "sounds"


def code(text_: str | None = None) -> OpenedCode:
    token = SEALS.new("visit", length=6, until=UNTIL) if text_ is None else SEALS.seal(text_, "visit", until=UNTIL)
    return SEALS.open(token, "visit")


def luminance(colour: tuple[int, ...]) -> float:
    """WCAG 2's relative luminance."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_a_sealed_code_opens_for_its_visit_alone() -> None:
    token = SEALS.new("visit", length=6, until=UNTIL)
    opened = SEALS.open(token, "visit")
    assert len(opened.text) == 6
    assert set(opened.text) <= set(ALPHABET)
    assert opened.until == UNTIL
    assert opened.text not in token
    for wrong in (
        ("another", token),
        ("visit", token[:-3] + "AAA"),
        ("visit", ""),
        ("visit", "ā"),
        ("visit", "=" * 99),
    ):
        with pytest.raises(BadToken):
            SEALS.open(wrong[1], wrong[0])
    with pytest.raises(BadToken):
        Seals(b"another installation").open(token, "visit")


def test_no_letter_has_a_look_alike() -> None:
    for alphabet, pairs in (
        (ALPHABET, ("O0Q", "I1L", "G9", "S5", "Z2", "B8", "G6", "UV", "A4", "EF")),
        (CODE_ALPHABET, ("O0", "I1")),
    ):
        for alike in pairs:
            assert len(set(alike) & set(alphabet)) <= 1, alike


def test_glyphs_are_dark_enough_to_read() -> None:
    for _ in range(20):
        image = Image.open(io.BytesIO(picture.draw(code()))).convert("RGB")
        counted = Counter(zip(*(channel.tobytes() for channel in image.split()), strict=True))
        paper = max(counted, key=lambda colour: counted[colour])
        glyphs = {colour: count for colour, count in counted.items() if colour != paper}
        ink = max(glyphs, key=lambda colour: glyphs[colour])
        assert contrast(ink, paper) >= 4.5
        # Most of what is drawn is ink and not the soft edge of it.
        strong = sum(count for colour, count in glyphs.items() if contrast(colour, paper) >= 4.5)
        assert strong >= 0.6 * sum(glyphs.values())


def test_a_code_has_one_picture_and_one_sound() -> None:
    one = code("ABCDEH")
    assert picture.draw(one) == picture.draw(one)
    assert picture.draw(one) != picture.draw(code("ABCDEH"))
    assert audio.speak(one, Language.LV) == audio.speak(one, Language.LV)
    assert audio.speak(one, Language.LV) != audio.speak(code("ABCDEH"), Language.LV)


@pytest.mark.parametrize("language", list(Language))
def test_every_letter_is_recorded_loud_and_short(language: Language) -> None:
    assert set(SPOKEN[language]) == set(ALPHABET)
    for letter in ALPHABET:
        with wave.open(str(SOUNDS / f"{language}-{letter}.wav")) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 1)
            sound = file.readframes(file.getnframes())
        assert 0.3 <= len(sound) / 8000 <= 1.6, letter
        assert 85 <= max(abs(value - 128) for value in sound) <= 110, letter


def test_a_spoken_code_is_all_its_letters_and_never_runs_over() -> None:
    with wave.open(io.BytesIO(audio.speak(code("ABC367"), Language.LV))) as file:
        sound = file.readframes(file.getnframes())
        assert 6 <= file.getnframes() / file.getframerate() <= 14
    assert min(sound) > 0
    assert max(sound) < 255


def test_a_key_has_256_and_80_bits_and_a_code_in_groups() -> None:
    key = new_key()
    assert len(key.secret) == 43
    assert (len(set(CODE_ALPHABET)), len(key.code)) == (32, 16)
    assert [len(group) for group in key.grouped.split("-")] == [4, 4, 4, 4]
    assert digest_of(f" {key.grouped.lower()} ") == digest_of(key.code) != digest_of(key.secret)
    assert Key("x", "ABCDEFGHJKLMNPQR").grouped == "ABCD-EFGH-JKLM-NPQR"


def test_a_policy_is_read_and_refusals_are_said_with_its_numbers() -> None:
    rules = read_policy(
        "length(9) and upperCase(1) and digits(2) and passwordHistory(5) and hashAlgorithm(argon2)"
        " and passwordBlacklist(common.txt) and regexPattern(^(?!x y).*$) and forceExpiredPasswordChange(90)"
    )
    assert Rule("min_length", 9) in rules
    assert Rule("history", 5) in rules
    assert {rule.code for rule in rules} >= {"min_upper", "min_digits", "common"}
    assert read_policy("") == ()
    assert refused_by_keycloak("invalidPasswordMinDigitsMessage", rules) == PasswordFault("min_digits", 2)
    assert refused_by_keycloak("somethingNew", rules) == PasswordFault("other")


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        ("pavasaris nāk lēni", False),
        ("BĒRZIŅA dārzs aug", True),
        ("anna", True),
        ("savanna zaļo ziemā", True),
        ("v.i.i.s ir šeit un", False),
        ("ViIs un vēl kaut kas", True),
        ("   spaces   count   ", False),
    ],
)
def test_names_and_viis_are_found_in_any_spelling(password: str, *, refused: bool) -> None:
    found = objections(password, names=("anna.berzina2", "Anna", "Bērziņa"), rules=())
    assert bool(found) is refused


def test_short_parts_of_names_forbid_nothing() -> None:
    assert objections("jo garš teikums te", names=("jo.ly", "Jo", "Ly"), rules=()) == ()


def test_whom_a_typed_text_means() -> None:
    assert sought("Anna.Liepa") == ByUsername("anna.liepa")
    assert sought("A@B.example ") == ByEmail("a@b.example")
    for nobody in ("", " ", "ānna", "a\tb", "a\nb", "x" * 255, "\N{KELVIN SIGN}arlis"):
        assert sought(nobody) == Nobody()


def test_every_state_is_reached_and_ends_are_ends() -> None:
    assert {LinkState.SENDING} | set(TRANSITIONS.values()) == set(LinkState)
    assert {act for _, act in TRANSITIONS} == set(LinkAct)
    assert set(ENDS) == {LinkState.REDEEMED, LinkState.REPLACED, LinkState.CANCELLED, LinkState.UNSENT}


def test_the_database_keeps_typed_text_only_until_the_answer(session: Session) -> None:
    statement = (
        "INSERT INTO reset_requests (asked, language, at, outcome, settled_at)"
        " VALUES ('x', 'lv', now(), 'unknown', now())"
    )
    with pytest.raises(IntegrityError, match="forgotten_when_settled"):
        session.execute(text(statement))


@pytest.mark.parametrize("letter", ["\u200b", "\u2060", "\u3164", "\u2800", "\u00ad", "\U000e0041", "\t", " "])
def test_a_password_of_what_nobody_sees_is_refused(letter: str) -> None:
    rules = (Rule("min_length", 12),)
    assert "unseen" in {one.code for one in objections(letter * 40, names=(), rules=())}
    short = objections(f"{letter.join('Zaļš')}", names=(), rules=rules)
    assert [one.code for one in short] == ["min_length"]
    if not letter.isspace():
        assert [one.code for one in objections("aāb" + letter * 20, names=(), rules=rules)] == ["min_length"]
    assert objections("zaļš koks pagalmā", names=(), rules=rules) == ()


@pytest.mark.parametrize(("keycloak", "expected"), [(8, 12), (14, 14), (None, 12)])
def test_a_password_is_as_long_as_the_policy_and_keycloak_want(keycloak: int | None, expected: int) -> None:
    rules = () if keycloak is None else (Rule("min_length", keycloak),)
    tight = tightened(rules, length=12, classes=0)
    assert [one.number for one in objections("zaļš", names=(), rules=tight) if one.code == "min_length"] == [expected]
    assert "min_classes" not in {one.code for one in tight}


def test_kinds_of_characters_are_asked_for_only_where_the_policy_sets_them() -> None:
    tight = tightened((), length=12, classes=3)
    assert [one.code for one in objections("zaļš koks pagalmā", names=(), rules=tight)] == ["min_classes"]
    assert objections("Zaļš koks pagalmā", names=(), rules=tight) == ()
    assert objections("Zaļškoks4pagalmā", names=(), rules=tight) == ()
