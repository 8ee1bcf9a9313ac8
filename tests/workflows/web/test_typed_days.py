"""What people type where a day is asked for: a sentence at the field, and what was typed still in it."""

import html
import re
from datetime import date

import httpx
import pytest

from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import send, token_in
from tests.workflows.web.site import Site

ARABIC = {ord("0") + digit: chr(0x660 + digit) for digit in range(10)}
NO_DAYS = [
    "2027-13-01",
    "2027-02-29",
    "2027-00-10",
    "2027-01-00",
    "0000-01-01",
    "9999-99-99",
    "1899-12-31",
    "9999-12-31",
    "2027-01-01".translate(ARABIC),
    "2027-1-1x",
    "29.02.2027.",
    "31.04.2027",
    "00.00.0000",
    "1.1.27",
    "99999999999999999999.1.2027",
    "1.1.99999999999999999999",
    "--",
    "rīt",
    "2027-01-01T00:00:00",
    "<b>1.1.2027</b>",
]


def begin(visitor: httpx.Client, kind: str) -> str:
    """Choose the first school that is found and return the draft's address."""
    page = visitor.get("/apply", params={"kind": kind, "q": "vidusskola"}).text
    place = re.search(r'name="place" type="radio" value="(i-\d{10})"', page)
    assert place
    said = {"csrf": token_in(page), "kind": kind, "place": place[1], "q": "vidusskola"}
    return visitor.post("/apply", data=said).headers["location"].rpartition("/")[0]


def kept_in(page: httpx.Response, field: str) -> str:
    """Return what stands in the field."""
    found = re.search(rf'<input[^>]*\bname="{field}"[^>]*>', page.text)
    assert found, "the field is not there"
    value = re.search(r'value="([^"]*)"', found[0])
    return html.unescape(value[1]) if value else ""


@pytest.mark.parametrize(("kind", "step", "field"), [("grant", "dates", "since"), ("revocation", "end", "last_day")])
def test_an_applicant_who_types_no_day_is_told_and_keeps_what_was_typed(
    site: Site, kind: str, step: str, field: str
) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor, kind)
        for text in NO_DAYS:
            answer = send(visitor, f"{draft}/{step}", **{field: text})
            assert (answer.status_code, kept_in(answer, field)) == (422, text)
            assert f'id="{field}-error"' in answer.text, text


def test_a_saved_day_is_shown_as_people_write_it(site: Site) -> None:
    with site.visitor() as visitor:
        draft, day = begin(visitor, "grant"), date.today()  # noqa: DTZ011 - a day that is accepted, whichever
        assert send(visitor, f"{draft}/dates", since=day.isoformat()).status_code == 303
        assert kept_in(visitor.get(f"{draft}/dates"), "since").rstrip(".") == f"{day:%d.%m.%Y}"


def test_staff_who_look_at_no_day_are_told(sign_in: SignIn) -> None:
    reviewer = sign_in()
    for text in NO_DAYS:
        answer = reviewer.get("/grants", params={"scope": "s", "at": text})
        assert (answer.status_code, kept_in(answer, "at")) == (422, text)
