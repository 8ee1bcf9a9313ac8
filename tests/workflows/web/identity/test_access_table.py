"""Every route as everybody: what the table says is what is answered, and nothing is missing in it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from iam.audit import Actor, ActorKind, Door
from iam.grants.models import Account
from iam.institutions import service as institutions
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import Site
from workflows import clock, staff
from workflows.application.models import Application
from workflows.evidence.models import DocumentPage
from workflows.staff import Role
from workflows.web.api import ALL as MACHINES
from workflows.web.identity import sessions as _sessions
from workflows.web.identity.access_table import ACCOUNT_HOLDER, AS_THEY_CAME, TABLE, WithoutRole
from workflows.web.identity.models import WebSession
from workflows.web.identity.oidc import IdToken
from workflows.web.pages import ALL

ROUTES = {
    (method, route.path)
    for router in (*MACHINES, *ALL)
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
}
EVERYBODY = (None, ACCOUNT_HOLDER, *Role)
VALUES = {"kind": "application", "part": "letter", "number": "1", "grant": "1", "sha256": "0" * 64, "group": "head"}
LOGIN = ("/login?", "/login/again?")


@pytest.fixture
def sava(office: Office) -> Account:
    """Somebody who holds an account and does not work here."""
    waiting = office.submit()
    office.prove(waiting)
    account = office.approve(waiting)
    with office.sessions.begin() as session:
        session.get_one(Account, account.id).keycloak_id = f"subject of {account.username}"
    return account


def session_of(sessions: sessionmaker[Session], username: str, role: Role | None) -> str:
    """Sign somebody in: with a role of staff, or as whoever Keycloak calls so."""
    with sessions.begin() as session:
        if role is not None:
            town = institutions.municipalities(session)[0].id if role is Role.CONSULTANT else None
            staff.add(
                session,
                username,
                name=username.title(),
                roles=[role],
                municipality_id=town,
                by=Actor(ActorKind.SYSTEM, "test"),
                door=Door.CLI,
                at=datetime.now(UTC),
            )
        identity = IdToken(f"subject of {username}", f"session of {username}", username, "refresh")
        return _sessions.open_session(session, identity, at=clock.now())


@pytest.fixture
def visitors(site: Site, sessions: sessionmaker[Session], sava: Account) -> Iterator[dict[str | None, httpx.Client]]:
    """One browser each: of nobody, of the holder of an account, and of each role alone."""
    opened: dict[str | None, httpx.Client] = {}
    for who in EVERYBODY:
        opened[who] = visitor = site.visitor()
        if who is not None:
            role = None if who == ACCOUNT_HOLDER else Role(who)
            token = session_of(sessions, sava.username if role is None else f"walker.{role}", role)
            visitor.cookies.set("viis-session", token)
    yield opened
    for visitor in opened.values():
        visitor.close()


def answered(
    visitor: httpx.Client, token: str, method: str, path: str, reference: str, **values: str
) -> httpx.Response:
    parts = {**dict.fromkeys(re.findall(r"\{(\w+)\}", path), "nobody"), **VALUES, "reference": reference, **values}
    body = {"csrf": token} if method == "POST" else None
    return visitor.request(method, path.format(**parts), data=body)


def admitted(answer: httpx.Response) -> str:
    """Say what the route's own check answered: "in", "login" or "refused"."""
    if answer.status_code == 303 and answer.headers["location"].startswith(LOGIN):
        return "login"
    return "refused" if answer.status_code == 403 else "in"


def expected(who: str | None, opens: WithoutRole | frozenset[str]) -> str:
    if isinstance(opens, WithoutRole):
        return "in"
    return "login" if who is None else "in" if who in opens else "refused"


def test_every_route_stands_in_the_table_and_nothing_else_does() -> None:
    assert ROUTES - set(TABLE) == set(), "say in the table who may open these"
    assert set(TABLE) - ROUTES == set(), "no such routes"


