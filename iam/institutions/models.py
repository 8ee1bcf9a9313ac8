"""Tables of institutions and municipalities over time, of scopes, and of who may sign.

Every `period` is a half-open daterange; "no two at once" is an exclusion constraint over range types alone, because
the embedded PostgreSQL has no btree_gist: an id becomes the one-element range `int8range(id, id, '[]')`.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import CHAR, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam import periods
from iam.base import Base, one_of
from iam.ids import InstitutionId, MunicipalityId, PersonId, ScopeId
from iam.people.models import Person

__all__ = [
    "Capacity",
    "Institution",
    "InstitutionMunicipality",
    "InstitutionName",
    "Municipality",
    "MunicipalityCode",
    "MunicipalityName",
    "Scope",
    "ScopeKind",
    "Signatory",
    "SourceKind",
]


def _one_at_a_time(name: str, *same: str) -> ExcludeConstraint:
    """Forbid two rows that agree in `same` (integer expressions) and overlap in `period`."""
    ids = [(text(f"int8range({column}, {column}, '[]')"), "&&") for column in same]
    return ExcludeConstraint(*ids, (text("period"), "&&"), using="gist", name=name)


class Municipality(Base):
    """A town or novads under our own lasting id. Rights hang on this id; names and ATVK codes are dated attributes.

    A municipality the reform of 2021 left alone is one row before and after it, although its code changed; one that
    was merged away ends, and the new novads is another row, even where it took over the name (see decision 0032).
    """

    __tablename__ = "municipalities"
    __table_args__ = (CheckConstraint("NOT isempty(period)", name="period_not_empty"),)

    id: Mapped[MunicipalityId] = mapped_column(Identity(), primary_key=True)
    enterprise_reg_no: Mapped[str | None]
    period: Mapped[Range[date]]

    names: Mapped[list["MunicipalityName"]] = relationship(
        back_populates="municipality", order_by="MunicipalityName.period"
    )
    codes: Mapped[list["MunicipalityCode"]] = relationship(
        back_populates="municipality", order_by="MunicipalityCode.period"
    )


class MunicipalityName(Base):
    """What a municipality was called, and when."""

    __tablename__ = "municipality_names"
    __table_args__ = (
        CheckConstraint("NOT isempty(period)", name="period_not_empty"),
        CheckConstraint("btrim(name) <> ''", name="named"),
        _one_at_a_time("ex_municipality_names_one_at_a_time", "municipality_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    municipality_id: Mapped[MunicipalityId] = mapped_column(ForeignKey("municipalities.id"))
    name: Mapped[str]
    search_key: Mapped[str]
    sort_key: Mapped[str] = mapped_column(Text(collation="C"))
    period: Mapped[Range[date]]

    municipality: Mapped[Municipality] = relationship(back_populates="names")


class MunicipalityCode(Base):
    """The ATVK code of a municipality, and when. All of them changed on 2021-07-01."""

    __tablename__ = "municipality_codes"
    __table_args__ = (
        CheckConstraint("NOT isempty(period)", name="period_not_empty"),
        CheckConstraint("atvk ~ '^[0-9]{7}$'", name="atvk_seven_digits"),
        _one_at_a_time("ex_municipality_codes_one_at_a_time", "municipality_id"),
        # The check above makes the cast safe; a code names one municipality on a day.
        _one_at_a_time("ex_municipality_codes_one_owner", "CAST(atvk AS bigint)"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    municipality_id: Mapped[MunicipalityId] = mapped_column(ForeignKey("municipalities.id"))
    atvk: Mapped[str]
    period: Mapped[Range[date]]

    municipality: Mapped[Municipality] = relationship(back_populates="codes")


class Institution(Base):
    """An education institution under its register number. A new number is another institution; a rename is not."""

    __tablename__ = "institutions"
    __table_args__ = (
        UniqueConstraint("reg_no", name="uq_institutions_reg_no"),
        CheckConstraint("reg_no ~ '^[0-9]{10}$'", name="reg_no_ten_digits"),
        CheckConstraint("NOT isempty(period)", name="period_not_empty"),
    )

    id: Mapped[InstitutionId] = mapped_column(Identity(), primary_key=True)
    reg_no: Mapped[str] = mapped_column(CHAR(10))
    legal_status: Mapped[str]
    stage: Mapped[str]  # the register's "veids"
    type: Mapped[str]  # the register's "tips"
    founder: Mapped[str]
    parish: Mapped[str]  # "pagasts"; empty in towns. Aglona and Inčukalns were split along it
    branches: Mapped[int]
    units: Mapped[int]
    period: Mapped[Range[date]]
    recorded_at: Mapped[datetime]

    names: Mapped[list["InstitutionName"]] = relationship(
        back_populates="institution", order_by="InstitutionName.period"
    )
    memberships: Mapped[list["InstitutionMunicipality"]] = relationship(
        back_populates="institution", order_by="InstitutionMunicipality.period"
    )

    @property
    def founder_digit(self) -> str:
        """Who founded it, as the fifth digit of the number says: 9 municipality, 8 private, 0 IZM, 3 KM."""
        return self.reg_no[4]

    @property
    def opened(self) -> date | None:
        """The first day, where known."""
        return periods.first_day(self.period)

    @property
    def closed(self) -> date | None:
        """The last day; None while it exists."""
        return periods.last_day(self.period)


class InstitutionName(Base):
    """What an institution was called, and when."""

    __tablename__ = "institution_names"
    __table_args__ = (
        CheckConstraint("NOT isempty(period)", name="period_not_empty"),
        CheckConstraint("btrim(name) <> ''", name="named"),
        _one_at_a_time("ex_institution_names_one_at_a_time", "institution_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    institution_id: Mapped[InstitutionId] = mapped_column(ForeignKey("institutions.id"))
    name: Mapped[str]
    search_key: Mapped[str]
    sort_key: Mapped[str] = mapped_column(Text(collation="C"))
    period: Mapped[Range[date]]

    institution: Mapped[Institution] = relationship(back_populates="names")


class InstitutionMunicipality(Base):
    """Which municipality an institution belonged to, and when. An institution may have none (a broken address)."""

    __tablename__ = "institution_municipalities"
    __table_args__ = (
        CheckConstraint("NOT isempty(period)", name="period_not_empty"),
        _one_at_a_time("ex_institution_municipalities_one_at_a_time", "institution_id"),
        Index("ix_institution_municipalities_municipality_id", "municipality_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    institution_id: Mapped[InstitutionId] = mapped_column(ForeignKey("institutions.id"))
    municipality_id: Mapped[MunicipalityId] = mapped_column(ForeignKey("municipalities.id"))
    period: Mapped[Range[date]]

    institution: Mapped[Institution] = relationship(back_populates="memberships")
    municipality: Mapped[Municipality] = relationship()


class ScopeKind(StrEnum):
    """How far a right reaches."""

    INSTITUTION = "institution"
    MUNICIPALITY = "municipality"
    STATE = "state"


class Scope(Base):
    """Where a right holds, as one id: an institution, a municipality with all its institutions, or the whole state."""

    __tablename__ = "scopes"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'institution') = (institution_id IS NOT NULL)"
            " AND (kind = 'municipality') = (municipality_id IS NOT NULL)",
            name="points_at_what_it_says",
        ),
        UniqueConstraint("institution_id", name="uq_scopes_institution_id"),
        UniqueConstraint("municipality_id", name="uq_scopes_municipality_id"),
        Index("uq_scopes_one_state", "kind", unique=True, postgresql_where=text("kind = 'state'")),
    )

    id: Mapped[ScopeId] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[ScopeKind] = mapped_column(one_of(ScopeKind, "kind_known"))
    institution_id: Mapped[InstitutionId | None] = mapped_column(ForeignKey("institutions.id"))
    municipality_id: Mapped[MunicipalityId | None] = mapped_column(ForeignKey("municipalities.id"))

    institution: Mapped[Institution | None] = relationship(lazy="joined")
    municipality: Mapped[Municipality | None] = relationship()


class Capacity(StrEnum):
    """The capacity in which a person signs."""

    HEAD = "head"  # vadītājs; for a municipality whoever its rules name
    ACTING_HEAD = "acting_head"  # vadītāja pienākumu izpildītājs
    POWER_OF_ATTORNEY = "power_of_attorney"  # pilnvarnieks


class SourceKind(StrEnum):
    """Where an entitlement to sign is known from; one without a register source needs a second pair of eyes."""

    REGISTER = "register"
    ORDER = "order"
    POWER_OF_ATTORNEY = "power_of_attorney"
    APPLICATION = "application"
    IMPORT = "import"
    OTHER = "other"


class Signatory(Base):
    """Who may sign for a scope, as what, on which days, and where that is known from.

    `period` says when the person might sign, `recorded` when this row was what we knew: a correction closes the row
    and adds another, so that an earlier verdict stays explicable. Empty on day one.
    """

    __tablename__ = "signatories"
    __table_args__ = (
        CheckConstraint("NOT isempty(period)", name="period_not_empty"),
        CheckConstraint("NOT isempty(recorded) AND NOT lower_inf(recorded)", name="recorded_not_empty"),
        CheckConstraint("btrim(source) <> ''", name="source_said"),
        CheckConstraint("btrim(recorded_by) <> ''", name="recorded_by_somebody"),
        ExcludeConstraint(
            (text("int8range(scope_id, scope_id, '[]')"), "&&"),
            (text("int8range(person_id, person_id, '[]')"), "&&"),
            (text("period"), "&&"),
            (text("recorded"), "&&"),
            using="gist",
            name="ex_signatories_one_capacity_at_a_time",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    scope_id: Mapped[ScopeId] = mapped_column(ForeignKey("scopes.id"))
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id"))
    capacity: Mapped[Capacity] = mapped_column(one_of(Capacity, "capacity_known"))
    email: Mapped[str | None]
    period: Mapped[Range[date]]
    source: Mapped[str]
    source_kind: Mapped[SourceKind] = mapped_column(one_of(SourceKind, "source_kind_known"))
    recorded: Mapped[Range[datetime]]
    recorded_by: Mapped[str]  # `str(Actor)`
    withdrawn_by: Mapped[str | None]

    scope: Mapped[Scope] = relationship()
    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def since(self) -> date | None:
        """The first day of the entitlement; None where only the end is known."""
        return periods.first_day(self.period)

    @property
    def until(self) -> date | None:
        """The last day of the entitlement, included; None while open."""
        return periods.last_day(self.period)
