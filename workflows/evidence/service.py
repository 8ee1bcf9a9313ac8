"""How does a file become evidence, and a verdict about it?

Judging takes a while and asks other servers, so it is three steps, and only the first and the last hold a transaction:

(1) `open_case`: read the document and the trust in force;
(2) `judge_case`: have it judged in a guard; fetch what the report asks for (OCSP, CRL) here, where there is a network;
    judge again with the answers;
(3) `record`: keep the verdict with all it was made from.

A crash before (3) leaves the document and no verdict: the job runs again.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import assert_never

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from signing import ExpectedContent, NotFetched, Report, RevocationNeed
from signing.judging.algorithms import TS_119_312, AlgorithmTable
from workflows.evidence.documents import (
    CHUNK,
    BytesGone,
    DocumentTooLarge,
    EvidenceError,
    UnknownDocument,
    chunks,
    hold,
    read,
    receive,
)
from workflows.evidence.judging import CouldNotBeJudged, Judge, PageImages, Unreadable
from workflows.evidence.models import DocumentPage
from workflows.evidence.records import Case, Judged, comparison, keep_comparison, record, reports
from workflows.evidence.trust import current_trust

__all__ = [
    "CHUNK",
    "BytesGone",
    "Case",
    "DocumentTooLarge",
    "EvidenceError",
    "Judged",
    "UnknownDocument",
    "chunks",
    "comparison",
    "draw_pages",
    "hold",
    "judge_case",
    "keep_comparison",
    "open_case",
    "read",
    "receive",
    "record",
    "reports",
]

# An answer may bring a certificate whose own status is open. More rounds than this are not justified.
_ROUNDS = 3
_MOST_NEEDS = 16

Fetch = Callable[[RevocationNeed], bytes]


def open_case(
    session: Session,
    sha256: str,
    *,
    name: str,
    at: datetime,
    expected: Sequence[ExpectedContent] = (),
    algorithms: AlgorithmTable = TS_119_312,
) -> Case:
    """Read what judging needs (1). `name` is the name the file came under this time. Raises UnknownDocument."""
    return Case(
        sha256=sha256,
        document=read(session, sha256),
        name=name,
        trust=current_trust(session),
        at=at,
        expected=tuple(expected),
        algorithms=algorithms,
    )


def judge_case(judge: Judge, case: Case, *, fetch: Fetch) -> Judged:
    """Judge (2).

    `fetch` gets what a report asks for or raises NotFetched; what it cannot get stays open in the report.
    """
    begun = time.monotonic()
    revocation: list[bytes] = []
    asked: set[tuple[str, bytes]] = set()
    for _round in range(_ROUNDS):
        judgement = judge.judge(
            case.document,
            name=case.name,
            trust=case.trust,
            at=case.at,
            revocation=revocation,
            expected=case.expected,
            algorithms=case.algorithms,
        )
        needs = judgement.needs if isinstance(judgement, Report) else ()
        answers = list(_answers(needs, fetch, asked))
        if not answers:
            break
        revocation += answers
    return Judged(
        case=case,
        judgement=judgement,
        revocation=tuple(revocation),
        duration_ms=round((time.monotonic() - begun) * 1000),
    )


def not_judged(
    session: Session, sha256: str, *, name: str, at: datetime, expected: Sequence[ExpectedContent] = ()
) -> Judged:
    """Say that no verdict will come, for a document whose judging failed for good.

    The document is not read for it: it may be what killed those who did.
    """
    case = Case(sha256=sha256, document=b"", name=name, trust=current_trust(session), at=at, expected=tuple(expected))
    return Judged(case=case, judgement=CouldNotBeJudged("crashed"), revocation=(), duration_ms=0)


def draw_pages(
    session: Session,
    judge: Judge,
    sha256: str,
    *,
    cover: Sequence[str] | None = None,
    without: Sequence[str] = (),
) -> tuple[int, ...]:
    """Keep pictures of a document's pages, once; return the numbers of those that have one, none when there is none.

    `cover` are the personal codes a form of ours states: no picture of it shows one. None for any other file. Of a
    container the files in it are drawn, but for those whose digests are in `without`.
    """
    known = tuple(
        session.scalars(select(DocumentPage.number).where(DocumentPage.sha256 == sha256).order_by(DocumentPage.number))
    )
    if known:
        return known
    images = judge.page_images(read(session, sha256), cover=cover, without=without)
    match images:
        case PageImages(pages, pictures):
            for number, png in enumerate(pictures, start=1):
                session.execute(
                    insert(DocumentPage)
                    .values(sha256=sha256, number=number, of=pages, png=png)
                    .on_conflict_do_nothing()
                )
            return tuple(range(1, len(pictures) + 1))
        case Unreadable() | CouldNotBeJudged():
            return ()
        case _:
            assert_never(images)


def _answers(needs: Sequence[RevocationNeed], fetch: Fetch, asked: set[tuple[str, bytes]]) -> Iterator[bytes]:
    """Fetch one answer a certificate: OCSP before CRL, the next address when one fails, nothing twice.

    No answer at all is no error here: the report stays open and says for what.
    """
    answered: set[str] = set()
    for need in sorted(needs, key=lambda one: one.kind != "ocsp"):
        again = need.certificate_sha256 in answered or (need.url, need.request) in asked
        if again or len(asked) >= _MOST_NEEDS:
            continue
        asked.add((need.url, need.request))
        try:
            yield fetch(need)
        except NotFetched:
            continue
        answered.add(need.certificate_sha256)
