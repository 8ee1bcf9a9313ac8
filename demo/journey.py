"""The main process end to end: from a signed commitment letter to a right in a token, and its revocation.

    (1) a head fills in the application
    (2) head and user find their links in the mailbox, sign their documents and upload them
    (3) the verdict stands on the page
    (4) a reviewer logs in, records who may sign, and approves
    (5) the user reads the username in a mail, asks for a link to set a password, and sets it
    (6) the right is in the access token
    (7) the reviewer ends the right: introspection says inactive, the refresh is refused

It uses the real pages, mailbox and Keycloak; every step is printed with its time.
"""

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
from altcha import Challenge, Payload, solve_challenge
from rich.console import Console
from rich.pretty import Pretty

from demo.browser import Browser, Page
from demo.local_system import LocalSystem
from demo.pki.people import Person, person
from demo.servers import LoginRefused, RelyingParty, ServerFailed, Tokens
from demo.servers.greenmail import Letter
from demo.signer import sign_edoc
from iam.periods import riga_day
from workflows import clock

__all__ = ["play"]

_Found = TypeVar("_Found")
SCHOOL = "Ezerpils 1. vidusskola"
_WITHIN = 30.0
_LOOK_EVERY = 0.05
_PASSWORD = "Garais ezers aiz kalna 7"  # noqa: S105 - an invented person's, in a realm that lives for one journey


@dataclass(slots=True)
class _Teller:
    """Prints each step with its time, and records whether all succeeded."""

    console: Console

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        except (ServerFailed, LoginRefused, httpx.HTTPError, LookupError, ValueError) as error:
            self.console.print(f"[red]✗[/red] {what} [dim]{time.monotonic() - begun:.2f} s[/dim]")
            raise ServerFailed(f"{what}: {error}") from error
        self.console.print(f"[green]✓[/green] {what} [dim]{time.monotonic() - begun:.2f} s[/dim]")


def play(stack: LocalSystem, *, console: Console) -> bool:
    """Run the whole process on a running system; return whether every step succeeded."""
    teller = _Teller(console)
    head, user = person("head"), person("user")
    try:
        with tempfile.TemporaryDirectory(prefix="viis-journey-") as folder:
            desk = _Desk(stack, Path(folder))
            with teller.step(f"{head.name} fills in the application"):  # (1)
                reference = _apply(stack, head, user)
            console.print(f"  [dim]reference {reference}[/dim]")
            for who, part in ((head, "application"), (user, "letter")):  # (2)
                with teller.step(f"{who.name} opens the mailed link, signs and uploads the {part}"):
                    desk.sign_and_upload(who, part)
        with teller.step("the reviewer finds both documents judged and approves"):  # (3) (4)
            office = _Office(stack)
            office.log_in("reviewer")
            office.approve(reference)
        with teller.step("the user reads the username in a mail, asks for a link and sets a password"):  # (5)
            username = _username(stack, user)
            _set_password(stack, username, user.email)
        with teller.step("the right is in the access token"):  # (6)
            viis = RelyingParty(stack.keycloak)
            tokens = _await_right(viis, username)
        console.print(Pretty({name: tokens.claims.get(name) for name in ("preferred_username", "viis_grants", "exp")}))
        with teller.step("the reviewer ends the right; introspection says inactive, the refresh is refused"):  # (7)
            office.end_rights(username)
            _await_end(viis, tokens)
    except ServerFailed as failed:
        console.print(f"[red]{failed}[/red]", soft_wrap=True)
        return False
    console.print("[green]From a signed letter to a right in a token, and back: all of it came true.[/green]")
    return True


def _apply(stack: LocalSystem, head: Person, user: Person) -> str:
    """Fill in the form as the head would, group by group, and submit it; the reference number."""
    today = riga_day(clock.now())
    with Browser(stack.base_url) as browser:
        found = browser.open(f"/apply?q={SCHOOL}")
        place = found.tree.xpath("//input[@name='place']/@value")[0]
        page = browser.submit(found, {"place": str(place)})
        for answers in (
            _said(head) | {"position": "direktore"},
            _said(user) | {"head_is_user": "no", "position": "lietvede", "phone": "+371 20000000"},
            {"level": "institution", "section.learners": "edit", "section.staff": "view"},
            {"since": f"{today:%d.%m.%Y}."},
            {"basis": "new"},
        ):
            before = page.url
            page = browser.submit(page, answers)
            if page.url == before:
                raise ServerFailed(f"{before} was not accepted: {page.text[:600]}")
        page = browser.submit(page, {})
    shown = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page.text)
    if shown is None:
        raise ServerFailed(f"no reference number on {page.url}: {page.text[:600]}")
    return shown.group()


