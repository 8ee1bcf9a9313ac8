"""What people of the journey do, with the real pages, the real mailbox and real signatures: each act a few pages."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from demo.browser import Browser, Page
from demo.local_system import LocalSystem
from demo.pki.people import Person
from demo.servers import ServerFailed
from demo.servers.greenmail import Letter
from demo.signer import sign_edoc
from iam.periods import riga_day
from workflows import clock

__all__ = ["SCHOOL", "Desk", "Office", "apply", "await_", "link_in", "person_fields", "reference_on"]

_Found = TypeVar("_Found")
SCHOOL = "Ezerpils 1. vidusskola"
_WITHIN = 30.0
_LOOK_EVERY = 0.05


def apply(stack: LocalSystem, head: Person, user: Person) -> str:
    """Fill in the form as the head would, group by group, and submit it; the reference number."""
    today = riga_day(clock.now())
    with Browser(stack.base_url) as browser:
        found = browser.open(f"/apply?q={SCHOOL}")
        place = found.tree.xpath("//input[@name='place']/@value")[0]
        page = browser.submit(found, {"place": str(place)})
        for answers in (
            person_fields(head) | {"position": "direktore"},
            person_fields(user) | {"head_is_user": "no", "position": "lietvede", "phone": "+371 20000000"},
            {"level": "institution", "section.learners": "edit", "section.staff": "view"},
            {"since": f"{today:%d.%m.%Y}."},
            {"basis": "new"},
        ):
            before = page.url
            page = browser.submit(page, answers)
            if page.url == before:
                raise ServerFailed(f"{before} was not accepted: {page.text[:600]}")
        page = browser.submit(page, {})
    return reference_on(page)


def reference_on(page: Page) -> str:
    """Read the number of the application that was just sent."""
    shown = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page.text)
    if shown is None:
        raise ServerFailed(f"no reference number on {page.url}: {page.text[:600]}")
    return shown.group()


def person_fields(who: Person) -> dict[str, str]:
    """Say who somebody is, as the form asks."""
    return {
        "given_name": who.given_name,
        "surname": who.surname,
        "personal_code": who.code,
        "email": who.email,
    }


@dataclass(frozen=True, slots=True)
class Desk:
    """Where people sign what their mail leads to."""

    stack: LocalSystem
    folder: Path

    def sign_and_upload(self, who: Person, part: str, reference: str) -> None:
        """Follow the mailed link, download the document, sign it, upload it, and wait for the verdict."""
        letter = self.stack.mail.await_letter(who.email, matching=lambda one: f"/track/{reference}" in one.text)
        with Browser(self.stack.base_url) as browser:
            page = browser.open(link_in(letter, "track"))
            document = browser.fetch(page.link(f"{part}.pdf"))
            signed = self.folder / f"{part}.edoc"
            signed.write_bytes(
                sign_edoc([(f"{part}.pdf", document)], person=who, pki=self.stack.pki.built, at=clock.now())
            )
            address = browser.submit(page, {}, action="/upload", file=("file", signed)).url

            def judged() -> Page | None:
                now = browser.open(address)
                return None if now.tree.xpath("//meta[@http-equiv='refresh']") else now

            verdict = await_(judged, f"no verdict on {address}")
        if who.name not in verdict.text or "Parakstīts" not in verdict.text:
            raise ServerFailed(f"{part} was not taken as signed by {who.name}: {verdict.text[:1500]}")


class Office:
    """The browser of a member of staff."""

    def __init__(self, stack: LocalSystem) -> None:
        self._stack = stack
        self.browser = Browser(stack.base_url)

    def log_in(self, role: str) -> None:
        """Log in through Keycloak's own page."""
        login = next(one for one in self._stack.staff if one.role == role)
        page = self.browser.open("/login")
        self.browser.submit(page, {"username": login.username, "password": login.password})

    def approve(self, reference: str, *, records: bool = True, first: bool = False) -> None:
        """Take the case on and approve; `records`: who may sign for the school is recorded with it.

        `first`: it has to be the first case of the queue.
        """

        def in_review() -> Page | None:
            page = self.browser.open(f"/review/{reference}")
            return page if page.tree.xpath("//form[contains(@action, '/claim')]") else None

        page = await_(in_review, f"{reference} did not reach the queue")
        if first and (found := self.browser.open("/review").link("/review/")).rpartition("/")[2] != reference:
            raise ServerFailed(f"{reference} is not the first in the queue, but {found}")
        page = self.browser.submit(page, {}, action="/claim")
        answers = {"decision": "approve"}
        if records:
            answers |= {
                "capacity": "head",
                "source_kind": "register",
                "source": "Izglītības iestāžu reģistra izraksts",
            }
        page = self.browser.submit(page, answers, action="/decide")
        if page.tree.xpath("//form[contains(@action, '/decide')]"):
            raise ServerFailed(f"{reference} was not approved: {page.text[:1500]}")

    def end_right(self, username: str) -> None:
        """End the first right of the user at once."""
        page = self.browser.open(f"/people/{username}")
        asked = self.browser.open(page.link("/end"))
        said = {"when": "now", "cause": "employment_ended", "reason": "Iestādes vēstule"}
        self.browser.submit(self.browser.submit(asked, said), {"confirmed": "yes"})


def link_in(letter: Letter, page: str) -> str:
    """Find the link to a page in a mail. Raises ServerFailed."""
    found = re.search(rf"https?://\S+/{page}/\S+", letter.text)
    if found is None:
        raise ServerFailed(f"no link in the mail: {letter.text}")
    return found.group()


def await_(look: Callable[[], _Found | None], otherwise: str) -> _Found:
    """Look until there is something. Raises ServerFailed with `otherwise` when there is nothing for too long."""
    until = time.monotonic() + _WITHIN
    while (found := look()) is None:
        if time.monotonic() > until:
            raise ServerFailed(otherwise)
        time.sleep(_LOOK_EVERY)
    return found
