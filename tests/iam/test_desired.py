"""What Keycloak should show is computed, not asked."""

import hashlib
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from builders.iam.register import AT
from iam.grants.models import Account, AccountStatus, EvidenceKind, Level
from iam.grants.rules import HeldGrant, held_on, next_change
from iam.ids import AccountId, GrantId, ScopeId
from iam.keycloak.desired import ASK_THE_API, MOST_IN_TOKEN, desired
from iam.people.models import Person

TODAY = date(2026, 9, 1)
DAY = timedelta(days=1)


def held(
    section: str = "learners", *, since: date | None = TODAY, until: date | None = None, scope: str = "i-4113900001"
) -> HeldGrant:
    return HeldGrant(
        id=GrantId(1),
        period_id=1,
        account_id=AccountId(1),
        scope_id=ScopeId(1),
        scope=scope,
        section=section,
        level=Level.EDIT,
        since=since,
        until=until,
        evidence=EvidenceKind.SIGNED_PAIR,
        end_cause=None,
        known_since=AT,
    )


def account(status: AccountStatus = AccountStatus.ACTIVE) -> Account:
    return Account(
        username="anna.berzina",
        email="Anna@Alda.example",
        status=status,
        person=Person(given_name="Anna", surname="Bērziņa"),
    )


def digest(*values: str) -> str:
    return hashlib.sha256("\n".join(sorted(values)).encode()).hexdigest()


def test_rights_of_the_day_stand_in_one_attribute_with_their_digest() -> None:
    rights = [
        held("learners"),
        held("staff", scope="m-7"),
        held("reports", scope="s", since=TODAY + DAY),
        held("users", since=TODAY - 9 * DAY, until=TODAY - DAY),
        held("funding", since=None),
    ]
    wanted = desired(account(), rights, TODAY)
    assert wanted.grants == {"i-4113900001:learners:edit", "m-7:staff:edit"}
    assert wanted.digest == digest(*wanted.grants)
    assert (wanted.email, wanted.enabled) == ("anna@alda.example", True)
    assert desired(account(), rights, TODAY + DAY).grants == wanted.grants | {"s:reports:edit"}


def test_a_shut_account_shows_no_right() -> None:
    for status in (AccountStatus.ENDED, AccountStatus.DISABLED):
        wanted = desired(account(status), [held()], TODAY)
        assert (wanted.enabled, wanted.grants, wanted.digest) == (False, frozenset(), digest())


def test_above_forty_rights_the_token_says_ask_the_api_and_the_digest_still_says_all() -> None:
    forty = [held(scope=f"i-{number:010d}") for number in range(MOST_IN_TOKEN)]
    assert len(desired(account(), forty, TODAY).grants) == MOST_IN_TOKEN
    more = desired(account(), [*forty, held("staff")], TODAY)
    assert more.grants == {ASK_THE_API}
    assert len(more.rights) == MOST_IN_TOKEN + 1
    assert more.digest == digest(*more.rights)


days = st.dates(date(2026, 1, 1), date(2026, 3, 1))
periods = st.tuples(days, st.none() | days).filter(lambda pair: pair[1] is None or pair[0] <= pair[1])


@given(st.lists(periods, max_size=6), days)
def test_between_two_changes_nothing_changes(rights: list[tuple[date, date | None]], today: date) -> None:
    grants = [held(since=since, until=until, scope=f"m-{index}") for index, (since, until) in enumerate(rights)]
    change = next_change(grants, after=today)
    until = change - DAY if change is not None else today + 90 * DAY
    day = today
    while day <= until:
        assert held_on(grants, day) == held_on(grants, today)
        day += DAY
    if change is not None:
        assert held_on(grants, change) != held_on(grants, change - DAY)
