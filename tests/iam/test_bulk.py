"""Many rows in one statement are the rows that one at a time would be."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from builders.iam.register import AT
from builders.iam.rights import given
from iam.bulk import any_of, insert_all, next_ids
from iam.grants.models import Account, EndCause, GrantPeriod
from iam.ids import ScopeId
from iam.institutions.models import Municipality

LATE = datetime(2026, 10, 1, 8, 0, 0, 1, tzinfo=UTC)


def test_ranges_come_back_as_they_went_half_open_or_empty_of_days_and_of_moments(
    session: Session, account: Account, school: ScopeId
) -> None:
    grant = given(session, account, school, until=date(2026, 9, 30))
    empty: Range[date] = Range(empty=True)
    ranges = [
        (Range(date(2026, 11, 1), None, bounds="[)"), Range(AT, LATE, bounds="[)")),
        (empty, Range(LATE, None, bounds="[)")),
    ]
    rows = [
        {
            "id": id_,
            "grant_id": grant.id,
            "account_id": account.id,
            "scope_id": school,
            "section_id": grant.section_id,
            "valid": valid,
            "recorded": recorded,
            "recorded_by": "staff:inese.kalna",
            "end_cause": EndCause.ERROR if valid.isempty else None,
            "end_evidence_id": None,
        }
        for id_, (valid, recorded) in zip(next_ids(session, GrantPeriod, 2), ranges, strict=True)
    ]
    insert_all(session, GrantPeriod, rows[:1])
    open_one = select(GrantPeriod).where(GrantPeriod.grant_id == grant.id, GrantPeriod.id != rows[0]["id"])
    session.scalars(open_one).one().recorded = Range(AT, LATE, bounds="[)")
    session.flush()
    insert_all(session, GrantPeriod, rows[1:])
    kept = session.scalars(
        select(GrantPeriod).where(GrantPeriod.id == any_of([row["id"] for row in rows])).order_by(GrantPeriod.id)
    ).all()
    assert [(one.valid, one.recorded) for one in kept] == ranges
    assert [one.end_cause for one in kept] == [None, EndCause.ERROR]


def test_another_kind_of_range_is_refused_and_so_is_nothing(session: Session) -> None:
    with pytest.raises(ValueError, match="period is not half-open"):
        insert_all(session, Municipality, [{"period": Range(date(2026, 1, 1), date(2026, 2, 1), bounds="[]")}])
    with pytest.raises(ValueError, match="nothing to insert"):
        insert_all(session, Municipality, [])


def test_ids_taken_beforehand_are_given_once(session: Session) -> None:
    first, second = next_ids(session, GrantPeriod, 3), next_ids(session, GrantPeriod, 2)
    assert len({*first, *second}) == 5
    assert next_ids(session, GrantPeriod, 0) == []
