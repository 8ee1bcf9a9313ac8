"""What our verifier says of a file a program made: whether it is our form, signed, and what `qes-lv` says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from signing import QES_LV, NotFetched, Report, SigningError, verify
from signing.messages import text
from signing.online.client import Client
from signing.policies.verdict import Accepted, word_of
from signing.reading.document import read_document

if TYPE_CHECKING:
    from benchmarks._signers.kit import Kit
    from signing import Message, TrustStore

__all__ = ["SignerResult", "judge"]

_ROUNDS = 3
_LOOPBACK = ("127.0.0.0/8",)


@dataclass(frozen=True, slots=True)
class SignerResult:
    """`ours` is whether it holds exactly our form and a signature over it stands; `why` are the reasons against."""

    ours: bool
    verdict: str
    level: str
    why: tuple[str, ...]


def judge(content: bytes, *, name: str, kit: Kit, trust: TrustStore) -> SignerResult:
    """Judge structure alone first, then everything, with revocation data fetched from the demo's servers."""
    try:
        facts = read_document(content, name=name, expected=(kit.expected,))
        report = _verified(content, name=name, kit=kit, trust=trust)
    except SigningError as refusal:
        return SignerResult(ours=False, verdict="refused", level="", why=(str(refusal),))
    stands = any(one.covers and not one.format_faults for one in facts.signatures)
    same = any(one.sha256 == kit.expected.sha256 for one in facts.contents)
    verdict = QES_LV.judge(report)
    objections = () if isinstance(verdict, Accepted) else verdict.reasons
    said = [_said(message) for message in (*facts.faults, *(m for s in facts.signatures for m in s.format_faults))]
    return SignerResult(
        ours=stands and same and not facts.faults,
        verdict=word_of(verdict),
        level="+".join(one.level for one in report.signatures),
        why=tuple(dict.fromkeys([*said, *map(_said, objections)])),
    )


def _verified(content: bytes, *, name: str, kit: Kit, trust: TrustStore) -> Report:
    client = Client(_LOOPBACK)
    found: list[bytes] = []
    for _ in range(_ROUNDS):
        at = datetime.now(UTC)
        report = verify(content, name=name, trust=trust, at=at, revocation=found, expected=(kit.expected,))
        if not report.needs:
            break
        for need in report.needs:
            try:
                found.append(client.fulfil(need, at=at))
            except NotFetched:
                continue
    return report


def _said(message: Message) -> str:
    reason = message.params.get("reason", "")
    return f"{text(message, 'en')} [{message.code}{': ' if reason else ''}{reason}]"
