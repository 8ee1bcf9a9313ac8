"""Tables of people: one row a person, every code the person ever had, names the person had before."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam.base import Base, one_of
from iam.ids import PersonId
from iam.people.rules import CodeKind

__all__ = ["FormerName", "Person", "PersonCode"]


class Person(Base):
    """A person under the present name. Other tables and the audit know people by `id`, never by code."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("btrim(given_name) <> '' AND btrim(surname) <> ''", name="named"),
        Index("ix_people_sort_key", "sort_key"),
    )

    id: Mapped[PersonId] = mapped_column(Identity(), primary_key=True)
    given_name: Mapped[str]
    surname: Mapped[str]
    search_key: Mapped[str]  # folded present and former names: `iam.letters.fold`
    sort_key: Mapped[str] = mapped_column(
        Text(collation="C")
    )  # surname first, in Latvian order: `iam.letters.sort_key`
    recorded_at: Mapped[datetime]

    codes: Mapped[list["PersonCode"]] = relationship(back_populates="person", order_by="PersonCode.id")
    former_names: Mapped[list["FormerName"]] = relationship(back_populates="person", order_by="FormerName.id")

    @property
    def full_name(self) -> str:
        """Given name and surname as the person writes them."""
        return f"{self.given_name} {self.surname}"


class PersonCode(Base):
    """One identifier of a person. A code names one person for ever, so an old certificate still finds its holder."""

    __tablename__ = "person_codes"
    __table_args__ = (
        UniqueConstraint("country", "kind", "digits", name="uq_person_codes_one_code_one_person"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_said"),
        CheckConstraint("digits = upper(digits) AND digits !~ '[[:space:]-]' AND digits <> ''", name="digits_normal"),
        CheckConstraint(
            "NOT (country = 'LV' AND kind = 'PNO') OR digits ~ '^[0-9]{11}$'", name="latvian_eleven_digits"
        ),
        CheckConstraint("replaced_at IS NULL OR replaced_at >= recorded_at", name="replaced_after_recorded"),
        # One present code of a kind and country: a change of the code closes the earlier one.
        Index(
            "uq_person_codes_one_present",
            "person_id",
            "country",
            "kind",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id"))
    country: Mapped[str]
    kind: Mapped[CodeKind] = mapped_column(one_of(CodeKind, "kind_known"))
    digits: Mapped[str]
    recorded_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="codes")


class FormerName(Base):
    """A name the person had until `until`; the present one stands in `people`."""

    __tablename__ = "person_former_names"
    __table_args__ = (
        CheckConstraint("btrim(given_name) <> '' AND btrim(surname) <> ''", name="named"),
        Index("ix_person_former_names_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id"))
    given_name: Mapped[str]
    surname: Mapped[str]
    until: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="former_names")
