"""The audit is written once, names nobody by code, and each entry carries a digest that can be checked."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from builders.iam.codes import invented_code
from iam import audit
from iam.audit import Act, Actor, ActorKind, AuditEntry, AuditTag, Door, Origin
from iam.people.rules import mask

AT = datetime(2026, 9, 1, 8, 0, 0, 123456, tzinfo=UTC)
JOB = Actor(ActorKind.SYSTEM, "worker")


class StoryTag(AuditTag):
    """Words of this story."""

    BEGUN = "story:begun"
    ENDED = "story:ended"


def begun(session: Session, subject: str = "application:1", **details: object) -> AuditEntry:
    return audit.record(
        session,
        StoryTag.BEGUN,
        origin=Origin(JOB, Door.JOB),
        subject=subject,
        at=AT,
        evidence="a" * 64,
        details=details,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET at = now()",
        "UPDATE audit_entries SET details = '{}'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "TRUNCATE audit_entries CASCADE",
    ],
)
def test_an_entry_is_written_once(session: Session, statement: str) -> None:
    begun(session)
    with pytest.raises(IntegrityError, match="audit_entries is written once"):
        session.execute(text(statement))


def test_a_personal_code_never_reaches_the_log(session: Session) -> None:
    code = invented_code("somebody")
    deep = {code.digits: {"deep": (code.written,)}}
    entry = begun(session, said=[f"codes {code.written} and {code.digits}."], inside=deep)
    session.expire(entry)
    kept = str(entry.details)
    assert code.written not in kept
    assert code.digits not in kept
    assert kept.count(mask(code)) == 4
    # Numbers of institutions and digests are no codes.
    entry = begun(session, reg_no="4113900001", digest="12345678901a" * 5)
    assert entry.details == {"reg_no": "4113900001", "digest": "12345678901a" * 5}


def test_the_digest_is_that_of_the_canonical_bytes_also_after_reading_back(session: Session) -> None:
    entry = begun(session, number=1e300, text="āčē\x00", none=None, nested={"b": 1, "a": [True]})
    session.commit()
    session.expire_all()
    assert hashlib.sha256(audit.canonical(entry)).hexdigest() == entry.digest
    assert audit.canonical(entry).startswith(b'{"actor":["system","worker"],"at":"2026-09-01T08:00:00.123456+00:00"')
    assert begun(session).digest != begun(session).digest, "each entry is its own, even if it says the same"


def test_a_batch_is_digested_masked_and_ordered_as_one_entry_is(session: Session) -> None:
    code = invented_code("somebody")
    acts = [
        Act(tag=StoryTag.BEGUN, subject=f"application:{number}", evidence="a" * 64, details={"said": code.written})
        for number in range(3)
    ]
    audit.record_all(session, acts, origin=Origin(JOB, Door.JOB), at=AT)
    audit.record_all(session, [], origin=Origin(JOB, Door.JOB), at=AT)
    session.commit()
    entries = audit.newest(session)[::-1]
    assert [entry.subject for entry in entries] == ["application:0", "application:1", "application:2"]
    for entry in entries:
        assert hashlib.sha256(audit.canonical(entry)).hexdigest() == entry.digest
        assert code.written not in str(entry.details)
    assert len({entry.digest for entry in entries}) == len({entry.uid for entry in entries}) == 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc1-", max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_masking_keeps_the_shape_and_masking_again_changes_nothing(value: object) -> None:
    once = audit.masked(value)
    assert audit.masked(once) == once


def test_the_moment_is_kept_in_utc_whatever_zone_it_was_said_in(session: Session) -> None:
    riga = timezone(timedelta(hours=3))
    entry = audit.record(
        session, StoryTag.ENDED, origin=Origin(JOB, Door.CLI), subject="person:1", at=AT.astimezone(riga)
    )
    session.expire(entry)
    assert entry.at == AT
    assert entry.at.tzinfo == UTC


def test_the_log_is_read_newest_first_and_filtered(session: Session) -> None:
    first, second, third = begun(session, "application:1"), begun(session, "application:2"), begun(session, "person:3")
    assert audit.newest(session) == [third, second, first]
    assert audit.newest(session, limit=1) == [third]
    assert audit.newest(session, before_id=second.id) == [first]
    assert audit.newest(session, subject="application:2") == [second]
    assert audit.newest(session, tag=StoryTag.ENDED) == []
    assert audit.newest(session, actor=JOB, since=AT, until=AT + timedelta(seconds=1)) == [third, second, first]
    assert audit.newest(session, until=AT) == []
    assert audit.newest(session, actor=Actor(ActorKind.STAFF, "worker")) == []


def test_a_word_belongs_to_one_process_and_is_shaped_like_one() -> None:
    assert audit.known_tags()["story:begun"] is StoryTag
    with pytest.raises(ValueError, match="already belongs to StoryTag"):

        class Thief(AuditTag):
            BEGUN = "story:begun"

    with pytest.raises(ValueError, match="looks like noun:done"):

        class Shapeless(AuditTag):
            BEGUN = "Begun"

    with pytest.raises(ValueError, match="without an id"):
        Actor(ActorKind.STAFF, " ")


@pytest.mark.parametrize("written", ["320000\u201312345", "320000 12345", "320000 - 12345", "PNOLV-320000-12345"])
def test_a_code_is_masked_however_people_write_it(written: str) -> None:
    assert "2345" in str(audit.masked(written))
    assert "320000" not in str(audit.masked(written))
