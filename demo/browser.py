"""A browser without JavaScript: it opens pages, submits their forms and follows redirects.

What it can do, a person can do with the keyboard alone. It addresses inputs and buttons by field name; a field the page
lacks is an error, so a journey notices when a page loses one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx
from lxml import html

from demo.servers import ServerFailed

__all__ = ["Browser", "Page"]

_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Page:
    """A response: the status, its address, and the page."""

    status: int
    url: str
    content: bytes

    @property
    def tree(self) -> html.HtmlElement:
        """The page as elements."""
        return html.document_fromstring(self.content)

    @property
    def text(self) -> str:
        """What a person reads, white space folded."""
        main = self.tree.find(".//main")
        return " ".join((main if main is not None else self.tree).text_content().split())

    def link(self, part: str) -> str:
        """The address of the first link that has `part` in it. Raises ServerFailed when there is none."""
        for anchor in self.tree.iter("a"):
            if part in anchor.get("href", ""):
                return str(urljoin(self.url, anchor.get("href", "")))
        raise ServerFailed(f"{self.url} has no link to {part!r}: {self.text[:300]}")


class Browser:
    """One person's browser: cookies are kept, redirects followed."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url
        self._client = httpx.Client(follow_redirects=True, timeout=_TIMEOUT, event_hooks={"response": [self._trust]})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def open(self, address: str) -> Page:
        """Open an address, whole or within the service. Raises ServerFailed unless a page comes."""
        return self._page(self._client.get(urljoin(self._base, address)))

    def fetch(self, address: str) -> bytes:
        """Download a file."""
        return self.open(address).content

    def submit(
        self,
        page: Page,
        fields: Mapping[str, str],
        *,
        action: str = "",
        file: tuple[str, Path] | None = None,
    ) -> Page:
        """Fill in the form whose action has `action` in it (the first with all those fields) and send it.

        What is not named stays as the page has it; the name and value of a button press it. `file` is (field, path).
        Raises ServerFailed when the page has no such form or the answer is an error page.
        """
        wanted = set(fields) | ({file[0]} if file else set())
        for form in page.tree.forms:
            inputs = set(form.fields.keys()) | _files(form)
            buttons = _buttons(form)
            pressed = {name: value for name, value in fields.items() if name not in inputs and (name, value) in buttons}
            if action in (form.action or page.url) and wanted <= inputs | set(pressed):
                break
        else:
            raise ServerFailed(f"{page.url} has no form with {sorted(wanted)}: {page.text[:300]}")
        for name, value in fields.items():
            if name not in pressed:
                form.fields[name] = value
        target = urljoin(page.url, form.action or page.url)
        values: dict[str, list[str]] = {name: [value] for name, value in pressed.items()}
        for name, value in form.form_values():
            values.setdefault(name, []).append(value)
        if form.method == "GET":
            return self._page(self._client.get(target, params=values))
        uploads = {file[0]: (file[1].name, file[1].read_bytes())} if file else None
        return self._page(self._client.post(target, data=values, files=uploads))

    def _trust(self, _answer: httpx.Response) -> None:
        """Send Secure cookies back to this machine's own address, trustworthy without https, as browsers do."""
        for cookie in self._client.cookies.jar:
            cookie.secure = False

    def _page(self, answer: httpx.Response) -> Page:
        page = Page(answer.status_code, str(answer.url), answer.content)
        if not answer.is_success:
            said = page.text[:600] if answer.content else ""
            raise ServerFailed(f"{page.url} answered {page.status}: {said}")
        return page


def _buttons(form: html.FormElement) -> set[tuple[str, str]]:
    """The names and values of the buttons that send the form."""
    buttons = (button for button in form.iter("button") if button.get("type", "submit") == "submit")
    return {(button.get("name", ""), button.get("value", "")) for button in buttons}


def _files(form: html.FormElement) -> set[str]:
    return {field.get("name", "") for field in form.iter("input") if field.get("type") == "file"}
