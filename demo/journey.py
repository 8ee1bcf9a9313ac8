"""The main process end to end: from a signed letter to a right in a token, through an order, to its signed end.

    (1) a head fills in the application
    (2) head and user find their links in the mailbox, sign their documents and upload them
    (3) the verdict stands on the page
    (4) a reviewer logs in, records who may sign, and approves
    (5) the user reads the username in a mail, asks for a link to set a password, and sets it
    (6) the right is in the access token
    (7) an order gives the school a new number: the right ends, and a new one is in the token (`journey_order`)
    (8) the reviewer ends one of two rights by hand: introspection says inactive, the other right is in the next token
    (9) the head ends the other by an application they sign: on the next day nothing is left (`journey_end`)

It uses the real pages, mailbox and Keycloak; every step is printed with its time.
"""

import json
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from altcha import Challenge, Payload, solve_challenge
from rich.console import Console
from rich.pretty import Pretty

from demo import journey_end, journey_order
from demo.browser import Browser
from demo.journey_steps import Desk, Office, apply, await_
from demo.local_system import LocalSystem
from demo.pki.people import Person, person
from demo.servers import LoginRefused, RelyingParty, ServerFailed, Tokens

__all__ = ["play"]

_WITHIN = 30.0
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
    try:
        with tempfile.TemporaryDirectory(prefix="viis-journey-") as folder:
            _play(stack, console, Desk(stack, Path(folder)))
    except ServerFailed as failed:
        console.print(f"[red]{failed}[/red]", soft_wrap=True)
        return False
    console.print("[green]From a signed letter to a right in a token, and back: all of it came true.[/green]")
    return True


def _play(stack: LocalSystem, console: Console, desk: Desk) -> None:
    teller, head, user = _Teller(console), person("head"), person("user")
    with teller.step(f"{head.name} fills in the application"):  # (1)
        reference = apply(stack, head, user)
    console.print(f"  [dim]reference {reference}[/dim]")
    for who, part in ((head, "application"), (user, "letter")):  # (2)
        with teller.step(f"{who.name} opens the mailed link, signs and uploads the {part}"):
            desk.sign_and_upload(who, part, reference)
    with teller.step("the reviewer finds both documents judged and approves"):  # (3) (4)
        office = Office(stack)
        office.log_in("reviewer")
        office.approve(reference)
    with teller.step("the user reads the username in a mail, asks for a link and sets a password"):  # (5)
        username = _username(stack, user)
        _set_password(stack, username, user.email)
    with teller.step("the right is in the access token"):  # (6)
        viis = RelyingParty(stack.keycloak)
        tokens = _await_right(viis, username)
    console.print(Pretty({name: tokens.claims.get(name) for name in ("preferred_username", "viis_grants", "exp")}))
    tokens = journey_order.play(  # (7)
        desk,
        office,
        viis,
        tokens,
        step=teller.step,
        head=head,
        user=user,
        tokens=lambda: viis.log_in(username, _PASSWORD),
    )
    console.print(Pretty({"viis_grants": tokens.claims.get("viis_grants")}))
    with teller.step("the reviewer ends one right; introspection says inactive, the refresh is refused"):  # (8)
        office.end_right(username)
        _await_end(viis, tokens)
        left = viis.log_in(username, _PASSWORD).grants
        if len(left) != len(tokens.grants) - 1:
            raise ServerFailed(f"the other right is not left alone: {left}")
    journey_end.play(  # (9)
        desk,
        office,
        viis,
        step=teller.step,
        school=journey_order.NEW_NUMBER,
        user=user,
        username=username,
        tokens=lambda: viis.log_in(username, _PASSWORD),
    )


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

    return await_(granted, "the right did not reach the token")


def _await_end(viis: RelyingParty, tokens: Tokens) -> None:
    await_(lambda: viis.introspect(tokens)["active"] is False or None, "introspection still says active")
    with suppress(LoginRefused):
        viis.refresh(tokens)
        raise ServerFailed("the refresh was not refused")
