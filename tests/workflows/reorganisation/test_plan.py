"""What orders do to rights, kind by kind: who loses what on which day, and what is left to do."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from iam.grants.models import EndCause, Level
from iam.orders.models import ChangeKind
from iam.orders.said import OrderSaid
from tests.workflows.reorganisation.invented import (
    DAY,
    EVE,
    NAMES,
    A,
    B,
    C,
    Rights,
    change,
    order,
    said,
)
from workflows.i18n import translator
from workflows.reorganisation.facts import Facts, Membership, OpenApplication, Signing
from workflows.reorganisation.outlooks import outlooks
from workflows.reorganisation.plan import Fate, Plan, plan

NEW = "i-4113900009"


def planned(*orders: OrderSaid, rights: Rights, **facts: object) -> Plan:
    made = plan(orders, Facts(rights=tuple(rights.made), names=NAMES, **facts))  # type: ignore[arg-type] # named by the test
    for one in made.changes:
        assert one.order
        for language in ("lv", "en"):
            sentence = one.reason.in_words(translator(language))
            assert sentence
            assert "%(" not in sentence
    return made


@pytest.fixture
def rights() -> Rights:
    return Rights()


def test_joined_ends_rights_and_asks_for_an_application_at_the_other(rights: Rights) -> None:
    rights.give("anna", A)
    rights.give("zane", B)
    made = planned(order(change(ChangeKind.JOINED, A, B)), rights=rights)
    assert said(made) == [
        ("ends", "anna", A),
        ("stays", "zane", B),
        ("needs_application", "anna", B),
        ("gap", "anna", A),
    ]
    (end,) = made.of(Fate.ENDS)
    assert (end.last_day, end.cause, end.section, end.level) == (
        EVE,
        EndCause.REORGANISATION,
        "learners",
        Level.EDIT,
    )


def test_a_new_number_ends_rights_and_nobody_is_left_in_the_new_place(rights: Rights) -> None:
    rights.give("anna", A)
    made = planned(order(change(ChangeKind.TRANSFORMED, A, f"{NEW}!")), rights=rights)
    assert said(made) == [
        ("ends", "anna", A),
        ("needs_application", "anna", NEW),
        ("gap", "anna", A),
        ("gap", None, NEW),
    ]


def test_a_right_approved_beforehand_at_the_new_place_leaves_no_gap(rights: Rights) -> None:
    rights.give("anna", A)
    rights.give("anna", NEW, since=DAY)
    made = planned(order(change(ChangeKind.TRANSFORMED, A, f"{NEW}!")), rights=rights)
    assert said(made) == [("ends", "anna", A), ("stays", "anna", NEW)]


def test_a_rename_and_a_branch_keep_everything(rights: Rights) -> None:
    rights.give("anna", A)
    renamed = order(change(ChangeKind.RENAMED, A, new_name="Aldas ģimnāzija"))
    branch = order(change(ChangeKind.BRANCH_CREATED, A, new_name="Filiāle"), reference="2")
    made = planned(renamed, branch, rights=rights)
    assert [(one.fate, one.order, one.why) for one in made.changes] == [
        (Fate.STAYS, "1", "renamed"),
        (Fate.STAYS, "2", "branch_created"),
    ]


@pytest.mark.parametrize("kind", [ChangeKind.SPLIT, ChangeKind.JOINED])
def test_of_several_successors_none_is_automatic(rights: Rights, kind: ChangeKind) -> None:
    rights.give("anna", A)
    made = planned(order(change(kind, A, f"{B} {C}")), rights=rights)
    (needed,) = made.of(Fate.NEEDS_APPLICATION)
    assert (needed.scope, needed.why) == (None, "no_automatic_successor")
    assert "Birzas pamatskola (numurs 4113900002); Cīruļu skola" in needed.reason.in_words(translator("lv"))
    assert {(one.account, one.scope) for one in made.of(Fate.GAP)} == {("anna", A), (None, B), (None, C)}


def test_a_part_that_is_split_off_takes_nobody_with_it(rights: Rights) -> None:
    rights.give("anna", A)
    made = planned(order(change(ChangeKind.PART_SPLIT_OFF, A, f"{NEW}!")), rights=rights)
    assert said(made) == [("stays", "anna", A), ("gap", None, NEW)]


def test_what_is_closed_leaves_nothing_to_apply_for(rights: Rights) -> None:
    rights.give("anna", A)
    rights.give("anna", B)
    made = planned(
        order(change(ChangeKind.CLOSED, A)),
        rights=rights,
        signing=(Signing(5, A, "Ilze Kalna", "ilze", None), Signing(6, A, "Jānis Ozols", None, EVE)),
        applications=(
            OpenApplication("1111-2222-3333", frozenset({A}), submitted=True),
            OpenApplication("4444-5555-6666", frozenset({B}), submitted=True),
        ),
    )
    assert said(made) == [("ends", "anna", A), ("to_withdraw", None, A), ("signatory_ends", "ilze", A)]
    assert made.changes[1].reference == "1111-2222-3333"
    assert (made.changes[2].last_day, made.changes[2].signatory) == (EVE, 5)


def test_only_a_draft_goes_on_elsewhere_and_only_to_one_successor(rights: Rights) -> None:
    drafts = (
        OpenApplication("draft", frozenset({A}), submitted=False),
        OpenApplication("signed", frozenset({A}), submitted=True),
        OpenApplication("two places", frozenset({A, C}), submitted=False),
    )
    made = planned(order(change(ChangeKind.JOINED, A, B)), rights=rights, applications=drafts)
    assert [(one.fate, one.reference, one.scope) for one in made.changes] == [
        (Fate.READDRESSED, "draft", B),
        (Fate.TO_WITHDRAW, "signed", A),
        (Fate.TO_WITHDRAW, "two places", A),
    ]
    split = planned(order(change(ChangeKind.SPLIT, A, f"{B} {C}")), rights=rights, applications=drafts[:1])
    assert [one.fate for one in split.changes] == [Fate.TO_WITHDRAW]


def test_somebody_with_rights_on_both_sides_needs_no_paper_for_what_they_hold(rights: Rights) -> None:
    rights.give("anna", A, "learners", level=Level.VIEW)
    rights.give("anna", B, "learners", level=Level.EDIT)
    joined = order(change(ChangeKind.JOINED, A, B))
    assert said(planned(joined, rights=rights)) == [("ends", "anna", A), ("stays", "anna", B)]
    rights.give("anna", A, "staff")
    assert ("needs_application", "anna", B) in said(planned(joined, rights=rights))


INSIDE = Membership(B, "m-2")
STATE = "s"


@pytest.mark.parametrize(
    ("scope", "level", "above", "needed"),
    [
        ("m-2", Level.EDIT, INSIDE, False),
        ("m-2", Level.VIEW, INSIDE, True),
        (STATE, Level.EDIT, INSIDE, False),
        ("m-1", Level.EDIT, INSIDE, True),
        ("m-2", Level.EDIT, replace(INSIDE, last=EVE), True),
        ("m-2", Level.EDIT, replace(INSIDE, first=DAY), False),
        ("m-2", Level.EDIT, replace(INSIDE, institution=C), True),
    ],
    ids=["around it", "to look only", "the state", "another", "until the eve", "from the day", "of another school"],
)
def test_a_right_that_reaches_the_successor_from_above_is_enough(
    rights: Rights, scope: str, level: Level, above: Membership, *, needed: bool
) -> None:
    rights.give("anna", A)
    rights.give("anna", scope, level=level)
    joined = order(change(ChangeKind.JOINED, A, B))
    made = planned(joined, rights=rights, memberships=(above,))
    assert bool(made.of(Fate.NEEDS_APPLICATION)) is needed
    facts = Facts(rights=tuple(rights.made), names=NAMES, memberships=(above,))
    assert [bool(one.needs) for one in outlooks([joined], facts).values()] == [needed]


def test_a_right_above_that_ends_the_same_day_is_not_enough(rights: Rights) -> None:
    rights.give("anna", A)
    rights.give("anna", "m-2")
    orders = [
        order(change(ChangeKind.JOINED, A, B)),
        order(change(ChangeKind.JOINED, "m-2", "m-3"), reference="2"),
    ]
    made = planned(*orders, rights=rights, memberships=(INSIDE,))
    assert [(one.account, one.scope) for one in made.of(Fate.NEEDS_APPLICATION)] == [("anna", B), ("anna", "m-3")]


def test_two_orders_of_one_day_lead_through_to_what_goes_on(rights: Rights) -> None:
    rights.give("anna", A)
    rights.give("zane", B)
    joined = order(change(ChangeKind.JOINED, A, B))
    transformed = order(change(ChangeKind.TRANSFORMED, B, f"{NEW}!"), reference="2")
    made = planned(joined, transformed, rights=rights)
    assert [(one.account, one.scope, one.order) for one in made.of(Fate.NEEDS_APPLICATION)] == [
        ("anna", NEW, "1"),
        ("zane", NEW, "2"),
    ]
    assert [(one.account, one.order) for one in made.of(Fate.ENDS)] == [("anna", "1"), ("zane", "2")]
    assert not made.of(Fate.STAYS)


def test_a_right_is_ended_by_the_earlier_of_two_days_and_stays_until_then(rights: Rights) -> None:
    rights.give("anna", A)
    renamed = order(change(ChangeKind.RENAMED, A, new_name="Aldas ģimnāzija"))
    later = order(change(ChangeKind.CLOSED, A), reference="2", effective=DAY + timedelta(days=30))
    made = planned(later, renamed, rights=rights)
    assert [(one.fate, one.order, one.last_day) for one in made.changes] == [
        (Fate.STAYS, "1", None),
        (Fate.ENDS, "2", EVE + timedelta(days=30)),
        (Fate.GAP, "2", EVE + timedelta(days=30)),
    ]


def test_what_is_over_by_then_is_not_touched_and_what_begins_later_never_begins(rights: Rights) -> None:
    rights.give("anna", A, "learners", until=EVE)
    rights.give("anna", A, "staff", since=DAY + timedelta(days=7))
    made = planned(order(change(ChangeKind.CLOSED, A)), rights=rights)
    (end,) = made.changes
    assert (end.section, end.why, end.last_day) == ("staff", "closed.never_begins", EVE)


def test_a_merged_novads_ends_its_rights_and_schools_inside_keep_theirs(rights: Rights) -> None:
    rights.give("anna", "m-1")
    rights.give("zane", A)
    rights.give("valdis", "s")
    inside = (Membership(A, "m-1", None, EVE), Membership(A, "m-9", DAY))
    made = planned(order(change(ChangeKind.MERGED, "m-1 m-2", "atvk-0099000!")), rights=rights, memberships=inside)
    assert said(made) == [
        ("ends", "anna", "m-1"),
        ("stays", "zane", A),
        ("needs_application", "anna", None),
        ("gap", None, None),
        ("gap", "anna", "m-1"),
    ]
    assert made.of(Fate.ENDS)[0].cause is EndCause.REFORM
    assert made.of(Fate.STAYS)[0].why == "inside"


def test_a_code_carries_no_right_and_what_a_reform_took_there_can_be_restored(rights: Rights) -> None:
    rights.give("anna", "m-3")
    taken = rights.give("anna", "m-3", "reports", until=date(2021, 8, 31), cause=EndCause.REFORM, restorable=True)
    rights.give("anna", "m-3", "staff", until=date(2021, 6, 1), cause=EndCause.REFORM)
    rights.give("anna", "m-3", "funding", until=date(2021, 8, 31), cause=EndCause.IZM)
    made = planned(
        order(change(ChangeKind.RECODED, "m-3", new_atvk="0099100"), effective=date(2021, 7, 1)), rights=rights
    )
    assert [(one.fate, one.account, one.section) for one in made.changes] == [
        (Fate.RECODED, None, None),
        (Fate.RECODED, "anna", "funding"),
        (Fate.RECODED, "anna", "learners"),
        (Fate.RECODED, "anna", "reports"),
        (Fate.RESTORABLE, "anna", "reports"),
    ]
    (restorable,) = made.of(Fate.RESTORABLE)
    assert (restorable.last_day, restorable.grant) == (date(2021, 8, 31), taken.grant)


def test_a_novads_joined_to_one_that_goes_on_says_what_it_widens(rights: Rights) -> None:
    rights.give("anna", "m-3")
    rights.give("zane", "m-1")
    together = order(change(ChangeKind.RECODED, "m-1", new_atvk="0038001"), change(ChangeKind.JOINED, "m-3", "m-1"))
    made = planned(together, rights=rights)
    assert said(made) == [
        ("ends", "anna", "m-3"),
        ("recoded", None, "m-1"),
        ("recoded", "zane", "m-1"),
        ("needs_application", "anna", "m-1"),
        ("gap", "anna", "m-3"),
    ]
    assert {one.why for one in made.of(Fate.RECODED)} == {"recoded", "joined_to_municipality"}


def test_each_new_code_of_a_municipality_has_its_line(rights: Rights) -> None:
    rights.give("anna", "m-1")
    days = (DAY, DAY + timedelta(days=40), DAY + timedelta(days=80))
    codes = ("0038001", "0038002", "0038003")
    recodings = [
        order(change(ChangeKind.RECODED, "m-1", new_atvk=code), reference=f"r/{number}", effective=day)
        for number, (day, code) in enumerate(zip(days, codes, strict=True))
    ]
    made = planned(*reversed(recodings), rights=rights)
    for account in (None, "anna"):
        lines = [one for one in made.of(Fate.RECODED) if one.account == account]
        assert [one.order for one in lines] == ["r/0", "r/1", "r/2"]
        assert all(code in one.reason.in_words(translator("lv")) for one, code in zip(lines, codes, strict=True))


@pytest.mark.parametrize(
    ("kind", "sources", "into", "ends", "stays"),
    [
        (
            ChangeKind.JOINED,
            A,
            f"{NEW}!",
            "is joined to Jaunā (number 4113900009), which is new",
            "It is new and comes",
        ),
        (ChangeKind.JOINED, A, NEW, "is joined to The institution 4113900009;", "is joined to it; it goes on"),
        (
            ChangeKind.MERGED,
            f"{A} {B}",
            f"{NEW}!",
            "into Jaunā (number 4113900009), which is new",
            "It is new and comes",
        ),
        (
            ChangeKind.MERGED,
            f"{A} {B}",
            NEW,
            "is merged into The institution 4113900009;",
            "is merged into it; it goes",
        ),
        (ChangeKind.TRANSFORMED, A, f"{NEW}!", "gets a new number", "It is new and comes"),
        (ChangeKind.TRANSFORMED, A, NEW, "gets a new number", "goes over into it, wholly or in part"),
        (ChangeKind.SPLIT, A, f"{NEW}! {C}", "is split", "It is new and comes"),
        (ChangeKind.SPLIT, A, f"{NEW} {C}", "is split", "takes over a part of Aldas vidusskola"),
        (ChangeKind.PART_SPLIT_OFF, A, f"{NEW}!", "", "It is new and comes"),
        (ChangeKind.PART_SPLIT_OFF, A, NEW, "", "takes over a part of Aldas vidusskola"),
        (
            ChangeKind.MERGED,
            "m-1 m-2",
            "m-3",
            "into Cīruļu novads;",
            "merged into it; it goes on, and its rights cover",
        ),
        (ChangeKind.JOINED, "m-1", "m-3", "to Cīruļu novads;", "joined to it; it goes on, and its rights cover"),
        (ChangeKind.MERGED, "m-1 m-2", "m-3!", "into Jaunā, which is new", "It is new and comes"),
    ],
)
def test_what_is_new_is_called_new_and_what_goes_on_is_not(
    rights: Rights, kind: ChangeKind, sources: str, into: str, ends: str, stays: str
) -> None:
    rights.give("anna", sources.split(maxsplit=1)[0])
    rights.give("zane", into.split(maxsplit=1)[0].removesuffix("!"), since=DAY)
    made = planned(order(change(kind, sources, into)), rights=rights)
    said_of = {one.account: one.reason.in_words(translator("en")) for one in made.changes if one.section}
    if ends:
        assert ends in said_of["anna"]
    assert stays in said_of["zane"]


def test_a_place_that_gives_a_part_away_and_is_joined_to_says_which_is_which(rights: Rights) -> None:
    rights.give("zane", B)
    both = order(change(ChangeKind.PART_SPLIT_OFF, B, C), change(ChangeKind.JOINED, A, B))
    (zane,) = planned(both, rights=rights).of(Fate.STAYS)
    assert zane.why == "joined_to"


@pytest.mark.parametrize(("mark", "told"), [("!", "on its first day"), ("", "any more from that day on")])
def test_a_place_without_people_is_said_to_begin_only_where_it_does(rights: Rights, mark: str, told: str) -> None:
    rights.give("anna", A)
    made = planned(order(change(ChangeKind.JOINED, A, f"{B}{mark}")), rights=rights)
    (left,) = (one for one in made.of(Fate.GAP) if one.account is None)
    assert told in left.reason.in_words(translator("en"))


def test_the_last_day_of_the_account_is_told_once(rights: Rights) -> None:
    rights.give("anna", A)
    rights.give("anna", B)
    first = order(change(ChangeKind.CLOSED, A))
    second = order(change(ChangeKind.CLOSED, B), reference="2", effective=DAY + timedelta(days=10))
    gaps = planned(first, second, rights=rights).of(Fate.GAP)
    assert [(one.account, one.order) for one in gaps] == [("anna", "2")]
