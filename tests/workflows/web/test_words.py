"""Both languages are complete, and neither leaks into the other."""

import datetime as dt
import re

import pytest
from babel.messages.pofile import read_po

from signing.sentences import ALL
from tests.check.translations import CATALOGUES, translations
from tests.workflows.web.site import Site
from workflows.i18n import Language, translator

READABLE = [
    "/",
    "/help",
    "/support",
    "/accessibility",
    "/privacy",
    "/cookies",
    "/nowhere",
    "/apply",
    "/track",
    "/verify",
    "/restore",
]

# Words a Latvian sentence does not have.
ENGLISH = re.compile(
    r"\b(?:the|and|you|your|of|is|are|with|this|please|error|menu|page|choose|enter|skip|back|file)\b", re.IGNORECASE
)


def readable(page: str) -> str:
    """What a person or a screen reader gets, without the other language's name, addresses and cookie names."""
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    page = re.sub(r'<a [^>]*lang="(?:en|lv)".*?</a>', " ", page, flags=re.DOTALL)
    spoken = re.findall(r'(?:aria-label|alt|title|placeholder|value|content)="([^"]*)"', page)
    return " ".join([re.sub(r"<[^>]+>", " ", page), *spoken])


def test_catalogues_are_complete_and_compiled() -> None:
    assert list(translations()) == []


@pytest.mark.parametrize("path", READABLE)
def test_a_latvian_page_has_no_english_words(site: Site, path: str) -> None:
    with site.visitor() as visitor:
        page = visitor.get(path).text
    assert '<html lang="lv"' in page
    assert ENGLISH.findall(readable(page)) == []


@pytest.mark.parametrize("path", READABLE)
def test_an_english_page_has_no_latvian_sentences(site: Site, path: str) -> None:
    with site.visitor() as visitor:
        page = visitor.get(path, params={"lang": "en"}).text
    assert '<html lang="en"' in page
    latvian = re.findall(r"\b(?:un|vai|ir|nav|lapa|iesniegum\w*|parakst\w*|lūdzu)\b", readable(page), re.IGNORECASE)
    assert [word for word in latvian if word != "eParaksts"] == []


@pytest.mark.parametrize("language", list(Language))
def test_every_page_has_a_title_of_its_own(site: Site, language: Language) -> None:
    pages = [*READABLE, "/reset", "/reset/new", "/login/again", "/login/return"]
    with site.visitor() as visitor:
        said = {
            page: visitor.get(page, params={"lang": language.value})
            .text.partition("<title>")[2]
            .partition("</title>")[0]
            for page in pages
        }
    assert len(set(said.values())) == len(said), said
    assert all(title.endswith(" IZM") for title in said.values())


def test_the_chosen_language_is_remembered(site: Site) -> None:
    with site.visitor() as visitor:
        assert "Help" in visitor.get("/help", params={"lang": "en"}).text
        assert '<html lang="en"' in visitor.get("/").text
        assert '<html lang="lv"' in visitor.get("/", params={"lang": "lv"}).text


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 darbdienu"), (1, "1 darbdiena"), (2, "2 darbdienas"), (11, "11 darbdienu"), (21, "21 darbdiena")],
)
def test_latvian_plurals(count: int, expected: str) -> None:
    said = translator("lv").plural("%(n)s working day", "%(n)s working days", count)
    assert said == expected.replace(" ", "\xa0"), "the number stays on the line of what it counts"


def test_moments_are_shown_by_the_clock_of_riga() -> None:
    summer = dt.datetime(2026, 6, 30, 22, 30, tzinfo=dt.UTC)
    assert translator("lv").moment(summer) == "01.07.2026. plkst.\xa001.30"
    assert translator("lv").second(summer) == "01.07.2026. plkst.\xa001.30.00"
    assert translator("en").moment(summer) == "01.07.2026 at\xa001:30"
    assert translator("en").day_in_text(summer) == "1\xa0July 2026"


def test_every_month_is_in_the_locative_and_numbers_have_the_comma_of_the_language() -> None:
    months = "janvārī februārī martā aprīlī maijā jūnijā jūlijā augustā septembrī oktobrī novembrī decembrī"
    for month, said in enumerate(months.split(), start=1):
        assert translator("lv").day_in_text(dt.date(2026, month, 1)) == f"2026.\xa0gada 1.\xa0{said}"
    assert translator("en").day_in_text(dt.date(2026, 11, 4)) == "4\xa0November 2026"
    assert (translator("lv").size(1_500_000), translator("en").size(1_500_000)) == ("1,4\xa0MB", "1.4\xa0MB")


def test_no_sentence_lets_a_number_stand_on_another_line_than_what_it_counts() -> None:
    counted = r"(?:MB|darbdien|dien|gad|stund|minūt|mēne|rakstzīm|working|day|year|hour|minute|month|character)"
    for language in Language:
        with (CATALOGUES / language.value / "LC_MESSAGES" / "messages.po").open("rb") as catalogue:
            asked = [str(one.id) for one in read_po(catalogue) if one.id and not isinstance(one.id, tuple)]
        said = [translator(language.value).gettext(one) for one in asked]
        torn = [one for one in said if re.search(rf"(?:\d|\)s|\d\.) {counted}|\bN[ro]\.? \d", one)]
        assert torn == []
        assert any("\xa0" in one for one in said)


def test_latvian_sentences_have_latvian_quotes_and_one_form_of_address() -> None:
    """„…” and nothing else; *jūs* begins with a capital where a sentence does."""
    with (CATALOGUES / "lv" / "LC_MESSAGES" / "messages.po").open("rb") as catalogue:
        messages = [message.string or "" for message in read_po(catalogue)]
    said = [form for one in messages for form in ((one,) if isinstance(one, str) else one)]
    said += [one for sentence in ALL.values() for one in (sentence.lv, sentence.next.lv)]
    assert [one for one in said if "“" in one or one.count("„") != one.count("”")] == []
    assert [one for one in said if re.search(r"[^.!?:>*\s”]\s+J(?:ūs|ūsu|ums)\b", one)] == []
