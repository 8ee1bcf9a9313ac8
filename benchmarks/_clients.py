"""HTTP clients of the pages: an applicant with a link, and a member of staff who signs in through Keycloak."""

import html
import re
from http import HTTPStatus
from typing import Self

import httpx

from builders.workflows.filed import Submitted
from demo.local_system import LocalSystem
from demo.seed import StaffLogin

__all__ = ["Applicant", "Staff", "network"]

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_ACTION = re.compile(r'<form id="kc-form-login"[^>]*action="([^"]+)"')


def network(stack: LocalSystem) -> httpx.Client:
    """A client for many people's requests, each on a connection of its own, so that none meets a closed one."""
    return httpx.Client(base_url=stack.base_url, timeout=120, limits=httpx.Limits(max_keepalive_connections=0))


class Applicant:
    """A browser that holds the link to one application and has its page open."""

    def __init__(self, http: httpx.Client, submitted: Submitted) -> None:
        self._http = http
        self.address = f"/track/{submitted.reference}"
        # Cookies are set by hand: one client sends the requests of many browsers.
        opened = http.get(self.address, params={"key": submitted.token})
        self._cookies = _said(opened)
        shown = http.get(self.address, headers=self.headers)
        self._cookies += f"; {_said(shown)}"
        self._csrf = _field(shown.text)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {"Cookie": self._cookies}

    def upload(self, name: str, content: bytes) -> None:
        """Upload a file."""
        answer = self._http.post(
            f"{self.address}/upload",
            data={"csrf": self._csrf},
            files={"file": (name, content, "application/octet-stream")},
            headers=self.headers,
        )
        if answer.status_code != HTTPStatus.SEE_OTHER:
            raise RuntimeError(f"the upload was answered with {answer.status_code}")

    def begin_draft(self, place: str) -> str:
        """Begin another application; return the secret in its address."""
        answer = self._http.post("/apply", data={"csrf": self._csrf, "place": place}, headers=self.headers)
        if answer.status_code != HTTPStatus.SEE_OTHER:
            raise RuntimeError(f"a draft was answered with {answer.status_code}")
        return answer.headers["Location"].split("/")[2]

    def look(self, shown: str = "") -> str:
        """Read the page; "" when it is still in the version `shown`, as our script asks."""
        tag = {"If-None-Match": f'W/"{shown}"'} if shown else {}
        answer = self._http.get(self.address, headers=self.headers | tag)
        return "" if answer.status_code == HTTPStatus.NOT_MODIFIED else answer.raise_for_status().text


class Staff:
    """A member of staff, signed in through Keycloak's page."""

    def __init__(self, stack: LocalSystem, login: StaffLogin) -> None:
        self.http = httpx.Client(base_url=stack.base_url, timeout=60)
        begun = self.http.get("/login")
        page = httpx.get(begun.headers["Location"], timeout=60)
        action = _ACTION.search(page.text)
        if action is None:
            raise RuntimeError("Keycloak showed no form to sign in with")
        # Keycloak marks its cookies Secure; browsers send those to the loopback all the same, httpx does not.
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in page.cookies.jar)
        filled = {"username": login.username, "password": login.password}
        sent = httpx.post(html.unescape(action.group(1)), data=filled, headers={"Cookie": cookies}, timeout=60)
        back = self.http.get(sent.headers["Location"])
        if back.status_code != HTTPStatus.SEE_OTHER:
            raise RuntimeError(f"signing in was answered with {back.status_code}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def fields(self, address: str) -> dict[str, str]:
        """Read a page's hidden fields: its token, and the version of the case it shows."""
        text = self.http.get(address).raise_for_status().text
        version = re.search(r'name="version" value="([0-9]+)"', text)
        return {"csrf": _field(text), **({"version": version.group(1)} if version else {})}

    def send(self, address: str, form: dict[str, str]) -> httpx.Response:
        """Submit a form that must be accepted."""
        answer = self.http.post(address, data=form)
        if answer.status_code != HTTPStatus.SEE_OTHER:
            raise RuntimeError(f"{address} was answered with {answer.status_code}")
        return answer


def _said(answer: httpx.Response) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in answer.cookies.jar)


def _field(page: str) -> str:
    found = _CSRF.search(page)
    if found is None:
        raise RuntimeError("the page has no form")
    return html.unescape(found.group(1))
