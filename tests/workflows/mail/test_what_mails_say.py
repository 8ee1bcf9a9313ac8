"""Every mail says what is true: what to do, by when, of which application; its pages open in its language."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from builders.workflows.mails import examples
from workflows import mail
from workflows.i18n import Language
from workflows.mail.rendering import Rendered, render

TEMPLATES = Path(mail.__file__).parent / "templates"
NAMES = {path.name.removesuffix(".txt.jinja") for path in TEMPLATES.glob("[a-z]*.txt.jinja")}
# Whoever gets one of these has something to do when they did not expect it.
ALARMS = {"account_address_changed", "reset_done", "rights_ended"}


def every() -> Iterator[tuple[str, str, Mapping[str, object]]]:
    for language in Language:
        for name, contexts in examples(language.value).items():
            for context in contexts:
                yield language.value, name, context


EVERY = [pytest.param(*one, id=f"{one[1]}-{one[0]}-{number}") for number, one in enumerate(every())]
OF_AN_APPLICATION = [one for one in EVERY if str(one.values[1]).startswith("application_")]
ALARMING = [one for one in EVERY if one.values[1] in ALARMS]


def written(language: str, name: str, context: Mapping[str, object]) -> Rendered:
    return render(name, language=language, context=context)


@pytest.mark.parametrize("language", list(Language))
def test_every_mail_has_examples(language: Language) -> None:
    assert set(examples(language.value)) == NAMES


@pytest.mark.parametrize(("language", "name", "context"), EVERY)
def test_pages_open_in_the_language_of_the_mail(language: str, name: str, context: Mapping[str, object]) -> None:
    said = written(language, name, context)
    for text in (said.text, said.html.replace("&amp;", "&")):
        addresses = re.findall(r"https://viis\.example[^\s\"<]*", text)
        assert addresses
        assert [one for one in addresses if not re.search(rf"[?&]lang={language}(?:#|$)", one)] == []


@pytest.mark.parametrize(("language", "name", "context"), OF_AN_APPLICATION)
def test_a_mail_of_an_application_names_it(language: str, name: str, context: Mapping[str, object]) -> None:
    said = written(language, name, context)
    assert "3HXM-97QA-KD6C" in said.subject
    for text in (said.text, said.html):
        assert "A. L." in text
        assert "Aldas vidusskola" in text
        assert (context["deadline"] is None) or "30.12.2026" in text


@pytest.mark.parametrize("language", list(Language))
def test_whoever_asked_for_rights_reads_whose_and_where_they_end(language: Language) -> None:
    for context in examples(language.value)["rights_ended_asker"]:
        said = written(language.value, "rights_ended_asker", context)
        named = [*context["applications"], *context["asked_stay"]]  # type: ignore[misc]  # lists
        for text in (said.text, said.html):
            assert text.count("A. L.") == len(named)
            assert "Aldas vidusskola" in text


@pytest.mark.parametrize(("language", "name", "context"), OF_AN_APPLICATION)
def test_the_number_of_an_application_stands_on_one_line(
    language: str, name: str, context: Mapping[str, object]
) -> None:
    assert 'white-space:nowrap;">3HXM-97QA-KD6C</strong>' in written(language, name, context).html


@pytest.mark.parametrize(("language", "name", "context"), ALARMING)
def test_no_alarm_says_that_nothing_need_be_done(language: str, name: str, context: Mapping[str, object]) -> None:
    said = written(language, name, context)
    for text in (said.text, said.html):
        assert "nekas nav jādara" not in text
        assert "need not do anything" not in text


@pytest.mark.parametrize("language", list(Language))
def test_a_changed_password_names_whom_to_tell_at_once(language: Language) -> None:
    (context,) = examples(language.value)["reset_done"]
    said = written(language.value, "reset_done", context)
    assert "6700 0000, viis@izm.example" in said.text
    assert "6700\xa00000, viis@izm.example" in said.html, "a telephone number stands on one line"


@pytest.mark.parametrize("language", list(Language))
def test_who_has_a_password_is_not_told_to_set_one(language: Language) -> None:
    without, having = examples(language.value)["account_ready"]
    assert re.search("Paroli iestatiet|Set your password", written(language.value, "account_ready", without).text)
    said = written(language.value, "account_ready", having)
    assert not re.search("[Ii]estatiet|Set (?:your|a) password", said.text + said.html)
    for text in (said.text, said.html):
        assert f"https://viis.example/my?lang={language}" in text, "where to sign in"
