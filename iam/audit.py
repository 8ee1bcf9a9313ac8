"""Who did what, on whom, when, through which door, on what evidence? Entries are written once and stay.

Triggers refuse UPDATE, DELETE and TRUNCATE: `tr_audit_entries_written_once`, `tr_audit_entries_never_emptied`.
Every entry carries the SHA-256 of its own canonical bytes (`canonical`), so that a tree over the digests can be built,
and any entry proved, without trusting the table.
Entries name people by id; a personal code that slips into the details is masked before it is written.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum, unique
from uuid import UUID, uuid4

from sqlalchemy import UUID as UUID_COLUMN
from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import CHAR, JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from iam.base import Base, one_of
from iam.bulk import insert_all

__all__ = [
    "Act",
    "Actor",
    "ActorKind",
    "AuditEntry",
    "AuditTag",
    "Door",
    "Origin",
    "canonical",
    "known_tags",
    "masked",
    "newest",
    "record",
    "record_all",
]

_TAG_SHAPE = re.compile(r"[a-z][a-z_]*:[a-z][a-z_]*")
# As people write a code: with any dash or a space, or none; not inside a digest.
_CODE_SHAPE = re.compile(r"(?<![0-9A-Za-z])[0-9]{6}(?:\s?[-\u2010-\u2015\u2212]\s?|\s)?[0-9]{5}(?![0-9A-Za-z])")
_KNOWN: dict[str, "type[AuditTag]"] = {}


class AuditTag(StrEnum):
    """A word of the audit, `noun:done`. Each process has its own enum of them; a word is never renamed or used twice.

    >>> class TeaTag(AuditTag):
    ...     MADE = "tea:made"
    >>> known_tags()["tea:made"].__name__
    'TeaTag'
    >>> class OtherTag(AuditTag):
    ...     MADE = "tea:made"
    Traceback (most recent call last):
    ...
    ValueError: the audit word 'tea:made' already belongs to TeaTag
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        unique(cls)
        for tag in cls:
            if not _TAG_SHAPE.fullmatch(tag.value):
                raise ValueError(f"an audit word looks like noun:done, not {tag.value!r}")
            owner = _KNOWN.get(tag.value)
            # The same class imported twice (a reload, a doctest) is no contradiction.
            if owner is not None and (owner.__module__, owner.__qualname__) != (cls.__module__, cls.__qualname__):
                raise ValueError(f"the audit word {tag.value!r} already belongs to {owner.__name__}")
        _KNOWN.update({tag.value: cls for tag in cls})


def known_tags() -> Mapping[str, type[AuditTag]]:
    """Return every audit word spoken by the modules loaded so far, with the enum it belongs to."""
    return dict(_KNOWN)


