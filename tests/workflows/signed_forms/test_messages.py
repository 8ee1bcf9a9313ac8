"""Every reason has its sentence and its next step in both languages, and nobody can write into them."""

import ast
import re
from pathlib import Path

import pytest

from signing.messages import known_codes
from signing.model import Message
from workflows.application import jobs as _all_jobs  # noqa: F401 - declares them
from workflows.signed_forms import messages
from workflows.signed_forms.messages import Reader
from workflows.signed_forms.sentences import FOR_REVIEWERS, SENTENCES, current

_PACKAGE = Path(messages.__file__).parent
_CODE = re.compile(r"(?:form|grant|revocation)\.(?!typ$)[a-z.-]+")
_SAID_IN = {"messages.py", "sentences.py", "objections.py"}
CODES = frozenset(SENTENCES)
_FINAL = {"form.confirmed-by-person"}  # nothing is left to do


@pytest.mark.parametrize("code", sorted(CODES))
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
    return found


def test_a_code_is_seen_however_it_is_handed_on(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text('_object(why="form.by-helper")\nTABLE = {1: "grant.in-a-table"}')
    assert spoken_codes(tmp_path) == {"form.by-helper", "grant.in-a-table"}


def test_every_code_the_process_speaks_has_its_sentence_and_every_sentence_is_spoken() -> None:
    spoken = spoken_codes(*(_PACKAGE.parent / name for name in ("signed_forms", "application", "web", "evidence")))
    assert spoken - CODES == set()
    assert CODES - spoken == set()
    assert not CODES & known_codes()


# Kept so with uploads, notes and comparisons until November 2026: this list only ever grows.
_KEPT_AS = {
    "application.attached": "form.attached",
    "application.compared-fonts": "form.compared-fonts",
    "application.compared-other-views": "form.compared-other-views",
    "application.compared-over-text": "form.compared-over-text",
    "application.compared-repaired": "form.compared-repaired",
    "application.confirmed-by-person": "form.confirmed-by-person",
    "application.content-differs": "form.content-differs",
    "application.could-not-be-judged": "form.could-not-be-judged",
    "application.form-of-another": "form.form-of-another",
    "application.more-than-signed": "form.more-than-signed",
    "application.name-differs": "form.name-differs",
    "application.not-compared": "form.not-compared",
    "application.not-our-form": "form.not-our-form",
    "application.not-signed": "form.not-signed",
    "application.older-than-form": "form.older-than-form",
    "application.older-than-last-end": "form.older-than-last-end",
    "application.other-file": "form.other-file",
    "application.other-signature-not-valid": "form.other-signature-not-valid",
    "application.read-by-person": "form.read-by-person",
    "application.saved-anew": "form.saved-anew",
    "application.saved-anew-before": "form.saved-anew-before",
    "application.saved-anew-too": "form.saved-anew-too",
    "application.shows-differently-elsewhere": "form.shows-differently-elsewhere",
    "application.signatory-unconfirmed": "form.signatory-unconfirmed",
    "application.signed-pdf-inside": "form.signed-pdf-inside",
    "application.signer-code-without-country": "form.signer-code-without-country",
    "application.signer-not-entitled": "form.signer-not-entitled",
    "application.signer-not-head": "grant.signer-not-head",
    "application.signer-not-user": "grant.signer-not-user",
    "application.signer-without-code": "form.signer-without-code",
    "application.used-before": "form.used-before",
}


@pytest.mark.parametrize(("before", "now"), _KEPT_AS.items())
def test_what_was_kept_under_an_earlier_code_is_read_for_ever(before: str, now: str) -> None:
    assert current(before) == now
    for language in ("lv", "en"):
        for to in Reader:
            assert messages.say(Message(before, {}), language, to=to) == messages.say(Message(now, {}), language, to=to)


def test_codes_of_nobody_and_of_others_stay_what_they_are() -> None:
    for code in ("chain.not-found", "application.approve", "application.nothing", "form.not-signed", "grant.x", ""):
        assert current(code) == code


def test_signed_forms_speak_of_no_process() -> None:
    """An application, a grant or a revocation is for its kind to speak of."""
    ours = {code: one for code, one in SENTENCES.items() if code.startswith("form.")}
    said = [text for one in ours.values() for text in (one.lv, one.en, one.lv_next, one.en_next)]
    said += [text for code, both in FOR_REVIEWERS.items() if code in ours for text in both]
    assert [text for text in said if re.search(r"iesniegum|application|saistību rakst", text, re.IGNORECASE)] == []


def test_a_name_from_a_strangers_certificate_is_text_and_no_pattern() -> None:
    said = messages.say(Message("grant.signer-not-user", {"name": "{day} {name}"}), "en")
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
    general = Message.of("form.more-than-signed")
    (_, changed) = messages.say_all((general, Message.of("pdf.differs-text", page=1)), "lv")
    assert changed.text
    assert not changed.next_step
    (_, covered) = messages.say_all((general, Message.of("pdf.differs-covered", page=1)), "lv")
    assert "nelielu paraksta attēlu" in covered.next_step


@pytest.mark.parametrize("code", sorted(CODES | known_codes()))
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
    said = messages.say(Message.of("form.signer-not-entitled", name="ILZE", day="2026-11-24"), "lv")
    assert "(24.11.2026.)" in said.text
