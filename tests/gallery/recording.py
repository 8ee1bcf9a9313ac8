"""A pytest plugin that keeps every page a story was answered with, in both languages.

A page is asked for once more in the other language before it is answered, so that the story cannot change anything in
between. Styles stay where they are; pictures are put into the page.
"""

import base64
import json
import os
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.workflows.web import site as sites
from workflows.i18n import Language
from workflows.web.app import create_app
from workflows.web.site import Site
from workflows.web.templating import Page

__all__ = ["FOLDER", "Recorded", "Recorder", "pages_in"]

FOLDER = "GALLERY_RECORDED"  # the environment's name of the folder to record into
_TEMPLATE = "x-gallery-template"
_MOST = 4  # pages of one template a story is kept with
_LANGUAGE = re.compile(r'<html lang="(\w\w)"')
_PICTURE = re.compile(r'(<img[^>]* src=")(/(?!static/)[^"]+)"')


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer: its template, the story and request it belongs to, and its HTML by language."""

    template: str
    story: str
    address: str
    method: str
    status: int
    pages: Mapping[str, str]


@dataclass
class _Answer:
    messages: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"]) if self.messages else 0

    def header(self, name: str) -> str:
        found = {key.lower(): value for key, value in self.messages[0].get("headers", ())} if self.messages else {}
        return str(found.get(name.encode(), b"").decode("latin-1"))

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])


class Recorder:
    """The site, and beside it a folder of what it answered."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._folder = folder
        self._kept: Counter[tuple[str, str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        answer = await self._ask(scope, body)
        if template := answer.header(_TEMPLATE):
            await self._keep(template, scope, body, answer)
        for message in answer.messages:
            await send(message)

    async def _ask(self, scope: Scope, body: bytes) -> _Answer:
        answer, asked = _Answer(), False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(_copy(scope), receive, answer.send)
        return answer

    async def _keep(self, template: str, scope: Scope, body: bytes, answer: _Answer) -> None:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
        self._kept[template, test] += 1
        if self._kept[template, test] > _MOST:
            return
        pages = {}
        for language in Language:
            said = answer
            if _LANGUAGE.findall(said.body.decode())[:1] != [language.value]:
                said = await self._ask(_in_language(scope, language), body)
            if said.header(_TEMPLATE) == template:
                pages[language.value] = await self._with_pictures(scope, said.body.decode())
        kept = asdict(Recorded(template, test, scope["path"], scope["method"], answer.status, pages))
        name = f"{template.removesuffix('.html')}-{time.monotonic_ns()}-{os.getpid()}.json"
        (self._folder / name).write_text(json.dumps(kept, ensure_ascii=False), "utf-8")

    async def _with_pictures(self, scope: Scope, page: str) -> str:
        for address in {found[2] for found in _PICTURE.finditer(page)}:
            path, _, query = address.replace("&amp;", "&").partition("?")
            asked = {**scope, "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode()}
            picture = await self._ask(asked, b"")
            if picture.status == HTTPStatus.OK:
                data = base64.b64encode(picture.body).decode()
                page = page.replace(f'"{address}"', f'"data:{picture.header("content-type")};base64,{data}"')
        return page


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def _copy(scope: Scope) -> Scope:
    # Each request has a state of its own, which the site fills.
    without = [(key, value) for key, value in scope["headers"] if key.lower() != b"accept-encoding"]
    return {**scope, "headers": without, "state": dict(scope.get("state", {}))}


def _in_language(scope: Scope, language: Language) -> Scope:
    query = [(name, value) for name, value in parse_qsl(scope["query_string"].decode("latin-1")) if name != "lang"]
    asked = urlencode([("lang", language.value), *query])
    return {**scope, "query_string": asked.encode("latin-1")}


def pytest_configure(config: pytest.Config) -> None:
    """Put the recorder before every site that a story starts."""
    del config
    folder = Path(os.environ[FOLDER])
    page_of = Site.page

    def named(site: Site, request: Request, page: Page, **how: object) -> HTMLResponse:
        response = page_of(site, request, page, **how)  # type: ignore[arg-type]  # passed on
        response.headers[_TEMPLATE] = page.template
        return response

    Site.page = named  # type: ignore[method-assign,assignment]  # the one place all pages come through

    def recorded(settings: object, **how: object) -> ASGIApp:
        return Recorder(create_app(settings, **how), folder)  # type: ignore[arg-type]  # passed on

    sites.create_app = recorded  # type: ignore[assignment,attr-defined]  # likewise


def pages_in(folder: Path) -> list[Recorded]:
    """Read what was recorded, template by template, in the order it was answered."""
    return [Recorded(**json.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.json"))]
