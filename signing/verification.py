"""From bytes to a report: recognise, read the facts, judge each signature, put the report together.

(1) recognise the kind of file by its content;
(2) read facts: every signature, stamp and data file, whatever is wrong with them;
(3) gather certificates and revocation answers, from the file and handed in;
(4) judge each signature by itself;
(5) report, with what a caller with a network should fetch for those left open;
(6) when asked to, the same for each container inside the container, and no deeper; of itself where the outer one is
    only an envelope with a time stamp, and what is signed lies in it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from signing.container.nested import inner_containers
from signing.errors import UnreadableDocument
from signing.judging.algorithms import TS_119_312
from signing.judging.signature import judge_signature
from signing.judging.stamps import judge_stamps
from signing.judging.witness import gather
from signing.model import Content, Indication, Message, NestedReport, Report, RevocationNeed, SubIndication
from signing.pki.revocation import ocsp_request
from signing.pki.revocation_places import crl_urls, ocsp_urls
from signing.reading.document import read_document
from signing.reading.facts import SignatureForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from signing.container import Octets
    from signing.judging.algorithms import AlgorithmTable
    from signing.judging.signature import JudgedSignature
    from signing.judging.witness import Witness
    from signing.model import ExpectedContent, SignatureReport
    from signing.pki.certificates import Certificate
    from signing.pki.trust_protocol import TrustSource
    from signing.reading.facts import DocumentFacts

__all__ = ["report_of", "verify"]


def verify(  # noqa: PLR0913 - each says something of its own about one judging
    document: Octets,
    *,
    name: str,
    trust: TrustSource,
    at: datetime,
    detached: Sequence[tuple[str, bytes]] = (),
    revocation: Sequence[bytes] = (),
    expected: Sequence[ExpectedContent] = (),
    nested: bool = False,
    algorithms: AlgorithmTable = TS_119_312,
) -> Report:
    """Judge one file.

    `name` is for the report only. `detached` are the signed files when the signature stands alone. `revocation`
    are OCSP responses and CRLs fetched for an earlier report's `needs`. `expected` are documents of our own, by
    which a PDF is told to begin with exactly our bytes. `nested` has the containers in a container judged as well,
    each by itself and at the same moment: what is over the outer one vouches for nothing in them. `algorithms` is the
    table by which they are judged; the report names it, and a policy accepts no report made by a table not its own.

    Raises `UnreadableDocument` or `TrustUnavailable`, both of `signing.errors`, for every file, hostile ones too. Any
    other error is a fault of this program or of its machine, and says nothing of the file: it could not be judged.
    """
    if at.tzinfo is None:
        raise ValueError("the moment to judge at needs a time zone")
    facts = read_document(document, name=name, detached=detached, expected=expected)  # (1) (2)
    report = report_of(facts, name=name, trust=trust, at=at, revocation=revocation, algorithms=algorithms)
    wanted = nested or _is_an_envelope(report)
    return _with_nested(report, document, trust, at, revocation, algorithms) if wanted else report  # (6)


def report_of(
    facts: DocumentFacts,
    *,
    name: str,
    trust: TrustSource,
    at: datetime,
    revocation: Sequence[bytes] = (),
    algorithms: AlgorithmTable = TS_119_312,
) -> Report:
    """Judge facts that have been read."""
    witness = gather(  # (3)
        facts.signatures, facts.stamps, trust, handed_in=revocation, judged_at=at, algorithms=algorithms
    )
    judged = _judged(facts, witness, at)  # (4)
    stamps = judge_stamps(facts.stamps, witness, at=at)
    signatures = tuple(one.report for one in judged)
    open_ones = [
        (*pair, one.report.best_signature_time or at)
        for one in judged
        if _may_be_settled(one.report)
        for pair in one.unsettled
    ]
    open_ones += [(*pair, stamp.time or at) for stamp in stamps for pair in stamp.unsettled]
    return Report(  # (5)
        file_name=name,
        form=facts.form,
        judged_at=at,
        trust_state=trust.state(at),
        contents=tuple(_covered(content, signatures) for content in facts.contents),
        signatures=signatures,
        stamps=tuple(stamp.report for stamp in stamps),
        trust_digests=tuple(trust.digests),
        needs=tuple(_needs(open_ones)),
        warnings=(*facts.warnings, *(facts.faults if not signatures else ())),
        algorithms=algorithms.name,
    )


def _judged(facts: DocumentFacts, witness: Witness, at: datetime) -> list[JudgedSignature]:
    """Judge each signature. What is filled into a PDF, or shown, after one stands only under a later one that passes.

    Otherwise anybody's key, of no standing at all, could put words under somebody else's signature. What was signed is
    as it was, so such a signature is not broken: it is a constraint that it does not meet (EN 319 102-1 §5.2.8).
    """
    judged: dict[int, JudgedSignature] = {}
    passes_up_to = 0
    for number, one in sorted(enumerate(facts.signatures), key=lambda pair: pair[1].reaches, reverse=True):
        answered = max(one.filled_until, one.shown_until) <= passes_up_to
        held = one if answered else replace(one, covers=(), covers_everything=False)
        found = judge_signature(held, witness, at=at, container_faults=facts.faults)
        if not answered and found.report.indication is Indication.TOTAL_PASSED:
            code = "pdf.filled-in-unanswered" if one.filled_until > passes_up_to else "pdf.shown-unanswered"
            held = replace(held, constraint_faults=(*held.constraint_faults, Message.of(code)))
            found = judge_signature(held, witness, at=at, container_faults=facts.faults)
        judged[number] = found
        if found.report.indication is Indication.TOTAL_PASSED:
            passes_up_to = max(passes_up_to, one.reaches)
    return [judged[number] for number in range(len(facts.signatures))]


def _may_be_settled(report: SignatureReport) -> bool:
    """Whether an answer from outside could still change the verdict, or prove with a stamp when it was signed."""
    waiting = {report.sub_indication, *(stamp.sub_indication for stamp in report.stamps)}
    return report.indication is not Indication.TOTAL_FAILED and SubIndication.TRY_LATER in waiting


def _is_an_envelope(report: Report) -> bool:
    """Whether it is a simple container that a sound stamp covers and nobody signs (EN 319 162-1 §4.3.3.2)."""
    files = {one.name for one in report.contents}
    return (
        report.form == SignatureForm.ASIC_S
        and not report.signatures
        and any(
            stamp.indication is Indication.TOTAL_PASSED
            and stamp.particulars is not None
            and files & set(stamp.particulars.covers)
            for stamp in report.stamps
        )
    )


def _with_nested(
    report: Report,
    document: Octets,
    trust: TrustSource,
    at: datetime,
    revocation: Sequence[bytes],
    algorithms: AlgorithmTable,
) -> Report:
    found: list[NestedReport] = []
    for inner in inner_containers(document):
        if inner.refusal is not None:
            found.append(NestedReport(inner.name, None, inner.refusal))
            continue
        try:
            facts = read_document(inner.content, name=inner.name)
            judged = report_of(facts, name=inner.name, trust=trust, at=at, revocation=revocation, algorithms=algorithms)
            found.append(NestedReport(inner.name, judged))
        except UnreadableDocument as error:
            refusal = Message(error.code, {"name": inner.name, **error.params})
            found.append(NestedReport(inner.name, None, refusal))
    told = {one.name for one in found}
    left = (one for one in report.warnings if one.code != "container.inner" or one.params.get("file") not in told)
    return replace(report, nested=tuple(found), warnings=tuple(left))


def _covered(content: Content, signatures: Iterable[SignatureReport]) -> Content:
    """Note which signatures hold the content as it is; one whose digests or value failed holds nothing."""
    covering = tuple(
        one.id
        for one in signatures
        if content.name in one.covers and one.indication is not Indication.TOTAL_FAILED and not one.counter_signature
    )
    return Content(content.name, content.size, content.sha256, content.media_type, covering)


def _needs(unsettled: Iterable[tuple[Certificate, Certificate, datetime]]) -> Iterable[RevocationNeed]:
    """Name each certificate once, with the latest time an answer about it is needed for."""
    latest: dict[tuple[Certificate, Certificate], datetime] = {}
    for certificate, issuer, since in unsettled:
        latest[certificate, issuer] = max(since, latest.get((certificate, issuer), since))
    for (certificate, issuer), since in latest.items():
        for url in ocsp_urls(certificate):
            yield RevocationNeed(url, "ocsp", ocsp_request(certificate, issuer), certificate.sha256, since)
        for url in crl_urls(certificate):
            yield RevocationNeed(url, "crl", b"", certificate.sha256, since)
