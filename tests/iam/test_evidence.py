"""What a right rests on: each kind of evidence for what it can give, and once."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, REVIEWER
from builders.iam.rights import DAY, TODAY, given, sections_held
from iam.audit import Actor, ActorKind
from iam.errors import DocumentUsed, Refused
from iam.grants import service
from iam.grants.evidence import (
    JudgedDocument,
    PaperSeenByTwo,
    Restoration,
    SignedApplication,
    SignedPair,
)
from iam.grants.models import Account, EndCause, Evidence, EvidenceKind, GrantPeriod, Level
from iam.ids import ApplicationId, ScopeId

PAIR = SignedPair(ApplicationId(1), JudgedDocument("a" * 64, 1), JudgedDocument("b" * 64, 2))


def without_foreign_keys(session: Session) -> None:
    """Let evidence name applications and verifications that other parts of the service would have written."""
    session.execute(text("SET LOCAL session_replication_role = replica"))


def test_one_document_supports_one_decision(session: Session, account: Account, school: ScopeId) -> None:
    without_foreign_keys(session)
    given(session, account, school, "learners", because=PAIR)
    given(session, account, school, "staff", because=PAIR)
    kept = session.scalars(select(Evidence)).one()
    assert (kept.kind, kept.application_id) == (EvidenceKind.SIGNED_PAIR, 1)
    assert [(document.role, document.sha256[0]) for document in kept.documents] == [
        ("application", "a"),
        ("letter", "b"),
    ]
    again = SignedPair(ApplicationId(2), JudgedDocument("a" * 64, 3), JudgedDocument("c" * 64, 4))
    with pytest.raises(DocumentUsed):
        given(session, account, school, "reports", because=again)
    turned = SignedPair(ApplicationId(2), JudgedDocument("b" * 64, 3), JudgedDocument("c" * 64, 4))
    with pytest.raises(DocumentUsed):
        given(session, account, school, "reports", because=turned)
    # Of two decisions in the same moment neither sees the other's; the database does.
    with pytest.raises(IntegrityError, match="one_document_one_decision"):
        session.execute(
            text(
                "INSERT INTO evidence_documents (evidence_id, role, sha256)"
                " SELECT evidence_id + 1, role, sha256 FROM evidence_documents"
            )
        )


def test_one_container_may_be_both_documents(session: Session, account: Account, school: ScopeId) -> None:
    without_foreign_keys(session)
    both = JudgedDocument("d" * 64, 5)
    given(session, account, school, because=SignedPair(ApplicationId(3), both, both))
    assert sections_held(session, account, TODAY) == ["learners"]


def test_a_revocation_rests_on_the_application_alone_which_can_give_nothing(
    session: Session, account: Account, school: ScopeId
) -> None:
    without_foreign_keys(session)
    grant = given(session, account, school)
    revocation = SignedApplication(ApplicationId(4), JudgedDocument("e" * 64, 6))
    service.end(
        session, grant, last_day=TODAY, cause=EndCause.APPLICATION, origin=BY_REVIEWER, at=AT + DAY, because=revocation
    )
    period = session.scalars(select(GrantPeriod).where(GrantPeriod.end_cause.is_not(None))).one()
    kept = session.get_one(Evidence, period.end_evidence_id)
    assert kept.kind == EvidenceKind.SIGNED_APPLICATION
    with pytest.raises(IntegrityError, match="evidence_can_give"):
        session.execute(
            text(
                "INSERT INTO grants"
                " (account_id, scope_id, section_id, level, evidence_id, evidence_kind, given_by, given_at)"
                " SELECT account_id, scope_id, section_id, level, :evidence, 'signed_application', given_by, given_at"
                " FROM grants"
            ),
            {"evidence": kept.id},
        )


def test_paper_is_seen_by_two(session: Session, account: Account, school: ScopeId) -> None:
    without_foreign_keys(session)
    second = Actor(ActorKind.STAFF, "otrs.parbauditajs")
    given(session, account, school, because=PaperSeenByTwo(ApplicationId(5), REVIEWER, second, TODAY))
    kept = session.scalars(select(Evidence)).one()
    assert (kept.seen_by, kept.confirmed_by, kept.seen_on) == (str(REVIEWER), str(second), TODAY)
    with pytest.raises(ValueError, match="two different people"):
        PaperSeenByTwo(ApplicationId(5), REVIEWER, REVIEWER, TODAY)


def test_only_what_the_reform_took_is_given_back_and_only_where_it_was(
    session: Session, account: Account, school: ScopeId
) -> None:
    taken = given(session, account, school, "learners")
    ended = given(session, account, school, "staff")
    for grant, cause in ((taken, EndCause.REFORM), (ended, EndCause.APPLICATION)):
        service.end(session, grant, last_day=TODAY, cause=cause, origin=BY_REVIEWER, at=AT + DAY)
    periods = {grant.section: grant.period_id for grant in service.history(session, account.id)}
    since, at = TODAY + DAY, AT + 2 * DAY
    with pytest.raises(Refused, match="only what the reform took"):
        given(session, account, school, "staff", because=Restoration(periods["staff"]), since=since, at=at)
    with pytest.raises(Refused, match="where it held it"):
        given(session, account, school, "reports", because=Restoration(periods["learners"]), since=since, at=at)
    back = Restoration(periods["learners"])
    with pytest.raises(Refused, match="the level that was held"):
        given(session, account, school, "learners", level=Level.VIEW, because=back, since=since, at=at)
    given_back = given(session, account, school, "learners", because=back, since=since, at=at)
    assert sections_held(session, account, TODAY + DAY) == ["learners"]
    service.end(session, given_back, last_day=since, cause=EndCause.HEAD, origin=BY_REVIEWER, at=at)
    with pytest.raises(Refused, match="once"):
        given(session, account, school, "learners", because=back, since=since + DAY, at=at + DAY)
