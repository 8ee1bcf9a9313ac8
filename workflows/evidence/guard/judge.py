"""The guard that judges: `python -m workflows.evidence.guard.judge`, started by `workflows.evidence.judging` alone.

Its trust comes from the service as a pickle, before any document; documents come as bytes, answers leave as JSON.
"""

import hashlib
import importlib
import mimetypes
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import signing
import signing.pades.reading
from signing.errors import place_of
from signing.judging.algorithms import TABLES
from signing.trust import TrustStore, read_list
from signing.verification import verify
from workflows.evidence.guard.frames import Frame
from workflows.evidence.guard.server import serve

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REHEARSAL", "REHEARSED_AT", "judge", "remember_trust", "warm"]

REHEARSAL = Path(__file__).with_name("rehearsal")
"""Two signed documents of invented people and the trusted list they are judged by; `demo.guard_samples` makes them."""
REHEARSED_AT = datetime(2026, 9, 1, 9, tzinfo=UTC)

# What libraries load only when they meet a document: it would be loaded anew in every child. A test looks for more.
_LOADED_LATE = ("_strptime", "cryptography.hazmat.backends.openssl.backend", "pyhanko.pdf_utils.filters")

_trust: dict[str, TrustStore] = {}


def remember_trust(frame: Frame) -> None:
    """Keep the trust that documents are judged by from now on; the one before it is forgotten."""
    pickled = frame.blobs[0]
    _trust.clear()
    _trust[hashlib.sha256(pickled).hexdigest()] = pickle.loads(pickled)  # noqa: S301 - the service's own, no document's


def judge(request: Frame) -> Frame:
    """Verify the first blob; the others are answers of OCSP responders and CRLs fetched by the service."""
    try:
        report = _verified(request)
    except signing.UnreadableDocument as unreadable:
        return Frame({"outcome": "unreadable", "code": unreadable.code, "params": unreadable.params})
    except signing.TrustUnavailable as unavailable:
        return Frame({"outcome": "no-trust", "code": unavailable.code, "params": unavailable.params})
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of the verifier: told by its kind, not by its text
        return Frame({"outcome": "fault", "detail": place_of(error)})
    return Frame({"outcome": "report", "report": report.to_json()})


def _verified(request: Frame) -> signing.Report:
    document, *revocation = request.blobs
    words = request.words
    expected = cast("list[Mapping[str, object]]", words["expected"])
    return verify(
        document,
        name=str(words["name"]),
        trust=_trust[str(words["trust"])],
        at=datetime.fromisoformat(str(words["at"])),
        revocation=revocation,
        expected=[signing.ExpectedContent(str(one["sha256"]), int(str(one["size"]))) for one in expected],
        algorithms=TABLES[str(words["algorithms"])],
    )


def warm() -> None:
    """Load everything that judging may need, and work out what is worked out once: each child inherits it.

    By judging documents of our own: a child would otherwise spend two thirds of its time on patterns, tables and
    algorithms that are used for the first time.
    """
    for module in _LOADED_LATE:
        importlib.import_module(module)
    # Python's own table of media types: /etc/mime.types is out of the sandbox's reach and differs between machines.
    mimetypes.init(files=[])
    trust = TrustStore.of_anchors([], [read_list((REHEARSAL / "lv.xml").read_bytes())])
    for name in ("letter.edoc", "letter.pdf"):
        verify((REHEARSAL / name).read_bytes(), name=name, trust=trust, at=REHEARSED_AT).to_json()


if __name__ == "__main__":
    warm()
    serve(judge, remember=remember_trust)
