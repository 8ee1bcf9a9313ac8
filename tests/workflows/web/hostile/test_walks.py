"""What holds on every route, tried on every route: forms need a token, nothing is cached, no way leads elsewhere."""

import re
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import hand_in, token_in
from tests.workflows.web.site import Site
from tests.workflows.web.test_track import link
from workflows.application.kinds.grant.documents import Part
from workflows.application.states import Party
from workflows.staff import Role
from workflows.web.identity.access_table import TABLE, WithoutRole

# What proves itself otherwise, or asks for nothing at all.
_NO_FORM = {"/validate", "/getDataFiles", "/validateHashcode", "/logout/backchannel"}
_ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "\n//evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "\\\\evil.example",
    "evil.example",
    " //evil.example",
    "/\u2028/evil.example",
    "/review\r\nSet-Cookie: a=b",
    "",
]


@pytest.fixture
def case(office: Office) -> Submitted:
    submitted = office.submit()
    office.prove(submitted)
    return submitted


def filled(path: str, case: Submitted) -> str:
    values = {"reference": case.reference, "username": "nobody", "number": "1", "grant": "1", "sha256": "a" * 64}
    return re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], "nobody"), path)


def test_no_form_is_carried_out_without_its_token(case: Submitted, sign_in: SignIn) -> None:
    visitor = sign_in("visi.varoni", "Visi Varoņi", Role.REVIEWER, Role.APPROVER)
    visitor.get(f"/review/{case.reference}")
    token = token_in(visitor.get("/verify").text)
    answers: dict[str, set[int]] = {}
    for (method, path), opens in TABLE.items():
        if method != "POST" or path in _NO_FORM or opens in {WithoutRole.BEARER, WithoutRole.SIGNATURE}:
            continue
        address = filled(path, case)
        answers[path] = {
            visitor.post(address).status_code,
            visitor.post(address, data={"csrf": "x" * 43, "decision": "refuse", "confirmed": "yes"}).status_code,
            visitor.post(address, data={"csrf": token}, headers={"Sec-Fetch-Site": "cross-site"}).status_code,
        }
    assert len(answers) > 20
    assert {path: said for path, said in answers.items() if said != {403}} == {}


def test_no_answer_may_be_kept_by_a_cache(case: Submitted, sign_in: SignIn, site: Site) -> None:
    visitor = sign_in("visi.varoni", "Visi Varoņi", Role.REVIEWER, Role.APPROVER)
    with site.visitor() as stranger:
        kept = [
            (method, path)
            for method, path in TABLE
            for one in (visitor, stranger)
            if method == "GET" and not path.endswith("favicon.ico")
            if "no-store" not in one.get(filled(path, case)).headers.get("cache-control", "")
        ]
    assert kept == []


@pytest.mark.parametrize("then", _ELSEWHERE, ids=ascii)
def test_no_login_leads_to_another_site(site: Site, sessions: sessionmaker[Session], then: str) -> None:
    with site.visitor() as visitor:
        page = visitor.get("/login/again", params={"then": then})
        if any(ord(letter) < 32 for letter in then):
            assert page.status_code == 404, "no address has such letters"
            return
        (address,) = re.findall(r'href="(/login\?[^"]*)"', page.text)
        leads = httpx.URL(address.replace("&amp;", "&")).params["then"]
        read = leads.strip().replace("\\", "/")  # as a browser reads it
        assert urlsplit(urljoin("https://viis.test/login", read)).netloc == "viis.test"
        visitor.get("/login", params={"then": then})
    with sessions() as session:
        stored = session.scalars(text('SELECT "then" FROM web_logins')).all()
    assert all(one.startswith("/") and not re.match(r"/[/\\]", one) for one in stored)


@pytest.mark.parametrize("language", ["en\r\nSet-Cookie: a=b", "lv;path=/", "../../en", "EN", "x" * 5000])
def test_a_language_that_is_none_is_not_remembered(site: Site, language: str) -> None:
    with site.visitor() as visitor:
        answer = visitor.get("/help", params={"lang": language})
    assert answer.status_code == (404 if "\r" in language else 200)
    assert "set-cookie" not in answer.headers
    assert '<html lang="lv"' in answer.text
    assert "Set-Cookie: a=b" not in answer.text


@pytest.mark.parametrize("key", ["a\r\nSet-Cookie: b=c", "'; DROP TABLE x --", "\x00", "ā" * 3000, "../" * 50])
def test_a_key_of_a_link_that_is_none_reaches_no_cookie(site: Site, case: Submitted, key: str) -> None:
    with site.visitor() as visitor:
        answer = visitor.get(f"/track/{case.reference}", params={"key": key})
        assert answer.status_code in {403, 404}
        assert [one for one in visitor.cookies if "key" in one] == []
        assert "JĀNIS" not in answer.text


@pytest.mark.parametrize("name", [
    'a"\r\nSet-Cookie: x=y.edoc', "<img src=x onerror=alert(1)>.edoc", "\u202efdp.edoc", "../../etc/passwd",
    "a;b=c.edoc", "=cmd|' /C calc'!A0.edoc",
])  # fmt: skip
def test_a_file_name_is_text_wherever_it_stands(
    site: Site, office: Office, sessions: sessionmaker[Session], sign_in: SignIn, name: str
) -> None:
    submitted = office.submit()
    signed = office.sign(submitted, "user", Part.LETTER)
    with site.visitor() as visitor:
        page = visitor.get(link(sessions, office, submitted, Party.USER), follow_redirects=True).text
        # The browser's own way of writing a name would hide what a hostile client can send.
        hand_in(visitor, submitted.reference, page, name.replace("\r\n", "%0D%0A"), signed)
        office.work()
        own = visitor.get(f"/track/{submitted.reference}").text
    reviewer = sign_in()
    number = office.uploads(submitted)[0].id
    case = f"/review/{submitted.reference}"
    files = reviewer.get(case, params={"tab": "files"}).text
    for html in (own, files):
        assert "<img src=x" not in html
        assert "\u202e" not in html
    for path in (f"{case}/files/{number}", f"{case}/files/{number}/report.pdf", f"{case}/files/{number}/report.json"):
        answer = reviewer.get(path)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert "/" not in answer.headers["content-disposition"].partition("filename")[2]