def test_every_route_answers_everybody_as_the_table_says(
    office: Office, visitors: dict[str | None, httpx.Client]
) -> None:
    waiting = office.submit("head-user", "head-user")
    office.prove(waiting)
    tokens = {who: token_in(visitor.get("/track").text) for who, visitor in visitors.items()}
    wrong = []
    for (method, path), opens in sorted(TABLE.items(), key=lambda entry: entry[0][::-1]):
        for who, visitor in visitors.items():
            # Signing out ends the walk, and Keycloak's word and the login lead elsewhere by themselves.
            if path in {"/logout", "/login", "/login/return", "/login/again"}:
                continue
            answer = answered(visitor, tokens[who], method, path, waiting.reference)
            if opens is WithoutRole.LINK:
                # Nobody's role opens what a link opens: all read the same, and never the application.
                said = answer.status_code not in {200, 201} or waiting.reference not in text_of(answer.text)
                if admitted(answer) == "login" or not (said or answer.status_code == 403):
                    wrong.append((method, path, who, answer.status_code))
            elif admitted(answer) != expected(who, opens):
                wrong.append((method, path, who, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("as_it_came", [False, True], ids=["our form", "a file as it came"])
def test_documents_that_are_there_open_to_everybody_as_the_tables_say(
    office: Office, visitors: dict[str | None, httpx.Client], *, as_it_came: bool
) -> None:
    case = office.submit("head-user", "head-user")
    office.prove(case)
    upload = office.uploads(case)[0]
    with office.sessions.begin() as session:
        form = next(one for one in session.get_one(Application, case.id).documents if one.made)
        sha256 = upload.sha256 if as_it_came else form.sha256
        session.merge(DocumentPage(sha256=sha256, number=1, of=1, png=b"\x89PNG picture"))
    wrong = []
    for (method, path), files in AS_THEY_CAME.items():
        opens = files if as_it_came else TABLE[method, path]
        page = "sha256" in path
        for who, visitor in visitors.items():
            number = "1" if page else str(upload.id)
            answer = answered(visitor, "", method, path, case.reference, sha256=sha256, number=number)
            if admitted(answer) != expected(who, opens) or (admitted(answer) == "in" and answer.status_code != 200):
                wrong.append((method, path, who, answer.status_code))
    assert wrong == []


def test_a_session_needs_no_row_of_staff(site: Site, sessions: sessionmaker[Session], sava: Account) -> None:
    """The holder of an account can be signed in; a page that is not for them says so by name, and lets them out."""
    token = session_of(sessions, sava.username, None)
    with site.visitor() as visitor:
        visitor.cookies.set("viis-session", token)
        page = visitor.get("/review")
        assert page.status_code == 403
        assert "Jāni" in text_of(page.text)
        assert visitor.post("/logout", data={"csrf": token_in(page.text)}).status_code == 303
    with sessions() as session:
        assert session.scalars(select(WebSession)).all() == []


def test_keycloak_knows_more_people_than_have_a_page_here(
    site: Site, sava: Account, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a stranger nor a Keycloak user who is merely called like the holder of an account is given a session."""
    for username, subject in (("skolotajs.parasts", "subject of skolotajs.parasts"), (sava.username, "another")):
        identity = IdToken(subject, "kc", username, "refresh")
        monkeypatch.setattr(_sessions, "finish", lambda *_a, identity=identity, **_k: (identity, "/review"))
        with site.visitor() as visitor:
            answer = visitor.get("/login/return?state=a&code=b")
            assert answer.status_code == 403
            assert "Jums šeit nav lapas" in text_of(answer.text)
            assert "viis-session" not in visitor.cookies
    with sessions() as session:
        assert session.scalars(select(WebSession)).all() == []


def test_a_role_opens_its_pages_and_no_others(sign_in: SignIn) -> None:
    auditor = sign_in("rita.ozola", "Rita Ozola", Role.AUDITOR)
    assert auditor.get("/review").status_code == 200
    assert auditor.get("/people/nobody/password").status_code == 403
