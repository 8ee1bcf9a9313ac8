"""A register full of people, orders about it, and what Keycloak takes for the same calls made bare."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

import workflows.reorganisation.jobs  # noqa: F401 - declares what an approval queues
from benchmarks._origin import ORIGIN
from iam.grants.models import Account, Grant
from iam.ids import AccountId, OrderId
from iam.institutions.register_file import read_register
from iam.keycloak.client import KeycloakClient
from iam.keycloak.desired import DesiredUser
from iam.orders import service as orders
from workflows import clock
from workflows.proposals import service as proposals
from workflows.proposals.models import Proposal
from workflows.proposals.service import SecondPerson
from workflows.reorganisation.checking import checked
from workflows.reorganisation.order_files import read_orders
from workflows.rights.projection import follow

__all__ = ["HEADER", "Took", "bare", "confirm", "mapping", "paused", "pending", "project_all", "record", "timed"]

HEADER = "reference,legal_basis,effective,change,sources,targets,new_name,new_code\n"
_MAPPING = "old_atvk,old_name,new_atvk,new_name,changed\n"
_AT_ONCE = 4  # as many calls as a worker makes at once
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock on the wall, which others on the machine lengthen, and of this process's own processor."""

    wall: float
    cpu: float


def timed(act: Callable[[], _Done]) -> tuple[_Done, Took]:
    """Do something and say how long it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = act()
    return done, Took(time.perf_counter() - wall, time.process_time() - cpu)


def mapping(path: Path) -> bytes:
    """Make the mapping that a register file implies, so that an invented register has one too."""
    rows = {
        (row.before.atvk, row.before.name, row.after.atvk, row.after.name, row.municipality_changed)
        for row in read_register(path.read_bytes())
        if row.before is not None and row.after is not None
    }
    wholes = [row for row in rows if sum(other[0] == row[0] for other in rows) == 1]
    lines = [
        f"{old},{old_name},{new},{new_name},{'yes' if changed else 'no'}\n"
        for old, old_name, new, new_name, changed in wholes
    ]
    return (_MAPPING + "".join(sorted(lines))).encode()


def record(sessions: sessionmaker[Session], content: bytes) -> list[OrderId]:
    """Record the orders of a file."""
    with sessions.begin() as session:
        said = checked(session, read_orders(content)).orders
        return [OrderId(row.id) for row in orders.draft(session, said, origin=ORIGIN, at=clock.now())]


def confirm(sessions: sessionmaker[Session], proposal: int, *, by: str, base_url: str) -> None:
    """Confirm what was proposed, as the second person does on the page."""
    with sessions.begin() as session:
        kept, at = session.get_one(Proposal, proposal), clock.now()
        proposals.confirm(
            session,
            proposal,
            seen=kept.seen_digest,
            count=kept.count,
            by=SecondPerson(by, at),
            base_url=base_url,
            at=at,
        )


def project_all(sessions: sessionmaker[Session], *, scopes: Sequence[int]) -> list[AccountId]:
    """Have everybody with a right in these scopes brought to Keycloak; return who they are."""
    with sessions.begin() as session:
        ids = [AccountId(one) for one in session.scalars(select(Grant.account_id).where(Grant.scope_id.in_(scopes)))]
        session.execute(update(Account).where(Account.id.in_(ids)).values(revision=Account.revision + 1))
        follow(session, *ids)
    return sorted(set(ids))


def pending(sessions: sessionmaker[Session]) -> int:
    """Count the accounts that Keycloak does not show as they are."""
    with sessions() as session:
        return session.scalar(select(func.count()).where(Account.revision != Account.projected_revision)) or 0


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Stop a process for as long as the block runs, so that its part begins after ours."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def bare(door: KeycloakClient, keycloak_ids: Sequence[str]) -> float:
    """Take rights from users and give them back with the calls of a projection alone; return the seconds of one go."""
    rights: dict[str, frozenset[str]] = {}

    def take(id_: str) -> None:
        rights[id_] = _written(door, id_, frozenset())

    def give(id_: str) -> None:
        _written(door, id_, rights[id_])

    begun = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as callers:
        list(callers.map(take, keycloak_ids))
        list(callers.map(give, keycloak_ids))
    return (time.perf_counter() - begun) / 2


def _written(door: KeycloakClient, id_: str, grants: frozenset[str]) -> frozenset[str]:
    present = door.read(id_)
    if present is None:
        raise RuntimeError("a user is not there")
    same = DesiredUser(
        username=present.username,
        email=present.email,
        given_name=present.given_name,
        surname=present.surname,
        enabled=present.enabled,
        rights=grants,
        grants=grants,
        digest=present.digest or "",
    )
    door.update(present, same)
    door.logout(id_)
    return present.grants
