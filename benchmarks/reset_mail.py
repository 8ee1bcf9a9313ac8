"""From asking for a password link to the mail in the mailbox, and from the new password to the answer.

The whole system: web, worker, Keycloak, mail server. 10 requests a second for accounts of their own: the mail is in the
mailbox within 2 s (p95); setting the password by its link takes at most 200 ms (p95). One JSON line last.
"""

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx
from sqlalchemy.orm import Session, sessionmaker

from benchmarks._figures import Held, Machine, p95, spread, tell
from benchmarks._origin import ORIGIN
from benchmarks._system import await_idle, sessions, system
from builders.iam.codes import invented_code
from builders.workflows.policy_numbers import set_numbers
from demo.local_system import LocalSystem
from iam.grants import service as grants
from iam.grants.models import Account
from iam.keycloak.projection import project
from iam.people import service as people
from workflows.keycloak import open_door
from workflows.password_reset.codes import Seals
from workflows.settings import Settings

ASKED = 150
A_SECOND = 10
REDEEMED = 40
WARM_UP = 120
MAIL_S, REDEEM_MS = 2.0, 200.0

_PATIENCE = 60.0
# The first poll of the mailbox, and how its pauses grow: polling must not load the machine.
_FIRST_LOOK = 0.15
_LATER = 1.3
_LETTERS = "abcdefghijklmnoprstuvz"


def main() -> None:
    """Start a system and measure."""
    os.environ["KEYCLOAK_AT_PEAK"] = "1"  # as in production: the demo's Keycloak is tuned for a fast start
    with system() as stack, sessions(stack) as database:
        accounts = _accounts(stack, database)
        await_idle(database)
        for _ in range(WARM_UP):  # templates, connections, and Keycloak's compiler
            _redeem(stack, _ask_and_wait(stack, accounts.pop())[1])
        await_idle(database)
        with Machine.watched() as machine, ThreadPoolExecutor(64) as people_:
            begun = time.perf_counter()
            waiting = []
            for number, account in enumerate(accounts):
                time.sleep(max(0.0, begun + number / A_SECOND - time.perf_counter()))
                waiting.append(people_.submit(_ask_and_wait, stack, account))
            arrived = [one.result() for one in waiting]
        redeemed = [_redeem(stack, secret) for _, secret in arrived[:REDEEMED]]
    seconds = [taken for taken, _ in arrived]
    tell(
        "reset_mail",
        {"mail_p95_s": Held(p95(seconds), MAIL_S), "redeem_p95_ms": Held(p95(redeemed), REDEEM_MS)},
        machine,
        a_second=A_SECOND,
        mail=spread(seconds, "s"),
        redeem=spread(redeemed, "ms"),
    )


def _accounts(stack: LocalSystem, database: sessionmaker[Session]) -> list[Account]:
    """Open accounts that Keycloak knows, and lift the limits of the one network all requests come from."""
    at = datetime.now(UTC) - timedelta(days=1)
    said = {name.removeprefix("VIIS_").lower(): value for name, value in stack.environment.items() if "VIIS_" in name}
    made = []
    with open_door(Settings.model_validate(said)) as door, database.begin() as session:
        set_numbers(session, reset_requests_per_network=1_000_000, reset_requests_overall=1_000_000)
        for number in range(ASKED + WARM_UP):
            surname = f"Mērāma{_LETTERS[number // len(_LETTERS)]}{_LETTERS[number % len(_LETTERS)]}"
            code = invented_code(surname)
            person = people.register(session, code=code, given_name="Anna", surname=surname, origin=ORIGIN, at=at)
            account = grants.open_account(
                session,
                person=person,
                email=f"anna.{number}@skola.example",
                phone="",
                language="lv",
                because=None,
                origin=ORIGIN,
                at=at,
            )
            project(session, door, account.id, at)
            made.append(account)
    return made


def _ask_and_wait(stack: LocalSystem, account: Account) -> tuple[float, str]:
    """Ask as a person would, poll the mailbox until the mail arrives, and return the secret of its link."""
    with httpx.Client(base_url=stack.base_url, timeout=30) as browser:
        page = browser.get("/reset").text
        visit = browser.cookies["viis-visit"]
        code = "A" * 6
        key = stack.environment["VIIS_SECRET_KEY"].encode()
        form = {
            "csrf": _field(page, "csrf"),
            "token": Seals(key).seal(code, visit, until=datetime.now(UTC) + timedelta(minutes=5)),
            "username": account.username,
            "code": code,
        }
        begun = time.perf_counter()
        answer = browser.post("/reset", data=form)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise SystemExit(f"asking was answered {answer.status_code}")
    pause = _FIRST_LOOK
    while time.perf_counter() - begun < _PATIENCE:
        time.sleep(pause)
        pause *= _LATER
        if letters := stack.mail.letters(account.email):
            taken = time.perf_counter() - begun
            return taken, letters[-1].text.partition("#")[2].split()[0]
    raise SystemExit(f"no mail came for {account.username}")


def _redeem(stack: LocalSystem, secret: str) -> float:
    """Open the link and set a password; the milliseconds of the setting."""
    with httpx.Client(base_url=stack.base_url, timeout=30) as browser:
        browser.post("/reset/new", data={"csrf": _field(browser.get("/reset/new").text, "csrf"), "secret": secret})
        csrf = _field(browser.get("/reset/new/password").text, "csrf")
        begun = time.perf_counter()
        answer = browser.post("/reset/new/password", data={"csrf": csrf, "password": f"mērīts teikums {secret[:6]}"})
        taken = (time.perf_counter() - begun) * 1000
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise SystemExit(f"the password was answered {answer.status_code}: {answer.text[:300]}")
    return taken


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    if found is None:
        raise SystemExit(f"the page has no field {name}")
    return found.group(1)


if __name__ == "__main__":
    main()
