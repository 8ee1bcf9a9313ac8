"""Many rights end as one act: each person gets one mail, each account one projection, each right its entry."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from builders.iam.register import AT, REVIEWER, person
from builders.iam.rights import TODAY, given, opened
from iam.audit import AuditEntry, Door, Origin
from iam.errors import NothingToEnd, Unknown
from iam.grants import service as grants
from iam.grants.evidence import TakenOver, fingerprint
from iam.grants.models import Account, EndCause, Evidence, Grant, Level
from iam.ids import EvidenceId, GrantId, ScopeId
from workflows.mail import Mail
from workflows.rights import askers, ending
from workflows.rights.askers import Asker
from workflows.rights.ending import RightEnding

ORIGIN = Origin(REVIEWER, Door.REVIEW)
LATER = AT + timedelta(hours=1)
SECTIONS = ("learners", "staff")


def end(session: Session, *endings: RightEnding) -> list[int]:
    return list(
        ending.end(
            session,
            endings,
            cause=EndCause.REORGANISATION,
            reason="rīkojums Nr. 7",
            origin=ORIGIN,
            base_url="https://viis.test",
            at=LATER,
        )
    )


def holder(session: Session, name: str, email: str, *, language: str = "lv") -> Account:
    return grants.open_account(
        session,
        person=person(session, name),
        email=email,
        phone="",
        language=language,
        because=None,
        origin=ORIGIN,
        at=AT,
    )


def mails(session: Session, template: str = "rights_ended") -> list[Mail]:
    return list(session.scalars(select(Mail).where(Mail.template == template).order_by(Mail.id)))


@contextmanager
def statements(session: Session, beginning: str) -> Iterator[list[str]]:
    """Collect the statements that begin so and are sent in the block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(beginning):
            sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_500_rights_of_300_people_end_as_one_act(session: Session, school: ScopeId) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    people = [
        holder(session, f"Anna B{letters[number // 26]}{letters[number % 26]}", f"anna{number}@alda.example")
        for number in range(300)
    ]
    rights = [given(session, one, school, "learners") for one in people]
    rights += [given(session, one, school, "staff") for one in people[:200]]
    with statements(session, "INSERT INTO audit_entries") as batches:
        end(session, *(RightEnding(right.id) for right in rights))
    assert len(batches) == 1, "one batch of entries"
    assert Counter(mail.to_address for mail in mails(session)) == Counter({one.email: 1 for one in people})
    entries = session.scalars(select(AuditEntry).where(AuditEntry.tag == "grant:ended")).all()
    assert {entry.subject for entry in entries} == {f"grant:{right.id}" for right in rights}
    assert len(entries) == 500
    assert {(entry.at, entry.actor_id, entry.details["reason"]) for entry in entries} == {
        (LATER, REVIEWER.id, "rīkojums Nr. 7")
    }
    queued = session.execute(
        text(
            "SELECT account, count(*) FROM procrastinate_jobs, jsonb_array_elements(args->'account_ids') AS account"
            " WHERE task_name = 'rights.project_all' GROUP BY 1"
        )
    ).all()
    assert len(queued) == 300
    assert {count for _, count in queued} == {1}
    assert all(grants.current_grants(session, one.id, on=TODAY) == [] for one in people)


def test_the_mail_says_what_ends_where_and_when_and_what_remains(session: Session, school: ScopeId) -> None:
    anna = holder(session, "Anna Liepa", "anna@alda.example", language="en")
    first = given(session, anna, school, "learners")
    second = given(session, anna, school, "staff", level=Level.VIEW)
    third = given(session, anna, school, "reports", since=TODAY + timedelta(days=30))
    given(session, anna, school, "funding", until=TODAY + timedelta(days=90))
    end(session, RightEnding(first.id, TODAY + timedelta(days=6)), RightEnding(second.id), RightEnding(third.id))
    (mail,) = mails(session)
    said = str(mail.text_body)
    ended, _, remains = said.partition("You keep:")
    assert "(edit), Aldas vidusskola: last day 07.09.2026" in ended
    assert "(view), Aldas vidusskola: ended now, on 01.09.2026" in ended
    assert "Aldas vidusskola: will not begin" in ended
    assert "Aldas vidusskola: until 30.11.2026" in remains
    assert remains.count("Aldas vidusskola") == 1
    for line in ("last day 07.09.2026", "will not begin", "until 30.11.2026"):
        assert line in str(mail.html_body)


def test_who_keeps_nothing_is_told_so(session: Session, school: ScopeId) -> None:
    anna = opened(session)
    end(session, RightEnding(given(session, anna, school).id))
    (mail,) = mails(session)
    assert "Citu VIIS lietošanas tiesību jums vairs nav." in str(mail.text_body)


def test_whoever_asked_gets_one_mail_for_all_they_had_asked_for(
    session: Session, school: ScopeId, lookups: list[askers.Lookup]
) -> None:
    anna, janis = (
        holder(session, "Anna Liepa", "anna@alda.example"),
        holder(session, "Jānis Ozols", "janis@alda.example"),
    )
    rights = [
        given(session, one, school, section, because=TakenOver(f"line {one.id}", "0" * 64))
        for one in (anna, janis)
        for section in SECTIONS
    ]
    known = {
        rights[0].evidence_id: Asker("Head@alda.example", "lv", "AAAA-1111-2222", "A. L."),
        rights[2].evidence_id: Asker("head@alda.example", "lv", "BBBB-1111-2222", "B. Z."),
    }

    @askers.register_applicant_lookup
    def asked(_: Session, evidence: Collection[EvidenceId]) -> Mapping[EvidenceId, Asker]:
        return {one: known[one] for one in evidence if one in known}

    assert lookups == [asked]
    end(session, *(RightEnding(right.id) for right in rights))
    (mail,) = mails(session, "rights_ended_asker")
    said = str(mail.text_body)
    assert "AAAA-1111-2222" in said
    assert "BBBB-1111-2222" in said
    assert said.count("Aldas vidusskola") == 4
    for private in ("Anna", "Jānis", "anna", "janis"):
        assert private not in said


def test_one_right_that_cannot_end_leaves_all_as_they_are(session: Session, school: ScopeId) -> None:
    anna = opened(session)
    right, over = given(session, anna, school), given(session, anna, school, "staff", until=TODAY)
    with pytest.raises(NothingToEnd), session.begin_nested():
        end(session, RightEnding(right.id), RightEnding(over.id, TODAY + timedelta(days=1)))
    with pytest.raises(Unknown), session.begin_nested():
        end(session, RightEnding(right.id), RightEnding(GrantId(0)))
    assert [one.section for one in grants.current_grants(session, anna.id, on=TODAY)] == ["learners", "staff"]
    assert mails(session) == []


def test_the_audit_names_what_a_right_ends_on(session: Session, school: ScopeId) -> None:
    right = given(session, opened(session), school)
    why, given_on = TakenOver("line 9 of a list", "9" * 64), session.get_one(Evidence, right.evidence_id).fingerprint
    ends: dict[str, Any] = {"cause": EndCause.REORGANISATION, "reason": "", "origin": ORIGIN}
    ending.end(session, [RightEnding(right.id)], **ends, because=why, base_url="https://viis.test", at=LATER)
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.tag == "grant:ended"))
    assert entry.evidence == fingerprint(why) != given_on
    assert entry.details["documented"] is True


def test_a_right_is_named_once(session: Session, school: ScopeId) -> None:
    right: Grant = given(session, opened(session), school)
    with pytest.raises(ValueError, match="ends once"):
        end(session, RightEnding(right.id), RightEnding(right.id, TODAY))
