"""The readers that bytes of strangers meet, each by itself; `signing.verify` converts no errors of theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from signing.cms.timestamp_tokens import read_stamp
from signing.errors import SigningError
from signing.pades import read_pdf
from signing.pki.revocation import read_crl, read_ocsp
from signing.reading.containers import read_container
from signing.reading.document import read_cms, read_xml
from signing.reading.facts import DocumentFacts, StampKind
from signing.trust import TrustStore, read_list
from signing.verification import report_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ENTRIES", "entry"]

_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
_NAME = "fuzz"


def _container(data: bytes) -> DocumentFacts:
    return read_container(data)


def _xml(data: bytes) -> DocumentFacts:
    return read_xml(data, _NAME, ())


def _cms(data: bytes) -> DocumentFacts:
    # The same bytes as everything else that is ASN.1: each of these says None, or a fault among its facts.
    read_stamp(data, kind=StampKind.SIGNATURE, over=b"x")
    read_ocsp(data)
    read_crl(data)
    return read_cms(data, _NAME, ())


def _pdf(data: bytes) -> DocumentFacts:
    return read_pdf(data, name=_NAME)


ENTRIES: Mapping[str, Callable[[bytes], DocumentFacts]] = {
    "container": _container,
    "xml": _xml,
    "cms": _cms,
    "pdf": _pdf,
}


def entry(name: str, trusted_list: bytes) -> Callable[[bytes], None]:
    """Make the function that is fuzzed: read by the entry `name`, then judge by the trusted list."""
    reader = ENTRIES[name]
    trust = TrustStore.of_anchors([], [read_list(trusted_list)])

    def read_and_judge(data: bytes) -> None:
        try:
            facts = reader(data)
        except SigningError:
            return
        report_of(facts, name=_NAME, trust=trust, at=_AT).to_json()

    return read_and_judge
