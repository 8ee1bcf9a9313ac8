"""Every reason has its sentences, in both languages, with a next step; no code is spoken that nobody wrote."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from signing.messages import LANGUAGES, known_codes, next_step, text
from signing.model import Message
from signing.sentences import ALL

_PACKAGE = Path(__file__).parents[2] / "signing"
_CODE = re.compile(r"[a-z]+\.[a-z0-9-]+")
_SPEAKERS = {"of", "Message", "BrokenDocument", "TooLarge", "NotASignedDocument", "NotFetched", "TrustUnavailable"}
_SPEAKERS |= {"UnreadableList", "UnverifiedList", "SupersededList", "EncryptedDocument", "EmptyDocument"}


def spoken_codes() -> set[str]:
    """Every code the package's own source hands to a message or an error."""
    found = set()
    for path in _PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                code = node.args[0].value
                if name in _SPEAKERS and isinstance(code, str) and _CODE.fullmatch(code):
                    found.add(code)
    return found


def test_every_code_that_is_spoken_has_its_sentences() -> None:
    assert spoken_codes() - known_codes() == set()


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
