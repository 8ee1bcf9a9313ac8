"""The queue shows what waits, filters and sorts by its address, and exports what it shows."""

import csv
import io
import itertools
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import openpyxl  # type: ignore[import-untyped]  # has no type hints
import pytest
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from tests.workflows.web.acting import act
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application


@pytest.fixture
def case(office: Office) -> Submitted:
    """An application with both signatures; who may sign is not recorded yet."""
    submitted = office.submit()
    office.prove(submitted)
    return submitted


def test_the_queue_shows_tiles_filters_by_address_and_exports_what_is_filtered(
    case: Submitted, office: Office, sign_in: SignIn
) -> None:
    other = office.submit("head-user", "head-user")
    office.prove(other)
    reviewer = sign_in()
    everything = text_of(reviewer.get("/review").text)
    assert "2 iesniegumi" in everything
    filtered = reviewer.get("/review", params={"q": "Vientule"}).text
    assert other.reference in filtered
    assert case.reference not in filtered
    lines = list(csv.reader(io.StringIO(reviewer.get("/review.csv?q=Vientule").text.lstrip("\ufeff")), delimiter=";"))
    assert [line[0] for line in lines] == ["Numurs", other.reference]
    book = openpyxl.load_workbook(io.BytesIO(reviewer.get("/review.xlsx?q=Vientule").content))
    assert [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)] == lines
    assert "Šeit nekas negaida" in reviewer.get("/review", params={"overdue": "yes"}).text


def listed(page: str) -> list[str]:
    """Read the numbers of the applications in the list on the screen, in its order."""
    return re.findall(r'<a class="govuk-link viis-reference" href="/review/([^"]+)"', page)


@pytest.fixture
def several(office: Office, sign_in: SignIn, sessions: sessionmaker[Session]) -> list[Submitted]:
    """Five applications: nothing signed, for a person, both signed, asked for more, and refused."""
    unsigned, person, both, asked, refused = (
        office.submit(*pair) for pair in [("head", "user")] * 3 + [("head-user", "head-user")] * 2
    )
    office.prove(person, Part.APPLICATION)
    office.prove(person, Part.LETTER, foreign=True)
    for one in (both, asked, refused):
        office.prove(one)
    reviewer = sign_in()
    act(reviewer, asked, "decide", decision="ask", reason="Lūdzu, rīkojumu.")
    act(reviewer, refused, "decide", decision="refuse", reason="Nav darbinieks.", confirmed="yes")
    act(reviewer, both, "claim")
    with sessions.begin() as session:
        for one in (refused, person):
            application = session.get_one(Application, one.id)
            application.in_review_at = datetime.now(UTC) - timedelta(days=40)
    return [unsigned, person, both, asked, refused]


def test_the_export_is_the_list_on_the_screen_for_every_combination_of_filters(
    several: list[Submitted], sign_in: SignIn
) -> None:
    reviewer, found = sign_in(), set()
    values = {
        "q": ("", "Vientule"),
        "state": ("", "in_review", "refused"),
        "signed": ("", "noted", "signatory", "awaited"),
        "municipality": ("", "Ezerpils"),
        "who": ("", "mine"),
        "overdue": ("", "yes"),
        "sort": ("user",),
    }
    for chosen in itertools.product(*values.values()):
        address = dict(zip(values, chosen, strict=True))
        page = reviewer.get("/review", params=address).text
        link = re.search(r'href="(/review\.csv[^"]*)"', page)
        assert link
        lines = csv.reader(io.StringIO(reviewer.get(unescape(link[1])).text.lstrip("\ufeff")), delimiter=";")
        shown = listed(page)
        assert [line[0] for line in lines] == ["Numurs", *shown], address
        found.add(tuple(sorted(shown)))
    assert tuple(sorted(one.reference for one in several)) in found
    assert len(found) > 5


def test_the_queue_has_a_column_of_the_status_and_says_only_what_is_so(
    several: list[Submitted], sign_in: SignIn
) -> None:
    unsigned, _, both, _, refused = several
    lines = sign_in().get("/review.csv?state=").text
    rows = {row["Numurs"]: row for row in csv.DictReader(io.StringIO(lines.lstrip("\ufeff")), delimiter=";")}
    assert rows[unsigned.reference]["Paraksti"] == "Gaida parakstus"
    assert rows[refused.reference]["Statuss"] == "Noraidīts"
    assert (rows[refused.reference]["Gaida kopš"], rows[refused.reference]["Darbdienas"]) == ("", "")
    assert rows[refused.reference]["Paraksti"] == "Viss pārbaudīts", "whoever may sign is no question any more"
    assert rows[both.reference]["Paraksti"] == "Paraksttiesības jāapstiprina"


def test_columns_are_sorted_by_their_heads_and_say_so(several: list[Submitted], sign_in: SignIn) -> None:
    reviewer = sign_in()
    for sort in ("number", "institution", "user", "status", "since", "signatures", "taken"):
        up = listed(reviewer.get("/review", params={"state": "", "sort": sort}).text)
        page = reviewer.get("/review", params={"state": "", "sort": sort, "down": "yes"}).text
        assert sorted(up) == sorted(one.reference for one in several) == sorted(listed(page))
        assert page.count('aria-sort="descending"') == 1
        assert page.count('aria-sort="none"') == 6
    by_number = listed(reviewer.get("/review", params={"state": "", "sort": "number"}).text)
    assert by_number == sorted(by_number)
    down = listed(reviewer.get("/review", params={"state": "", "sort": "number", "down": "yes"}).text)
    assert down == by_number[::-1]


def test_the_number_of_a_decided_case_finds_it_whatever_else_is_chosen(
    several: list[Submitted], sign_in: SignIn
) -> None:
    reference = several[-1].reference
    for written in (reference, reference.lower().replace("-", " ")):
        assert listed(sign_in().get("/review", params={"q": written, "who": "mine"}).text) == [reference]


def test_taking_the_next_one_where_none_waits_is_answered(sign_in: SignIn) -> None:
    reviewer = sign_in()
    page = reviewer.get("/review").text
    answer = reviewer.post("/review/next", data={"csrf": token_in(page)}, follow_redirects=True)
    assert "Nākamā iesnieguma nav" in text_of(answer.text)
    assert "Nākamā iesnieguma nav" not in text_of(page)
