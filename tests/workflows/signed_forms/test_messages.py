"""Every reason has its sentence and its next step in both languages, and nobody can write into them."""

import ast
import re
from pathlib import Path

import pytest

from signing.messages import known_codes
from signing.model import Message
from workflows.application import jobs as _all_jobs  # noqa: F401 - declares them
from workflows.application.approvals import APPROVE  # a kind of proposal, and no reason
from workflows.jobs import UnknownJob
from workflows.jobs.registry import defined
from workflows.signed_forms import messages
from workflows.signed_forms.messages import Reader

_PACKAGE = Path(messages.__file__).parent
_CODE = re.compile(r"application\.[a-z.-]+")
_SAID_IN = {"messages.py", "sentences.py"}
_FINAL = {"application.confirmed-by-person"}  # nothing is left to do


@pytest.mark.parametrize("code", sorted(messages.CODES))
def test_every_reason_is_said_in_both_languages_with_what_to_do_next(code: str) -> None:
    latvian, english = (messages.say(Message(code, {}), language) for language in ("lv", "en"))
    assert latvian.text
    assert english.text
    assert latvian.text != english.text
    assert code in _FINAL or (latvian.next_step and english.next_step)


def spoken_codes(*folders: Path) -> set[str]:
    """Every string of the shape of a code in the sources, whoever it is handed to."""
    found = set()
    for path in (path for folder in folders for path in folder.rglob("*.py") if path.name not in _SAID_IN):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
                found.add(node.value)
    return {name for name in found if not _is_job(name) and name != APPROVE}


def _is_job(name: str) -> bool:
    """Jobs are named alike; what they are called is read by nobody."""
    try:
        return bool(defined(name))
    except UnknownJob:
        return False


def test_a_code_is_seen_however_it_is_handed_on(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text('_object(why="application.by-helper")\nTABLE = {1: "application.in-a-table"}')
    assert spoken_codes(tmp_path) == {"application.by-helper", "application.in-a-table"}


def test_every_code_the_process_speaks_has_its_sentence_and_every_sentence_is_spoken() -> None:
    spoken = spoken_codes(*(_PACKAGE.parent / name for name in ("signed_forms", "application", "web", "evidence")))
    assert spoken - messages.CODES == set()
    assert messages.CODES - spoken == set()
    assert not messages.CODES & known_codes()


def test_a_name_from_a_strangers_certificate_is_text_and_no_pattern() -> None:
    said = messages.say(Message("application.signer-not-user", {"name": "{day} {name}"}), "en")
    assert "{day} {name}" in said.text


def test_reasons_of_signing_are_said_by_signing() -> None:
    assert messages.say(Message("document.empty"), "lv").text != "document.empty"


def test_the_reason_that_tells_something_stands_first_and_what_it_explains_is_left_out() -> None:
    given = (
        Message.of("signature.not-valid", indication="INDETERMINATE", subindication="REVOKED_NO_POE"),
        Message.of("certificate.revoked", name="ZANE", time="2026-10-25T17:00:00+00:00"),
        Message.of("qualification.undetermined"),
    )
    (said,) = messages.say_all(given, "lv")
    assert said.text == "ZANE sertifikāts parakstīšanas brīdī jau bija atsaukts (kopš 25.10.2026. plkst. 19.00)."
    assert said.technical == "certificate.revoked (time=2026-10-25T17:00:00+00:00)"
    (alone,) = messages.say_all(given[:1], "lv")
    assert alone.text == "Paraksts nav derīgs."


def test_the_same_thing_to_do_is_said_once() -> None:
    both = messages.say_all((Message.of("stamp.missing"), Message.of("stamp.not-valid", authority="X")), "en")
    assert [bool(one.next_step) for one in both] == [True, False]


def test_how_to_sign_a_form_again_is_not_said_in_two_ways() -> None:
    general = Message.of("application.more-than-signed")
    (_, changed) = messages.say_all((general, Message.of("pdf.differs-text", page=1)), "lv")
    assert changed.text
    assert not changed.next_step
    (_, covered) = messages.say_all((general, Message.of("pdf.differs-covered", page=1)), "lv")
    assert "nelielu paraksta attēlu" in covered.next_step


@pytest.mark.parametrize("code", sorted(messages.CODES | known_codes()))
def test_each_reader_is_told_only_what_is_so_for_them(code: str) -> None:
    for language in ("lv", "en"):
        reviewer = messages.say(Message(code), language, to=Reader.REVIEWER).next_step
        assert "Jums nekas nav jādara" not in reviewer
        assert "nothing for you to do" not in reviewer
        visitor = messages.say(Message(code), language, to=Reader.VISITOR).next_step
        if code in known_codes():
            assert "by itself" not in visitor
            assert "automātiski" not in visitor


def test_days_are_said_as_people_write_them() -> None:
    said = messages.say(Message.of("application.signer-not-entitled", name="ILZE", day="2026-11-24"), "lv")
    assert "(24.11.2026.)" in said.text
