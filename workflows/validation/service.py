"""Judge a file that belongs to no application, show its sender the verdict, and delete both.

    (1) begin   the file is kept apart from evidence, with the digest of a secret; judging is queued in one transaction
    (2) judge   a job judges, ties the verdict to the row and deletes the bytes; without a verdict they go in an hour
    (3) forget  a day later the row goes, and the verdict with it unless it is evidence of something else

What another system asks (`workflows.web.api.validate`) goes the same way and is deleted once it is answered.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import IO

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from signing.judging.algorithms import TABLES, TS_119_312, AlgorithmTable
from workflows import policy
from workflows.evidence import documents, quotas
from workflows.evidence import service as evidence
from workflows.evidence.judging import open_judge
from workflows.evidence.lookups import fetcher
from workflows.evidence.models import Document, Held, Verification
from workflows.evidence.names import clean_name
from workflows.jobs import Retry, Run, defer, job
from workflows.validation.models import Check

__all__ = ["begin", "drop", "find", "forget"]

_JUDGE = "web.check"
_GIVE_UP = "web.check_given_up"


def begin(
    session: Session,
    content: IO[bytes],
    *,
    name: str,
    limit: int,
    at: datetime,
    priority: int = 0,
    algorithms: AlgorithmTable = TS_119_312,
) -> str:
    """Keep the file, queue its judging (1), and return the secret its result is found by.

    Higher `priority` goes first.
    """
    document = evidence.receive(session, content, declared_name=name, at=at, limit=limit, held=Held.LOOKED_AT)
    token = secrets.token_urlsafe(32)
    check = Check(token_digest=_digest(token), sha256=document.sha256, name=clean_name(name), received_at=at)
    session.add(check)
    session.flush()
    # Said only where it differs: a worker of the version before knows no such argument.
    if algorithms is TS_119_312:
        defer(session, _JUDGE, priority=priority, check_id=check.id)
    else:
        defer(session, _JUDGE, priority=priority, check_id=check.id, algorithms=algorithms.name)
    return token


def find(session: Session, token: str) -> tuple[Check, Verification | None] | None:
    """Return the check and its verdict, None for a stranger's token or a forgotten check."""
    check = session.scalar(select(Check).where(Check.token_digest == _digest(token)))
    if check is None:
        return None
    verdict = None if check.verification_id is None else session.get(Verification, check.verification_id)
    return check, verdict


@job(_JUDGE, queue="judging", retry=Retry(times=5, first=timedelta(seconds=2), deaths=3), after_failure=_GIVE_UP)
def _judge(run: Run, *, check_id: int, algorithms: str = TS_119_312.name) -> None:
    with run.transaction() as session:
        # Held, so that neither it nor its document is forgotten while the document is read.
        check = session.get(Check, check_id, with_for_update={"read": True, "key_share": True})
        if check is None or check.verification_id is not None:
            return
        try:
            case = evidence.open_case(session, check.sha256, name=check.name, at=run.at, algorithms=TABLES[algorithms])
        except evidence.BytesGone:
            case = None
    if case is None:
        with run.transaction() as session:
            _without_verdict(session, check_id, at=run.at)
        return
    decided = evidence.judge_case(run.tools.use(open_judge), case, fetch=fetcher(run.settings, at=run.at))  # (2)
    with run.transaction() as session:
        _conclude(session, check_id, case.sha256, decided)


@job(_GIVE_UP, queue="default", retry=Retry(times=None))
def _give_up(run: Run, *, check_id: int, algorithms: str = TS_119_312.name) -> None:
    """Say so of a file that judging failed over for good, to whoever waits for it."""
    del algorithms  # no verdict, whatever it was to be made by
    with run.transaction() as session:
        _without_verdict(session, check_id, at=run.at)


def _without_verdict(session: Session, check_id: int, *, at: datetime) -> None:
    check = session.get(Check, check_id)
    if check is not None:
        none = evidence.not_judged(session, check.sha256, name=check.name, at=at)
        _conclude(session, check_id, check.sha256, none)


def _conclude(session: Session, check_id: int, sha256: str, decided: evidence.Judged) -> None:
    """Tie the verdict to the check, and drop the bytes unless somebody else still waits for theirs."""
    document = documents.hold_alone(session, sha256)
    if document is None:
        return
    check = session.get(Check, check_id, with_for_update=True, populate_existing=True)
    if check is not None and check.verification_id is None:
        check.verification_id = evidence.record(session, decided).id
        session.flush()
    _let_go(session, document)


def _let_go(session: Session, document: Document) -> None:
    waiting = exists().where(Check.sha256 == document.sha256, Check.verification_id.is_(None))
    if not session.scalar(select(waiting)):
        documents.drop_look(session, document)


@job("validation.forget", every="17 * * * *")
def _forget(run: Run) -> None:
    with run.transaction() as session:
        forget(session, at=run.at)
        quotas.forget_old(session, at=run.at)


@job("web.tired_of_waiting", every="*/10 * * * *")
def _expire(run: Run) -> None:
    """End checks without a verdict after `look_kept`."""
    with run.transaction() as session:
        expire_unjudged(session, at=run.at)


def expire_unjudged(session: Session, *, at: datetime) -> None:
    """End the checks that have no verdict after the policy's `look_kept`."""
    patience = policy.on(session, at).look_kept
    late = select(Check.id).where(Check.verification_id.is_(None), Check.received_at <= at - patience)
    for check_id in session.scalars(late.order_by(Check.sha256, Check.id)).all():
        _without_verdict(session, check_id, at=at)


def forget(session: Session, *, at: datetime) -> None:
    """Delete checks whose result has been shown long enough (3)."""
    kept = policy.on(session, at).look_result_kept
    old = select(Check).where(Check.received_at <= at - kept).order_by(Check.sha256, Check.id)
    for check in session.scalars(old).all():
        drop(session, check)


def drop(session: Session, check: Check) -> None:
    """Delete one check, and verdict and file with it unless they are evidence of something else.

    The document is locked first: two that forget it at once would else each hold what the other's refusal rests on.
    """
    check_id, sha256 = check.id, check.sha256
    document = documents.hold_alone(session, sha256)
    # What it says now, not what it said when it was read; somebody else may have dropped it meanwhile.
    verification = session.scalar(delete(Check).where(Check.id == check_id).returning(Check.verification_id))
    # The database knows what else rests on them; its refusal is the answer, not an error.
    if verification is not None:
        _delete_unless_used(session, delete(Verification).where(Verification.id == verification))
    if document is not None:
        _let_go(session, document)
    _delete_unless_used(session, delete(Document).where(Document.sha256 == sha256))


def _delete_unless_used(session: Session, statement: object) -> None:
    try:
        with session.begin_nested():
            session.execute(statement)  # type: ignore[call-overload]
    except IntegrityError:
        return


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
