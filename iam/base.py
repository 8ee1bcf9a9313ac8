"""One declarative base for every table of the service, and the few column types all share."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Dialect, Enum, MetaData, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import DATERANGE, TIMESTAMP, TSTZRANGE, Range
from sqlalchemy.orm import DeclarativeBase

from iam.ids import (
    AccountId,
    ApplicationId,
    EvidenceId,
    GrantId,
    InstitutionId,
    MunicipalityId,
    OrderId,
    PersonId,
    ScopeId,
    SectionId,
)

__all__ = [
    "Base",
    "UtcTime",
    "one_of",
]


class UtcTime(TypeDecorator[datetime]):
    """A moment: `timestamptz` that refuses a naive value and always comes back in UTC."""

    impl = TIMESTAMP(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a moment without a zone: it would silently take the server's."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a moment needs its time zone, got {value!r}")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return every moment in UTC, whatever zone the connection speaks."""
        return None if value is None else value.astimezone(UTC)


def one_of(words: type[StrEnum], name: str) -> Enum:
    """Build the type of a text column that holds one of these words; the named check enforces it."""
    return Enum(
        words,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Every table; constraints get names that a person can look up."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: dict[Any, Any] = {  # noqa: RUF012 - SQLAlchemy reads it once from the class
        str: Text,
        datetime: UtcTime,
        Range[date]: DATERANGE,
        Range[datetime]: TSTZRANGE,
        **dict.fromkeys(
            (
                PersonId,
                AccountId,
                InstitutionId,
                MunicipalityId,
                OrderId,
                ScopeId,
                SectionId,
                GrantId,
                EvidenceId,
                ApplicationId,
            ),
            BigInteger,
        ),
    }
