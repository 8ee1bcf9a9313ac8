"""endesive as its examples sign."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace

from cryptography.hazmat.primitives.serialization import pkcs12

# Its verifier needs a library that does not find this OpenSSL; it is not used.
sys.modules["endesive.verifier"] = ModuleType("endesive.verifier")
sys.modules["endesive.pdf.verify"] = SimpleNamespace(PDFVerifier=None, verify=None)  # type: ignore[assignment] # a stand-in

from endesive.pdf import cms  # type: ignore[import-not-found] # noqa: E402 - in an environment of its own

from benchmarks._signers.driver import Wish, drive  # noqa: E402 - likewise


def sign(wish: Wish) -> None:
    """Append what endesive makes to the file, as its documentation says."""
    key, certificate, others = pkcs12.load_key_and_certificates(wish.key.read_bytes(), b"demo")
    document = wish.source.read_bytes()
    wishes = {
        "aligned": 0,
        "sigflags": 3,
        "sigpage": 0,
        "auto_sigfield": True,
        "sigandcertify": wish.certify > 0,
        "contact": "janis@demo.test",
        "location": "Riga",
        "signingdate": f"D:{datetime.now(UTC):%Y%m%d%H%M%S}Z",
        "reason": "Parakstu",
    }
    if wish.certify:
        wishes["sigflags"] = wish.certify
    if wish.visible:
        wishes |= {"signaturebox": (wish.left, 60, wish.left + 200, 110), "signature": "Parakstu"}
    stamps = wish.stamps if wish.level != "B" else None
    wish.result.write_bytes(document + cms.sign(document, wishes, key, certificate, others, "sha256", None, stamps))


if __name__ == "__main__":
    drive(sign)
