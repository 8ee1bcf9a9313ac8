"""Every reason has its sentence and its next step in both languages, and nobody can write into them."""

import re
from pathlib import Path

import pytest

from signing.messages import known_codes
from signing.model import Message
from workflows.application import messages

_PACKAGE = Path(messages.__file__).parent
_FINAL = {"application.confirmed-by-person"}  # nothing is left to do


@pytest.mark.parametrize("code", sorted(messages.CODES))
def test_every_reason_is_said_in_both_languages_with_what_to_do_next(code: str) -> None:
    latvian, english = (messages.say(Message(code, {}), language) for language in ("lv", "en"))
    assert latvian.text
    assert english.text
    assert latvian.text != english.text
    assert code in _FINAL or (latvian.next_step and english.next_step)


def test_every_code_the_process_speaks_has_its_sentence() -> None:
    spoken = set()
    for path in _PACKAGE.glob("*.py"):
        spoken |= set(re.findall(r'Message(?:\.of)?\(\s*"(application\.[a-z.-]+)"', path.read_text("utf-8")))
    assert spoken <= messages.CODES
    assert len(spoken) > 12
    assert not messages.CODES & known_codes()


def test_a_name_from_a_strangers_certificate_is_text_and_no_pattern() -> None:
    said = messages.say(Message("application.signer-not-user", {"name": "{day} {name}"}), "en")
    assert "{day} {name}" in said.text


def test_reasons_of_signing_are_said_by_signing() -> None:
    assert messages.say(Message("document.empty"), "lv").text != "document.empty"
