"""Valid files to begin with: what is far from any valid file is refused in the first lines of a reader."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pikepdf

from demo.pki import Pki, build, lv_list, person
from demo.signer import Level, sign_again, sign_asice, sign_edoc, sign_pdf

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TRUSTED_LIST", "plant"]

TRUSTED_LIST = "trusted-list.xml"
_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
_FILES = [("a.txt", b"A"), ("b.txt", b"B")]


def plant(folder: Path) -> None:
    """Write seeds of every entry into its folder, and the trusted list they are judged by; once."""
    if (folder / TRUSTED_LIST).exists():
        return
    pki = build(folder / "pki", at=_AT)
    edoc = sign_edoc(_FILES, person=person("head"), pki=pki, at=_AT)
    twice = sign_again(
        sign_asice(_FILES, person=person("user"), pki=pki, at=_AT), person=person("head"), pki=pki, at=_AT
    )
    archived = sign_asice(_FILES, person=person("user"), pki=pki, at=_AT, level=Level.LTA)
    plain = _page()
    pdf = sign_pdf(plain, person=person("user"), pki=pki, at=_AT, level=Level.LTA)
    seeds = {
        "container": [edoc, twice, archived],
        "xml": [_signatures_of(one) for one in (edoc, twice, archived)],
        "cms": _asn1(pki),
        "pdf": [plain, pdf, sign_again(pdf, person=person("head"), pki=pki, at=_AT)],
    }
    for entry, files in seeds.items():
        (folder / entry).mkdir(parents=True, exist_ok=True)
        for data in files:
            (folder / entry / f"seed-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
    # Last: a planting that was interrupted is begun anew.
    (folder / TRUSTED_LIST).write_bytes(lv_list(pki, at=_AT))


def _signatures_of(container: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(container)) as entries:
        return entries.read(next(name for name in entries.namelist() if "signatures" in name))


def _asn1(pki: Pki) -> list[bytes]:
    return [pki.stamp(hashlib.sha256(b"x").digest(), at=_AT), pki.ocsp(pki.certificate("head"), at=_AT)]


def _page() -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(made)
    return made.getvalue()
