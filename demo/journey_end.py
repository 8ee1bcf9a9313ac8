"""Rights end by an application that the head signs: from the form to the token that is refused.

(1) the head fills in the application to end rights, with today as the last day
(2) the head signs it and uploads it; the reviewer finds it first in the queue and approves
(3) until midnight the right is in the token as before
(4) on the next day introspection says inactive, and the refresh is refused
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta

from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from demo.browser import Browser
from demo.journey_steps import Desk, Office, await_, person_fields, reference_on
from demo.local_system import LocalSystem
from demo.pki.people import Person, person
from demo.servers import LoginRefused, RelyingParty, ServerFailed, Tokens
from iam.grants import service as grants
from iam.keycloak import projection
from iam.periods import riga_day
from workflows import clock
from workflows.keycloak import open_door
from workflows.settings import Settings

__all__ = ["play"]

Step = Callable[[str], AbstractContextManager[None]]


def play(
    desk: Desk,
    office: Office,
    viis: RelyingParty,
    *,
    step: Step,
    school: str,
    user: Person,
    username: str,
    tokens: Callable[[], Tokens],
) -> None:
    """Play it where the reviewer is logged in and the user holds rights in the school of that number."""
    stack, head = desk.stack, person("head")
    with step("the head applies for the end of the user's rights, signs and uploads"):  # (1) (2)
        reference = _apply(stack, school, head, user)
        desk.sign_and_upload(head, "revocation", reference)
    with step("the reviewer finds it first in the queue and approves"):
        office.approve(reference, records=False, first=True)
    with step("until midnight the right is in the token"):  # (3)
        held = tokens()
        if not held.grants or viis.introspect(held)["active"] is not True:
            raise ServerFailed(f"the last day is no longer included: {held.grants}")
    with step("on the next day introspection says inactive, the refresh is refused"):  # (4)
        _next_day(stack, username)
        await_(lambda: viis.introspect(held)["active"] is False or None, "introspection still says active")
        with suppress(LoginRefused):
            viis.refresh(held)
            raise ServerFailed("the refresh was not refused")


def _apply(stack: LocalSystem, school: str, head: Person, user: Person) -> str:
    """Fill in the application step by step and send it; its number."""
    known = {name: value for name, value in person_fields(user).items() if name != "email"}
    with Browser(stack.base_url) as browser:
        found = browser.open(f"/apply?kind=revocation&q={school}")
        place = found.tree.xpath("//input[@name='place']/@value")[0]
        page = browser.submit(found, {"place": str(place)})
        for answers in (
            person_fields(head) | {"position": "direktore"},
            known,
            {"which": "all"},
            {"last_day": f"{riga_day(clock.now()):%d.%m.%Y}.", "reason": "employment_ended"},
        ):
            before = page.url
            page = browser.submit(page, answers)
            if page.url == before:
                raise ServerFailed(f"{before} was not accepted: {page.text[:600]}")
        return reference_on(browser.submit(page, {}))


def _next_day(stack: LocalSystem, username: str) -> None:
    """Bring the account to Keycloak as the worker does on the day after: nobody sits through the night."""
    said = {name.removeprefix("VIIS_").lower(): value for name, value in stack.settings.items()}
    settings = Settings.model_validate(said)
    engine = create_engine(stack.database_url, poolclass=NullPool)
    with open_door(settings) as door, Session(engine) as session:
        account = grants.account_called(session, username)
        if account is None:
            raise ServerFailed(f"there is no account {username}")
        projection.project(session, door, account.id, clock.now() + timedelta(days=1))
        session.commit()
    engine.dispose()
