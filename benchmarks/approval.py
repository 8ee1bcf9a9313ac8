"""Approving an application until the right can be read in Keycloak. The figure: p95 1 s.

A reviewer signed in at Keycloak sends the form of the case page; the clock runs from then until Keycloak's own API
shows the right of a user it did not know before. One after the other, each a new person. One JSON line last.
"""

import time
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from benchmarks._applications import invented
from benchmarks._clients import Staff
from benchmarks._figures import Held, Machine, p95, spread, tell
from benchmarks._system import await_idle, eventually, sessions, system
from builders.workflows.filed import Submitted, prove, submit
from demo.local_system import LocalSystem
from demo.servers import KeycloakAdmin
from iam.grants.models import Account
from iam.people.models import PersonCode
from iam.people.rules import parse_personal_code
from workflows import clock

APPROVALS = 60
AT_MOST_MS = 1000.0
_HEAD = 0
_PATIENCE = 60.0

SIGNATORY = {
    "capacity": "head",
    "signs_since": "",
    "signs_until": "",
    "source": "Izglītības iestāžu reģistrs",
    "source_kind": "register",
}


def main() -> None:
    """Start a system and measure."""
    with system() as stack, sessions(stack) as database:
        measure(stack, database)


def measure(stack: LocalSystem, database: sessionmaker[Session]) -> None:
    """Do it on a running system."""
    cases = [prepare(database, stack.base_url, number) for number in range(1, APPROVALS + 1)]
    await_idle(database)
    took, answered = [], []
    with (
        Staff(stack, stack.staff[0]) as reviewer,
        KeycloakAdmin(stack.keycloak) as keycloak,
        Machine.watched() as machine,
    ):
        for number, case in enumerate(cases, start=1):
            address = f"/review/{case.reference}"
            form = {**reviewer.fields(address), **SIGNATORY, "decision": "approve", "reason": ""}
            begun = time.perf_counter()
            reviewer.send(f"{address}/decide", form)
            answered.append((time.perf_counter() - begun) * 1000)
            username = _username(database, number)
            eventually(partial(_has_right, keycloak, username), "the right", within=_PATIENCE)
            took.append((time.perf_counter() - begun) * 1000)
    tell(
        "approval", {"p95_ms": Held(p95(took), AT_MOST_MS)}, machine, page=spread(answered, "ms"), **spread(took, "ms")
    )


def prepare(database: sessionmaker[Session], base_url: str, number: int) -> Submitted:
    """Bring an application of a person of its own to where only the decision is missing."""
    at = clock.now()
    with database.begin() as session:
        submitted = submit(session, invented(_HEAD), invented(number), base_url=base_url, at=at)
        prove(session, submitted, base_url=base_url, at=at)
    return submitted


def _username(database: sessionmaker[Session], number: int) -> str:
    digits = parse_personal_code(invented(number).code).digits
    with database() as session:
        query = select(Account.username).join(PersonCode, PersonCode.person_id == Account.person_id)
        return session.scalars(query.where(PersonCode.digits == digits)).one()


def _has_right(keycloak: KeycloakAdmin, username: str) -> bool:
    asked = {"username": username, "exact": "true", "briefRepresentation": "false"}
    users = keycloak.send("GET", "/users", params=asked).json()
    return bool(users and users[0].get("attributes", {}).get("viis_grants"))


if __name__ == "__main__":
    main()
