"""Tables of orders about institutions and municipalities.

An order has a legal basis and an effective date: the first day on which its changes hold. It has typed changes, and a
change has parties: sources it is done to and targets that come of it, several of each where the kind allows. A party
is named as the order names it, by register number or ATVK code, and points at our row as soon as there is one: a
target may be founded by the order itself.

A change that was applied keeps what stood before (`before`), so that it can be undone. How many sources and targets a
kind has, and that orders do not contradict one another or run in a circle, spans rows: `iam.orders.rules` checks that
before anything is written. The database holds what one row can say.

Triggers keep what was said: `tr_orders_say_the_same`, `tr_order_changes_say_the_same`, `tr_order_parties_say_the_same`
let only the state, what applying replaced and the ids of parties change, `tr_order_steps_written_once` nothing. A party
that named a founded municipality by our id names it by its code once that municipality is taken away.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import CHAR, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam.base import Base, one_of
from iam.ids import InstitutionId, MunicipalityId, OrderId
from iam.orders.states import OrderState

__all__ = ["ChangeKind", "Order", "OrderChange", "OrderParty", "OrderStep", "Side"]


class ChangeKind(StrEnum):
    """What is changed (domain.md names the Latvian forms)."""

    JOINED = "joined"  # pievienošana: into one that goes on; one source may be joined to several
    MERGED = "merged"  # apvienošana: several into a new one
    SPLIT = "split"  # sadalīšana: one into several; it ends
    PART_SPLIT_OFF = "part_split_off"  # nodalīšana: it goes on
    TRANSFORMED = "transformed"  # pārveidošana: the same under a new number
    CLOSED = "closed"  # likvidācija: no successor
    BRANCH_CREATED = "branch_created"  # filiāle
    RENAMED = "renamed"
    RECODED = "recoded"  # a municipality's ATVK code


class Side(StrEnum):
    """On which side of a change a party stands."""

    SOURCE = "source"
    TARGET = "target"


class Order(Base):
    """An order with its present state. `digest` is over what it says: evidence and audit name it by that."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("btrim(reference) <> ''", name="reference_said"),
        CheckConstraint("btrim(legal_basis) <> ''", name="legal_basis_said"),
        CheckConstraint("btrim(recorded_by) <> ''", name="recorded_by_somebody"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_sha256"),
        # An order that was repealed or undone may be recorded once more, corrected.
        Index(
            "uq_orders_one_in_force_a_reference",
            "reference",
            unique=True,
            postgresql_where=text("state NOT IN ('repealed', 'undone')"),
        ),
        Index("ix_orders_effective", "effective"),
    )

    id: Mapped[OrderId] = mapped_column(Identity(), primary_key=True)
    reference: Mapped[str]
    legal_basis: Mapped[str]
    effective: Mapped[date]
    state: Mapped[OrderState] = mapped_column(one_of(OrderState, "state_known"))
    digest: Mapped[str] = mapped_column(CHAR(64))
    recorded_by: Mapped[str]  # `str(Actor)`
    recorded_at: Mapped[datetime]

    changes: Mapped[list["OrderChange"]] = relationship(back_populates="order", order_by="OrderChange.position")
    steps: Mapped[list["OrderStep"]] = relationship(back_populates="order", order_by="OrderStep.id")


class OrderStep(Base):
    """A state an order came to: when, by whom, and why. Written once."""

    __tablename__ = "order_steps"
    __table_args__ = (
        CheckConstraint("btrim(by) <> ''", name="by_somebody"),
        Index("ix_order_steps_order_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    state: Mapped[OrderState] = mapped_column(one_of(OrderState, "state_known"))
    by: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]

    order: Mapped[Order] = relationship(back_populates="steps")


class OrderChange(Base):
    """One change of an order, in its order. `before` is what applying it replaced; None before that."""

    __tablename__ = "order_changes"
    __table_args__ = (
        UniqueConstraint("order_id", "position", name="uq_order_changes_order_id_position"),
        CheckConstraint("position >= 1", name="position_from_one"),
        CheckConstraint(
            "(kind IN ('renamed', 'branch_created')) = (new_name IS NOT NULL) AND btrim(new_name) <> ''",
            name="named_where_the_kind_names",
        ),
        CheckConstraint("(kind = 'recoded') = (new_atvk IS NOT NULL)", name="coded_where_the_kind_codes"),
        CheckConstraint("new_atvk ~ '^[0-9]{7}$'", name="new_atvk_seven_digits"),
        CheckConstraint("jsonb_typeof(before) = 'object'", name="before_object"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    kind: Mapped[ChangeKind] = mapped_column(one_of(ChangeKind, "kind_known"))
    new_name: Mapped[str | None]
    new_atvk: Mapped[str | None] = mapped_column(CHAR(7))
    before: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))

    order: Mapped[Order] = relationship(back_populates="changes")
    parties: Mapped[list["OrderParty"]] = relationship(
        back_populates="change", order_by="OrderParty.id", lazy="selectin"
    )


class OrderParty(Base):
    """An institution or a municipality in a change: once in it, on one side.

    `founded_as` is the name of a target that comes into being with the order.
    """

    __tablename__ = "order_parties"
    __table_args__ = (
        CheckConstraint(
            "(reg_no IS NOT NULL) <> (num_nonnulls(municipality_id, atvk) > 0)"
            " AND (institution_id IS NULL OR reg_no IS NOT NULL)",
            name="institution_or_municipality",
        ),
        CheckConstraint("reg_no ~ '^[0-9]{10}$'", name="reg_no_ten_digits"),
        CheckConstraint("atvk ~ '^[0-9]{7}$'", name="atvk_seven_digits"),
        CheckConstraint(
            "founded_as IS NULL OR side = 'target' AND btrim(founded_as) <> ''", name="only_targets_founded"
        ),
        UniqueConstraint("change_id", "reg_no", name="uq_order_parties_institution_once"),
        UniqueConstraint("change_id", "municipality_id", name="uq_order_parties_municipality_once"),
        UniqueConstraint("change_id", "atvk", name="uq_order_parties_atvk_once"),
        Index("ix_order_parties_institution_id", "institution_id"),
        Index("ix_order_parties_municipality_id", "municipality_id"),
        Index("ix_order_parties_reg_no", "reg_no"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    change_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("order_changes.id"))
    side: Mapped[Side] = mapped_column(one_of(Side, "side_known"))
    reg_no: Mapped[str | None] = mapped_column(CHAR(10))
    institution_id: Mapped[InstitutionId | None] = mapped_column(ForeignKey("institutions.id"))
    municipality_id: Mapped[MunicipalityId | None] = mapped_column(ForeignKey("municipalities.id"))
    atvk: Mapped[str | None] = mapped_column(CHAR(7))
    founded_as: Mapped[str | None]

    change: Mapped[OrderChange] = relationship(back_populates="parties")