def _said(who: Person) -> dict[str, str]:
    return {
        "given_name": who.given_name,
        "surname": who.surname,
        "personal_code": who.code,
        "email": who.email,
    }


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where people sign what their mail leads to."""

    stack: LocalSystem
    folder: Path

    def sign_and_upload(self, who: Person, part: str) -> None:
        """Follow the mailed link, download the document, sign it, upload it, and wait for the verdict."""
        letter = self.stack.mail.await_letter(who.email, matching=_has_link)
        with Browser(self.stack.base_url) as browser:
            page = browser.open(_link(letter))
            document = browser.fetch(page.link(f"{part}.pdf"))
            signed = self.folder / f"{part}.edoc"
            signed.write_bytes(
                sign_edoc([(f"{part}.pdf", document)], person=who, pki=self.stack.pki.built, at=clock.now())
            )
            address = browser.submit(page, {}, action="/upload", file=("file", signed)).url

            def judged() -> Page | None:
                now = browser.open(address)
                return None if now.tree.xpath("//meta[@http-equiv='refresh']") else now

            verdict = _await(judged, f"no verdict on {address}")
        if who.name not in verdict.text or "Parakstīts" not in verdict.text:
            raise ServerFailed(f"{part} was not taken as signed by {who.name}: {verdict.text[:1500]}")


class _Office:
    """The reviewer's browser."""

    def __init__(self, stack: LocalSystem) -> None:
        self._stack = stack
        self._browser = Browser(stack.base_url)

    def log_in(self, role: str) -> None:
        """Log in through Keycloak's own page."""
        login = next(one for one in self._stack.staff if one.role == role)
        page = self._browser.open("/login")
        self._browser.submit(page, {"username": login.username, "password": login.password})

    def approve(self, reference: str) -> None:
        """Take the case on, record who may sign for the school, and approve."""

        def in_review() -> Page | None:
            page = self._browser.open(f"/review/{reference}")
            return page if page.tree.xpath("//form[contains(@action, '/claim')]") else None

        page = _await(in_review, f"{reference} did not reach the queue")
        page = self._browser.submit(page, {}, action="/claim")
        answers = {
            "decision": "approve",
            "capacity": "head",
            "source_kind": "register",
            "source": "Izglītības iestāžu reģistra izraksts",
        }
        page = self._browser.submit(page, answers, action="/decide")
        if page.tree.xpath("//form[contains(@action, '/decide')]"):
            raise ServerFailed(f"{reference} was not approved: {page.text[:1500]}")

    def end_rights(self, username: str) -> None:
        """End every right of the user, one after the other, at once."""
        while True:
            page = self._browser.open(f"/people/{username}")
            ends = page.tree.xpath("//a[contains(@href, '/end')]/@href")
            if not ends:
                return
            asked = self._browser.open(str(ends[0]))
            said = {"when": "now", "cause": "employment_ended", "reason": "Iestādes vēstule"}
            self._browser.submit(self._browser.submit(asked, said), {"confirmed": "yes"})


def _username(stack: LocalSystem, user: Person) -> str:
    letter = stack.mail.await_letter(user.email, matching=lambda one: "/reset" in one.text, within=_WITHIN)
    said = re.search(r": ([a-z0-9]+\.[a-z0-9.]+)\s", letter.text)
    if said is None:
        raise ServerFailed(f"no username in the mail: {letter.text}")
    return said.group(1)


def _set_password(stack: LocalSystem, username: str, email: str) -> None:
    """Ask for a link on the password page, find it in the mailbox, and choose a password.

    Instead of reading the picture it solves the proof of work, as a browser does for a person who cannot read it.
    """
    with Browser(stack.base_url) as browser:
        page = browser.open("/reset")
        challenge = Challenge.from_dict(json.loads(browser.fetch("/reset/work")))
        browser.submit(page, {"username": username, "work": _worked(challenge)})
        letter = stack.mail.await_letter(email, matching=lambda letter: "/reset/new?" in letter.text)
        secret = letter.text.partition("#")[2].split()[0]
        # What the page's script does: a browser does not send the fragment behind "#".
        opened = browser.submit(browser.open("/reset/new"), {"secret": secret})
        done = browser.submit(opened, {"password": _PASSWORD, "again": _PASSWORD})
    if not done.url.endswith("/reset/done"):
        raise ServerFailed(f"the password was not taken: {done.text[:600]}")


def _worked(challenge: Challenge) -> str:
    solution = solve_challenge(challenge)
    if solution is None:
        raise ServerFailed("the proof of work has no solution")
    return Payload(challenge, solution).to_base64()


def _await_right(viis: RelyingParty, username: str) -> Tokens:
    """Log in at VIIS as the user would, until the token shows a right."""

    def granted() -> Tokens | None:
        tokens = viis.log_in(username, _PASSWORD)
        return tokens if tokens.grants else None

    return _await(granted, "the right did not reach the token")


def _await_end(viis: RelyingParty, tokens: Tokens) -> None:
    _await(lambda: viis.introspect(tokens)["active"] is False or None, "introspection still says active")
    with suppress(LoginRefused):
        viis.refresh(tokens)
        raise ServerFailed("the refresh was not refused")


def _has_link(letter: Letter) -> bool:
    return "/track/" in letter.text


def _link(letter: Letter) -> str:
    found = re.search(r"https?://\S+/track/\S+", letter.text)
    if found is None:
        raise ServerFailed(f"no link in the mail: {letter.text}")
    return found.group()


def _await(look: Callable[[], _Found | None], otherwise: str) -> _Found:
    until = time.monotonic() + _WITHIN
    while (found := look()) is None:
        if time.monotonic() > until:
            raise ServerFailed(otherwise)
        time.sleep(_LOOK_EVERY)
    return found
