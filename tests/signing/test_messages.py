"""Every reason has its sentences, in both languages, with a next step; no code is spoken that nobody wrote."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from signing.messages import LANGUAGES, known_codes, next_step, text
from signing.model import Message
from signing.sentences import ALL
from signing.sentences.sentence import ASK_FOR_HELP
from signing.sentences.wording import Wording, using_wording

_PACKAGE = Path(__file__).parents[2] / "signing"
_CODE = re.compile(r"([a-z]+)\.[a-z0-9-]+")
# Strings that look like codes and are none: names of files.
_OTHERS = re.compile(r"(?:signature|manifest|list|lotl|document)\.(?:xml|pdf|json|py|p7s|tst)")


def spoken_codes(package: Path = _PACKAGE) -> set[str]:
    """Every code in the package's own source, whoever it is handed to: a message, an error, a helper that makes one.

    Any string of the shape of a code, with a first word that codes have, is one: no list of functions to forget.
    """
    first_words = {code.partition(".")[0] for code in known_codes()}
    found = set()
    for path in package.rglob("*.py"):
        if path.parent.name == "sentences":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text_ = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            code = _CODE.fullmatch(text_)
            if code and code[1] in first_words and not _OTHERS.fullmatch(text_):
                found.add(text_)
    return found


def test_every_code_that_is_spoken_has_its_sentences() -> None:
    assert spoken_codes() - known_codes() == set()


def test_every_sentence_is_spoken_by_somebody() -> None:
    unspoken = known_codes() - spoken_codes()
    # What a reader of XML objects to is named by its own reason: `f"xml.{reason}"`.
    assert {code for code in unspoken if not code.startswith("xml.")} == set()


def test_a_code_is_seen_however_it_is_handed_on(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        """def _not_qualified(code): ...
_not_qualified("qualification.by-helper")
refuse(why="container.by-keyword")
CODES = {1: "stamp.in-a-table"}
def f(code="document.default"): ...
"""
    )
    assert spoken_codes(tmp_path) == {
        "qualification.by-helper",
        "container.by-keyword",
        "stamp.in-a-table",
        "document.default",
    }


@pytest.mark.parametrize("code", sorted(known_codes()))
def test_both_languages_name_the_same_things(code: str) -> None:
    def names(sentence: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

    assert names(ALL[code].en) == names(ALL[code].lv)
    for language in LANGUAGES:
        message = Message(code, dict.fromkeys(names(ALL[code].en), "X"))
        assert "{" not in text(message, language)
        assert next_step(message, language).endswith(".")


def test_a_missing_name_is_left_out_and_an_unknown_code_is_shown() -> None:
    assert "…" in text(Message("reference.changed"), "lv")
    assert text(Message("no.such-code"), "lv") == "no.such-code"
    assert next_step(Message("no.such-code"), "lv") == ""


# What only those who make signatures, or check them for a living, have a word for.
_JARGON = re.compile(
    r"INDETERMINATE|TOTAL|_NO_POE|AdES|XAdES|PAdES|CAdES|ASiC|OCSP|CRL|SHA|X\.509|DOCTYPE|BDOC|\{(?:sub)?indication\}"
)


@pytest.mark.parametrize("code", sorted(known_codes()))
def test_no_sentence_needs_a_standard_to_be_understood(code: str) -> None:
    sentence = ALL[code]
    for said in (sentence.en, sentence.lv, sentence.next.en, sentence.next.lv):
        assert _JARGON.findall(said) == []


def test_moments_are_said_by_the_clock_of_whoever_speaks_and_spans_in_hours_and_days() -> None:
    revoked = Message.of("certificate.revoked", name="ANNA", time="2026-11-24T12:05:00+00:00")
    with using_wording(Wording(zone=ZoneInfo("Europe/Riga"))):
        assert "24.11.2026. plkst. 14.05" in text(revoked, "lv")
        assert "24.11.2026 at 14:05" in text(revoked, "en")
    assert "24.11.2026. plkst. 12.05 UTC" in text(revoked, "lv")
    assert "24.11.2026 at 12:05 UTC" in text(revoked, "en")
    early = Message.of("ocsp.before-stamp", seconds=56242)
    assert "16 stundas pirms" in text(early, "lv")
    assert "16 hours before" in text(early, "en")
    late = Message.of("ocsp.long-after-stamp", hours=506.4)
    assert "21 dienu pēc" in text(late, "lv")


def test_the_library_sends_to_nobody_by_name_unless_it_is_told_to_whom() -> None:
    message = Message(next(code for code, sentence in ALL.items() if sentence.next is ASK_FOR_HELP))
    assert "ask whoever advises you" in next_step(message, "en")
    assert "VIIS" not in next_step(message, "lv")
    with using_wording(Wording(adviser_en="Anna", adviser_lv="Annai")):
        assert "ask Anna." in next_step(message, "en")
        assert "jautājiet Annai." in next_step(message, "lv")
    assert "ask whoever advises you" in next_step(message, "en")


def test_a_name_cannot_turn_the_direction_of_the_sentence_it_stands_in() -> None:
    said = text(Message.of("reference.changed", file="rīkojums\u202efdp.exe\u0000"), "lv")
    assert said == "Parakstītais saturs „rīkojumsfdp.exe” pēc parakstīšanas ir mainīts."


def test_a_reference_to_the_whole_document_is_named_in_each_language() -> None:
    message = Message.of("reference.changed", file="")
    assert text(message, "en") == 'The signed content "the whole document" was changed after signing.'
    assert text(message, "lv") == "Parakstītais saturs „viss dokuments” pēc parakstīšanas ir mainīts."
