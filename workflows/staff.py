"""Who works here, and as what?

Keycloak says who somebody is, this table says what they may do: a service account that may manage users may also hand
out realm roles there, so those prove nothing here; and a role taken away is gone with the next request, whatever their
token says.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Text, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from iam.audit import Actor, AuditTag, Door, Origin, record
from iam.base import Base
from iam.ids import MunicipalityId

__all__ = ["Role", "Staff", "StaffTag", "add", "end", "everybody", "staff_roles"]


class StaffTag(AuditTag):
    """What happens to members of staff."""

    ADDED = "staff:added"
    ENDED = "staff:ended"


class Role(StrEnum):
    """What staff may do (docs/glossary.md)."""

    REVIEWER = "reviewer"
    APPROVER = "approver"  # the second person where four eyes are needed
    CONSULTANT = "consultant"  # sees one municipality
    AUDITOR = "auditor"  # reads
    ADMINISTRATOR = "administrator"  # roles and policy, no decisions


class Staff(Base):
    """A member of staff, named as in Keycloak (lower case). Nobody is deleted: what they did stays theirs."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("username = lower(username) AND username <> ''", name="username"),
        CheckConstraint(
            "cardinality(roles) > 0"
            " AND roles <@ ARRAY['reviewer', 'approver', 'consultant', 'auditor', 'administrator']",
            name="roles",
        ),
        CheckConstraint(
            "('consultant' = ANY (roles)) = (municipality_id IS NOT NULL)", name="consultant_has_a_municipality"
        ),
    )

    username: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    roles: Mapped[Sequence[str]] = mapped_column(ARRAY(Text))
    municipality_id: Mapped[MunicipalityId | None] = mapped_column(
        BigInteger, ForeignKey("municipalities.id", name="fk_staff_municipality_id")
    )
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None]


def staff_roles(session: Session, username: str) -> frozenset[Role]:
    """Return the roles of a present member of staff; none for anybody else."""
    member = session.get(Staff, username.lower())
    if member is None or member.ended_at is not None:
        return frozenset()
    return frozenset(Role(role) for role in member.roles)


def add(
    session: Session,
    username: str,
    *,
    name: str,
    roles: Iterable[Role],
    municipality_id: MunicipalityId | None = None,
    by: Actor,
    door: Door,
    at: datetime,
) -> Staff:
    """Add a member of staff, or give one these roles in place of those held; also brings back one who had left.

    A consultant needs a municipality and nobody else may have one: the table refuses it (`ck_staff_consultant_…`).
    """
    present = session.get(Staff, username.lower())
    member = present or Staff(username=username.lower())
    if present is None or present.ended_at is not None:
        # Since when somebody works here without a break: a session from before opens nothing.
        member.added_at, member.added_by, member.ended_at = at, str(by), None
    member.name = name
    member.roles = sorted({role.value for role in roles})
    member.municipality_id = municipality_id
    session.add(member)
    session.flush()
    record(
        session,
        StaffTag.ADDED,
        origin=Origin(by, door),
        subject=f"staff:{member.username}",
        at=at,
        details={"roles": member.roles, "municipality": municipality_id},
    )
    return member


def end(session: Session, username: str, *, by: Actor, door: Door, at: datetime) -> None:
    """End somebody's work here. Raises LookupError for a stranger."""
    member = session.get(Staff, username.lower())
    if member is None:
        raise LookupError(username)
    member.ended_at = at
    session.flush()
    record(session, StaffTag.ENDED, origin=Origin(by, door), subject=f"staff:{member.username}", at=at)


def everybody(session: Session) -> tuple[Staff, ...]:
    """Return all staff, those who left included, by username."""
    return tuple(session.scalars(select(Staff).order_by(Staff.username)))
