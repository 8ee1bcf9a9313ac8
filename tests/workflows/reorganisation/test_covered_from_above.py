"""Who holds as much over the successor, in its municipality or the state, loses nothing and applies for nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from iam.grants.models import Level
from iam.institutions.models import Institution, InstitutionMunicipality
from iam.orders.models import ChangeKind
from iam.orders.said import Change
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.invented import DAY, EVE, NAMES, A, B, C, Rights, change, order
from tests.workflows.reorganisation.office import JOINED, Office
from tests.workflows.reorganisation.test_told_ahead import mail_to
from workflows.application.models import PrefilledDraft
from workflows.reorganisation.facts import Facts, Membership
from workflows.reorganisation.fates import Fate
from workflows.reorganisation.plan import plan

NEW = "i-4113900009"
IN_ONE = (Membership(A, "m-1"), Membership(B, "m-2"))
Order = tuple[Change, ...]
TO_B: Order = (change(ChangeKind.JOINED, A, B),)
FOUNDED: Order = (change(ChangeKind.TRANSFORMED, A, f"{NEW}!"),)


def needed(orders: Order, rights: Rights, memberships: tuple[Membership, ...] = IN_ONE) -> bool:
    """Whether the person needs an application; every other change is the same either way."""
    facts = Facts(rights=tuple(rights.made), memberships=memberships, names=NAMES)
    made = plan([order(*orders)], facts)
    assert len(made.of(Fate.ENDS)) >= 1
    return bool(made.of(Fate.NEEDS_APPLICATION))


@pytest.mark.parametrize("over", ["m-2", "s", B])
@pytest.mark.parametrize(
    ("how", "covers"),
    [
        ({}, True),
        ({"level": Level.VIEW}, False),
        ({"section": "staff"}, False),
        ({"until": EVE}, False),
        ({"until": DAY}, True),
        ({"since": DAY}, True),
        ({"since": DAY + timedelta(days=1)}, False),
    ],
    ids=["as much", "less", "another section", "over by then", "held that day", "begins that day", "begins later"],
)
def test_what_is_held_above_the_successor_counts_as_what_is_held_there(
    over: str, how: dict[str, object], *, covers: bool
) -> None:
    rights = Rights()
    rights.give("anna", A)
    rights.give("anna", over, **how)  # type: ignore[arg-type]  # of several types
    assert needed(TO_B, rights) is not covers


@pytest.mark.parametrize(
    ("orders", "over", "memberships", "covers"),
    [
        (TO_B, "m-1", IN_ONE, False),  # over the place that ends alone
        (TO_B, "m-2", (), False),  # nobody knows where it lies
        (TO_B, "m-2", (Membership(B, "m-2", last=EVE),), False),
        (TO_B, "m-2", (Membership(B, "m-2", first=DAY),), True),
        (TO_B, "m-3", (Membership(B, "m-2", last=EVE), Membership(B, "m-3", first=DAY)), True),
        (FOUNDED, "m-1", IN_ONE, True),  # it lies where its predecessor lies
        (FOUNDED, "m-2", IN_ONE, False),
        (FOUNDED, "m-2", (Membership(A, "m-1"), Membership(NEW, "m-2", first=DAY)), True),
        ((*TO_B, change(ChangeKind.JOINED, "m-2", "m-3")), "m-3", IN_ONE, True),  # its municipality goes over
        ((*TO_B, change(ChangeKind.JOINED, "m-2", "m-3")), "m-2", IN_ONE, False),
        ((*FOUNDED, change(ChangeKind.JOINED, "m-1", "m-3")), "m-3", IN_ONE, True),
        ((*TO_B, change(ChangeKind.SPLIT, "m-2", "m-3 m-4")), "m-3", IN_ONE, False),
        ((change(ChangeKind.JOINED, "m-1", "m-2"),), "s", (), True),
        ((change(ChangeKind.SPLIT, A, f"{B} {C}"),), "m-2", IN_ONE, False),  # no automatic successor
        ((change(ChangeKind.CLOSED, A),), "s", IN_ONE, True),  # nobody goes on there
    ],
)
def test_it_counts_where_the_successor_lies_on_the_day(
    orders: Order, over: str, memberships: tuple[Membership, ...], *, covers: bool
) -> None:
    rights = Rights()
    rights.give("anna", "m-1" if orders[0].kind is ChangeKind.JOINED and orders[0].sources[0].municipality else A)
    rights.give("anna", over)
    assert needed(orders, rights, memberships) is not covers


@pytest.mark.parametrize("over", ["m", "s", None])
def test_they_are_told_once_that_nothing_needs_to_be_done(office: Office, over: str | None) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, "i-4113900001")
    with office.sessions() as session:
        lies = (
            select(InstitutionMunicipality.municipality_id)
            .join(Institution, Institution.id == InstitutionMunicipality.institution_id)
            .where(Institution.reg_no == "4213900003", InstitutionMunicipality.period.contains(DAY))
        )
        town = session.scalars(lies).one()
    if over is not None:
        office.give(anna, f"m-{town}" if over == "m" else "s")
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    said = mail_to(office, "anna@skola.example", "order_ahead")
    with office.sessions() as session:
        filled = session.scalar(select(func.count()).select_from(PrefilledDraft))
    assert filled == (1 if over is None else 0)
    assert ("nekas nav jādara" in said) is (over is not None)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.mails("rights_ended") == ([] if over else ["anna@skola.example"])
