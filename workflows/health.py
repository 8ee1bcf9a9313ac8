"""Is the service well? Questions with an answer, a detail and, where something is wrong, what to do.

`database`, `queue`, `workers`, `mail`, `trust`, `space` and `orders` ask the database, `keycloak` and `mail_server` the
network. What the network does not answer is a bad answer, no error; a database that is away raises SQLAlchemy's.
"""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from signing import TrustState
from workflows import database as schema
from workflows.evidence import disk_space
from workflows.evidence.trust import current_trust, places
from workflows.jobs import waiting
from workflows.mail import Mail, MailState
from workflows.reorganisation.hindrances import held_back_on
from workflows.settings import Settings

__all__ = [
    "Answer",
    "database",
    "keycloak",
    "mail",
    "mail_server",
    "orders",
    "queue",
    "ready",
    "space",
    "trust",
    "workers",
]

_SECONDS = 5.0
_LATE = timedelta(minutes=2)
_MAIL_LATE = timedelta(hours=1)
_NEARLY_FULL = 0.9
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, whether all is well, how it stands, and what an operator does when it is not."""

    about: str
    well: bool
    detail: str
    advice: str = ""


def ready(session: Session, *, at: datetime, silence: timedelta) -> tuple[Answer, ...]:
    """Answer everything the database knows: what a load balancer and `/health/ready` want."""
    first = database(session)
    if not first.well:
        return (first,)
    return (
        first,
        queue(session, at=at),
        workers(session, silence=silence),
        mail(session, at=at),
        trust(session, at=at),
        space(session, at=at),
    )


def database(session: Session) -> Answer:
    """Whether the schema is the one this program works with."""
    found, wanted = schema.revision(session), schema.head()
    if found == wanted:
        return Answer("database", well=True, detail=f"schema {found}")
    return Answer("database", well=False, detail=f"schema {found}, program {wanted}", advice="Run viis migrate.")


def queue(session: Session, *, at: datetime) -> Answer:
    """Whether waiting jobs are being done."""
    queues = waiting(session)
    count = sum(one.count for one in queues)
    oldest = min((one.oldest for one in queues if one.oldest is not None), default=None)
    age = timedelta() if oldest is None else max(at - oldest, timedelta())
    return Answer(
        "queue",
        well=age < _LATE,
        detail=f"{count} due, the oldest for {age.total_seconds():.0f} s",
        advice="" if age < _LATE else "Is a worker running? See its log, or start another one.",
    )


def workers(session: Session, *, silence: timedelta) -> Answer:
    """Whether at least one worker has been heard of within `silence`. The database's clock compares its own times."""
    alive = session.scalar(
        text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - :silence"),
        {"silence": silence},
    )
    return Answer("workers", well=bool(alive), detail=f"{alive} heard of", advice="" if alive else "Start viis worker.")


def mail(session: Session, *, at: datetime) -> Answer:
    """Whether mails leave."""
    late = session.scalar(select(func.count()).where(Mail.state == MailState.QUEUED, Mail.queued_at < at - _MAIL_LATE))
    failed = session.scalar(
        select(func.count()).where(Mail.state == MailState.FAILED, Mail.settled_at > at - timedelta(days=1))
    )
    return Answer(
        "mail",
        well=late == 0,
        detail=f"{late} waiting for more than an hour, {failed} failed in a day",
        advice="" if late == 0 else "Read the reason in the outbox: the mail server refuses us or is away.",
    )


def trust(session: Session, *, at: datetime) -> Answer:
    """How the trusted lists stand."""
    state = current_trust(session).state(at)
    bad = [f"{place.territory} {place.problem['code']}" for place in places(session) if place.problem is not None]
    detail = f"{state.value}, {'; '.join(bad)}" if bad else state.value
    well = state is TrustState.FRESH
    advice = "" if well else "Without fresh lists every signature stays undetermined: check VIIS_LOTL_URL and _SIGNERS."
    return Answer("trusted lists", well=well, detail=detail, advice=advice)


def space(session: Session, *, at: datetime) -> Answer:
    """Whether there is space for documents: by the policy, and on the disks that can be seen from here."""
    found = disk_space.measure(session, at=at)
    full = found.kept > _NEARLY_FULL * found.kept_most
    tight = [folder for folder, free in found.free.items() if free < disk_space.LEAST_FREE]
    parts = [
        f"database {found.database / _GIB:.1f} GiB",
        f"documents {found.kept / _GIB:.1f} of {found.kept_most / _GIB:.0f} GiB",
        *(f"{free / _GIB:.1f} GiB free for {folder}" for folder, free in found.free.items()),
    ]
    advice = []
    if full:
        advice.append(
            "Uploads are refused once documents take all they may: raise the number evidence_most, or archive."
        )
    if tight:
        advice.append(f"Free space on the disk of {' and '.join(tight)}: uploads fail without.")
    return Answer("space", well=not advice, detail=", ".join(parts), advice=" ".join(advice))


def orders(session: Session, *, at: datetime) -> Answer:
    """Whether every order whose day has come can be carried out."""
    held = held_back_on(session, at=at)
    return Answer(
        "orders",
        well=not held,
        detail=f"held back: {', '.join(held)}" if held else "none held back",
        advice="The register contradicts them: their pages say why, and what to do." if held else "",
    )


def keycloak(settings: Settings) -> Answer:
    """Whether the realm answers."""
    address = f"{settings.keycloak_url}/realms/{settings.keycloak_realm}/.well-known/openid-configuration"
    try:
        reply = httpx.get(address, timeout=_SECONDS, follow_redirects=False)
    except httpx.HTTPError as error:
        return Answer("keycloak", well=False, detail=type(error).__name__, advice="Check VIIS_KEYCLOAK_URL.")
    well = reply.status_code == httpx.codes.OK
    return Answer(
        "keycloak",
        well=well,
        detail=f"answers {reply.status_code}",
        advice="" if well else "Check VIIS_KEYCLOAK_URL and VIIS_KEYCLOAK_REALM.",
    )


def mail_server(settings: Settings) -> Answer:
    """Whether somebody answers where mail goes."""
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_SECONDS) as server:
            server.noop()
    except (smtplib.SMTPException, OSError) as error:
        return Answer("mail server", well=False, detail=f"{where}: {error}", advice="Check VIIS_SMTP_HOST and _PORT.")
    return Answer("mail server", well=True, detail=where)


def all_well(answers: Sequence[Answer]) -> bool:
    """Whether every answer is a good one."""
    return all(answer.well for answer in answers)
