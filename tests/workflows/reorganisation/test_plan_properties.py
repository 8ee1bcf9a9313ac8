"""Whatever is ordered and whoever holds what: nobody gains a right, and each that ends has its reason and its order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from iam.grants.models import EndCause, Level
from iam.ids import GrantId
from iam.orders.models import ChangeKind
from iam.orders.rules import Life, Register, problems
from iam.orders.said import Change, OrderSaid
from tests.workflows.reorganisation.invented import DAY, NAMES, party
from workflows.reorganisation.facts import Facts, Membership, OpenApplication, Right, Signing
from workflows.reorganisation.plan import Fate, Plan, Planned, plan

PLACES = [f"i-411390000{number}" for number in range(1, 7)] + [f"m-{number}" for number in range(1, 6)]
FOUNDED = ["i-4113900008", "i-4113900009", "atvk-0099000"]
REGISTER = Register({place: Life() for place in PLACES})
FAR = [DAY + timedelta(days=number) for number in range(-40, 60)]
_DAYS = st.integers(-30, 30).map(lambda number: DAY + timedelta(days=number))

_places = st.sampled_from(PLACES)
_kinds = st.sampled_from(sorted(ChangeKind))


@st.composite
def _changes(draw: st.DrawFn) -> Change:
    kind = ChangeKind(draw(_kinds))
    sources = draw(st.lists(_places, min_size=1, max_size=3, unique=True))
    targets = draw(st.lists(st.sampled_from([*PLACES, *FOUNDED]), max_size=2, unique=True))
    return Change(
        kind=kind,
        sources=tuple(map(party, sources)),
        targets=tuple(party(key, "Jaunā" if key in FOUNDED else None) for key in targets),
        new_name="Jauns nosaukums" if kind in {ChangeKind.RENAMED, ChangeKind.BRANCH_CREATED} else None,
        new_atvk="0099100" if kind is ChangeKind.RECODED else None,
    )


@st.composite
def _orders(draw: st.DrawFn) -> list[OrderSaid]:
    """Draw orders that nothing is wrong with, one after the other."""
    kept: list[OrderSaid] = []
    for number, change in enumerate(draw(st.lists(_changes(), min_size=1, max_size=8))):
        wished = OrderSaid(reference=str(number), legal_basis="Domes lēmums", effective=draw(_DAYS), changes=(change,))
        if not problems([*kept, wished], REGISTER):
            kept.append(wished)
    return kept


@st.composite
def _rights(draw: st.DrawFn) -> list[Right]:
    rights = []
    for number in range(draw(st.integers(0, 12))):
        since = draw(_DAYS)
        until = draw(st.none() | st.integers(0, 40).map(lambda length: since + timedelta(days=length)))  # noqa: B023 - drawn at once
        rights.append(
            Right(
                GrantId(number + 1),
                draw(st.sampled_from(["anna", "zane", "valdis"])),
                draw(st.sampled_from([*PLACES, *FOUNDED[:2], "s"])),
                draw(st.sampled_from(["learners", "staff"])),
                draw(st.sampled_from(list(Level))),
                since,
                until,
                None if until is None else draw(st.sampled_from([None, EndCause.REFORM, EndCause.IZM])),
            )
        )
    return rights


@st.composite
def _facts(draw: st.DrawFn) -> Facts:
    inside = [
        Membership(place, draw(st.sampled_from(PLACES[6:])))
        for place in draw(st.lists(st.sampled_from(PLACES[:6]), unique=True))
    ]
    signing = [
        Signing(number, place, "Ilze Kalna", None, None)
        for number, place in enumerate(draw(st.lists(_places, max_size=3)))
    ]
    applications = [
        OpenApplication(f"application {number}", frozenset(places), submitted=draw(st.booleans()))
        for number, places in enumerate(draw(st.lists(st.lists(_places, min_size=1, max_size=2), max_size=3)))
    ]
    return Facts(tuple(draw(_rights())), tuple(signing), tuple(applications), tuple(inside), NAMES)


def _after(rights: Sequence[Right], made: Plan) -> dict[date, Counter[tuple[str, str, str, Level]]]:
    """Who holds what on which day once the plan is carried out, by what the plan says alone."""
    left = _carried_out(rights, made)
    return {
        day: Counter((one.account, one.scope, one.section, one.level) for one in left if one.holds_on(day))
        for day in FAR
    }


@given(orders=_orders(), facts=_facts())
@settings(deadline=None)
def test_nobody_gains_a_right_and_each_end_has_a_reason_an_order_and_a_place_that_ends(
    orders: list[OrderSaid], facts: Facts
) -> None:
    made = plan(orders, facts)
    before = _after(facts.rights, Plan(()))
    for day, held in _after(facts.rights, made).items():
        assert held <= before[day]
    by_reference = {order.reference: order for order in orders}
    rights = {right.grant: right for right in facts.rights}
    for end in made.of(Fate.ENDS):
        order = by_reference[end.order]
        assert end.reason
        assert end.last_day == order.effective - timedelta(days=1)
        assert any(end.scope == source.key for change in order.changes for source in change.sources)
        right = rights[end.grant] if end.grant else None
        assert right is not None
        assert right.until is None or right.until > end.last_day
    assert all(one.order in by_reference and one.reason for one in made.changes)
    ended = Counter(end.grant for end in made.of(Fate.ENDS))
    assert not [grant for grant, times in ended.items() if times > 1]


@given(orders=_orders(), facts=_facts(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_in_which_things_are_said_changes_nothing(
    orders: list[OrderSaid], facts: Facts, random: Random
) -> None:
    shuffled = Facts(
        rights=tuple(random.sample(facts.rights, len(facts.rights))),
        signing=tuple(random.sample(facts.signing, len(facts.signing))),
        applications=tuple(random.sample(facts.applications, len(facts.applications))),
        memberships=tuple(random.sample(facts.memberships, len(facts.memberships))),
        names=facts.names,
    )
    assert plan(random.sample(orders, len(orders)), shuffled) == plan(orders, facts)


@given(orders=_orders(), facts=_facts())
@settings(deadline=None)
def test_orders_about_other_places_commute(orders: list[OrderSaid], facts: Facts) -> None:
    """What two orders that share no place do together is what each does alone, in whatever order it is carried out."""
    if len(orders) < 2:
        return
    one, other = orders[:1], orders[1:2]
    if _reach(one[0], facts) & _reach(other[0], facts):
        return
    together = Counter(_told(plan(orders[:2], facts)))
    assert together == Counter(_told(plan(one, facts))) + Counter(_told(plan(other, facts)))
    for first, second in ((one, other), (other, one)):
        rights = _carried_out(facts.rights, plan(first, facts))
        assert _told(plan(second, replace(facts, rights=rights))) == _told(plan(second, facts))


def _reach(order: OrderSaid, facts: Facts) -> set[str]:
    places = {one.key for change in order.changes for one in change.parties}
    return places | {one.institution for one in facts.memberships if one.municipality in places}


def _told(made: Plan) -> list[tuple[object, ...]]:
    """List what is not about gaps: whether somebody is left with nothing depends on everything they hold."""
    return [
        (one.fate, one.order, one.why, one.account, one.scope, one.section, one.grant, one.reference)
        for one in made.changes
        if one.fate is not Fate.GAP
    ]


def _carried_out(rights: Sequence[Right], made: Plan) -> tuple[Right, ...]:
    ends = {one.grant: one for one in made.of(Fate.ENDS)}
    return tuple(_ended(right, ends[right.grant]) if right.grant in ends else right for right in rights)


def _ended(right: Right, end: Planned) -> Right:
    begun = right.since is not None and end.last_day is not None and right.since <= end.last_day
    return replace(right, since=right.since if begun else None, until=end.last_day, end_cause=end.cause)