class ActorKind(StrEnum):
    """The kind of an actor."""

    PERSON = "person"  # known by person id: a user, a head, a signatory
    STAFF = "staff"  # a reviewer, approver, administrator, by staff login
    APPLICANT = "applicant"  # holder of an application's link; identity not proven
    SYSTEM = "system"  # a job or a command


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: kind and id. Written as text it stays readable in every table that keeps it.

    >>> str(Actor(ActorKind.STAFF, "inese.kalna"))
    'staff:inese.kalna'
    """

    kind: ActorKind
    id: str

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise ValueError("an actor without an id is nobody")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class Door(StrEnum):
    """The entrance an act came through."""

    WEB = "web"  # public pages
    REVIEW = "review"  # pages of staff
    API = "api"
    MAIL = "mail"
    CLI = "cli"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act comes from: who acts, and through which door. Every function that writes takes it whole."""

    actor: Actor
    door: Door


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was done to what (`subject` as "kind:id"), on which evidence: the SHA-256 (hex) of what it rests on.

    Details must be plain JSON values; personal codes in them are masked.
    """

    tag: AuditTag
    subject: str
    evidence: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)


class AuditEntry(Base):
    """One entry. `id` is only the order of insertion; identity and proof hang on `uid` and `digest`."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("uid", name="uq_audit_entries_uid"),
        CheckConstraint("tag ~ '^[a-z][a-z_]*:[a-z][a-z_]*$'", name="tag_noun_done"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_sha256"),
        CheckConstraint("evidence IS NULL OR evidence ~ '^[0-9a-f]{64}$'", name="evidence_sha256"),
        CheckConstraint("jsonb_typeof(details) = 'object'", name="details_object"),
        Index("ix_audit_entries_at", "at"),
        Index("ix_audit_entries_subject", "subject"),
        Index("ix_audit_entries_tag", "tag"),
        Index("ix_audit_entries_actor", "actor_kind", "actor_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    uid: Mapped[UUID] = mapped_column(UUID_COLUMN)
    at: Mapped[datetime]
    tag: Mapped[str]
    actor_kind: Mapped[ActorKind] = mapped_column(one_of(ActorKind, "actor_kind_known"))
    actor_id: Mapped[str]
    subject: Mapped[str]  # what it was done to, as "kind:id": application:17, person:3
    door: Mapped[Door] = mapped_column(one_of(Door, "door_known"))
    evidence: Mapped[str | None] = mapped_column(CHAR(64))
    details: Mapped[dict[str, object]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(CHAR(64))


_WRITTEN = tuple(column for column in AuditEntry.__table__.c if column.name not in {"id", "digest"})


def canonical(entry: AuditEntry) -> bytes:
    """Serialise an entry the one way its digest is taken over: UTF-8 JSON, keys sorted, no spaces, the moment in UTC.

    The database's row number is left out: it is given after the digest and says nothing of what happened. Written by
    hand, not by a codec: stored digests must come out the same for ever.
    """
    said = {
        "actor": [entry.actor_kind.value, entry.actor_id],
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "details": entry.details,
        "door": entry.door.value,
        "evidence": entry.evidence,
        "subject": entry.subject,
        "tag": entry.tag,
        "uid": str(entry.uid),
        "v": 1,
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def record(
    session: Session,
    tag: AuditTag,
    *,
    origin: Origin,
    subject: str,
    at: datetime,
    evidence: str | None = None,
    details: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Write one entry in the caller's transaction; see `Act` for what it says."""
    act = Act(tag=tag, subject=subject, evidence=evidence, details=details or {})
    entry = AuditEntry(**_columns(act, origin, at))
    session.add(entry)
    session.flush()
    return entry


def record_all(session: Session, acts: Iterable[Act], *, origin: Origin, at: datetime) -> list[object]:
    """Write one entry an act, all in one statement, in the order of the acts; return their details as they are kept."""
    rows = [_columns(act, origin, at) for act in acts]
    if rows:
        insert_all(session, AuditEntry, rows)
    return [row["details"] for row in rows]


def _columns(act: Act, origin: Origin, at: datetime) -> dict[str, object]:
    entry = AuditEntry(
        uid=uuid4(),
        at=at.astimezone(UTC),
        tag=act.tag.value,
        actor_kind=origin.actor.kind,
        actor_id=origin.actor.id,
        subject=act.subject,
        door=origin.door,
        evidence=act.evidence,
        # Through JSON and back: what is digested is exactly what JSONB will return.
        details=json.loads(json.dumps(masked(dict(act.details)), allow_nan=False)),
    )
    digest = hashlib.sha256(canonical(entry)).hexdigest()
    return {column.name: getattr(entry, column.name) for column in _WRITTEN} | {"digest": digest}


def masked(value: object) -> object:
    """Mask everything that looks like a personal code, at any depth, in keys and values.

    What JSONB would change on its way (fractions, the zero character) is made into text that it keeps: the digest is
    taken over exactly what comes back.

    >>> masked({"said": ["I am 320000-12345", 7]})
    {'said': ['I am ******-*2345', 7]}
    """
    match value:
        case str():
            return _CODE_SHAPE.sub(lambda code: f"******-*{code.group()[-4:]}", value.replace("\x00", "\ufffd"))
        case float():
            return masked(repr(value))
        case Mapping():
            return {str(masked(str(key))): masked(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [masked(inner) for inner in value]
        case _:
            return value


def newest(
    session: Session,
    *,
    tag: str | None = None,
    subject: str | None = None,
    actor: Actor | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """List entries, newest first. `until` is exclusive; `before_id` continues after the last one of a page."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if tag is not None:
        query = query.where(AuditEntry.tag == tag)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if actor is not None:
        query = query.where(AuditEntry.actor_kind == actor.kind, AuditEntry.actor_id == actor.id)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(session.scalars(query))
