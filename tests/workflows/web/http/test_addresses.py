"""Whatever is written into an address or a field is answered by a page, never by a fault of ours."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session, sessionmaker

import workflows.web
from tests.workflows.web.conftest import session_of
from tests.workflows.web.reading import token_in
from tests.workflows.web.site import Site
from workflows.staff import Role
from workflows.web.api import ALL as MACHINES
from workflows.web.pages import ALL

# As they stand in an address, encoded.
HOSTILE = {
    "NUL": "%00",
    "NUL within": "a%00b",
    "no UTF-8": "%ff%fe",
    "a surrogate": "%ed%a0%80",
    "overlong": "%c0%af",
    "line breaks": "%0d%0aSet-Cookie:%20a=b",
    "an escape": "%1b%5b2J",
    "another alphabet": quote("Анна"),
    "an unseen letter": quote("\u200b\u202e\u2063"),
    "a smile": quote("😀"),
    "not a character": quote("\ufffe\uffff"),
    "10,000 characters": "a" * 10_000,
    "7,000 characters": "a" * 7_000,
    "a large number": "9" * 40,
    "a negative number": "-1",
    "wide digits": quote("\uff11\uff12"),
    "a superscript": quote("²"),
    "a path": "..%2f..%2fetc%2fpasswd",
    "quotes": "%27%22%3c%3e",
    "an open percent": "%",
    "nothing": "%20",
}
UNREADABLE = ("NUL", "NUL within", "no UTF-8", "a surrogate", "overlong", "line breaks", "an escape")
PAGES = [route for routes in (*MACHINES, *ALL) for route in routes.routes if isinstance(route, APIRoute)]
FIELDS = sorted(
    {
        name
        for file in Path(workflows.web.__file__).parent.rglob("*.py")
        for name in re.findall(r'\bform\.get\("([\w-]+)"\)', file.read_text("utf-8"))
    }
    | {"given_name", "surname", "personal_code", "level", "places", "since", "until", "basis", "detail", "place"}
)
BOUND = {"kind": "application", "part": "letter", "number": "1", "grant": "1"}


@pytest.fixture
def member(site: Site, sessions: sessionmaker[Session]) -> Iterator[httpx.Client]:
    token = session_of(sessions, "inese.kalna", "Inese Kalna", *(set(Role) - {Role.CONSULTANT}))
    with site.visitor() as visitor:
        visitor.cookies.set("viis-session", token)
        yield visitor


def addresses(route: APIRoute) -> Iterator[tuple[str, str]]:
    """Give the route's address with each of its parts hostile in turn."""
    parts = re.findall(r"\{(\w+)\}", route.path)
    queries = [one.alias for one in route.dependant.query_params]
    for kind, evil in HOSTILE.items():
        # What no route is asked for needs no more than one place in each.
        for hostile in parts[:1] if kind in UNREADABLE else parts:
            values = {**dict.fromkeys(parts, "3HXM-97QA-KD6C"), **BOUND, hostile: evil}
            yield kind, route.path.format(**values)
        for query in (queries or ["lang"])[: 1 if kind in UNREADABLE else None]:
            plain = {**dict.fromkeys(parts, "3HXM-97QA-KD6C"), **BOUND}
            yield kind, f"{route.path.format(**plain)}?{query}={evil}"


def test_no_address_is_a_fault_of_ours(member: httpx.Client) -> None:
    token = token_in(member.get("/people").text)
    faults = []
    for route in PAGES:
        method = min(route.methods or ())
        if route.path == "/logout":
            continue
        for kind, address in addresses(route):
            answer = member.request(method, address, data={"csrf": token} if method == "POST" else None)
            said = answer.status_code
            if said in {500, 502, 504} or (kind in UNREADABLE and (said != 404 or "set-cookie" in answer.headers)):
                faults.append((said, method, kind, address[:60]))
    assert faults == []


def test_no_field_is_a_fault_of_ours(member: httpx.Client) -> None:
    token = token_in(member.get("/people").text)
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    faults = []
    for route, (kind, evil) in product(PAGES, HOSTILE.items()):
        if "POST" not in (route.methods or ()) or route.path == "/logout":
            continue
        parts = {**dict.fromkeys(re.findall(r"\{(\w+)\}", route.path), "3HXM-97QA-KD6C"), **BOUND}
        body = "&".join((f"csrf={quote(token)}", *(f"{name}={evil}" for name in FIELDS)))
        answer = member.post(route.path.format(**parts), content=body, headers=head)
        if answer.status_code in {500, 502, 504}:
            faults.append((answer.status_code, kind, route.path))
    assert faults == []


def test_no_cookie_is_a_fault_of_ours(site: Site) -> None:
    faults = []
    with site.visitor() as visitor:
        for name, (kind, evil) in product(["session", "visit", "language", "key-3HXM-97QA-KD6C"], HOSTILE.items()):
            for value in (evil.encode(), evil.encode().replace(b"%", b"\xff")):
                for path in ("/", "/track/3HXM-97QA-KD6C", "/review", "/reset"):
                    answer = visitor.get(path, headers=[(b"Cookie", b"viis-%s=%s" % (name.encode(), value))])
                    if answer.status_code >= 500:
                        faults.append((answer.status_code, kind, name, path))
    assert faults == []


@pytest.mark.parametrize("asked", ["/monitoring/%00", "/validate?a=%00", "/api/x/%ff", "/monitoring/" + "a" * 9_000])
def test_a_machine_that_asks_for_no_address_reads_json(site: Site, asked: str) -> None:
    with site.visitor() as visitor:
        answer = visitor.get(asked)
    assert answer.status_code == 404
    assert answer.json()["requestErrors"][0]["key"] == "endpointNotFound"


def test_nothing_of_what_is_no_address_is_repeated(site: Site) -> None:
    with site.visitor() as visitor:
        for asked in ("//evil.example/%00", "/%00//evil.example", "/%22evil.example%00", "/x?evil.example=%00"):
            answer = visitor.get(asked)
            assert answer.status_code == 404
            assert "evil" not in answer.text
