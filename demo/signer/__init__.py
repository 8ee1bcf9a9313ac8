"""How does an invented person sign a file?

    sign_edoc([("letter.pdf", octets)], person=person("user"), pki=pki, at=now)

All take the same options by keyword (`SigningOptions` without `at`): `level`, `stamped_at`, `ocsp_at`, `role`,
`certificate_version`, `covers`, `certifies` and, for tests, `wrong=Wrong(…)`.
Shares nothing with the verifier in `signing` (import-linter checks it).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from demo.pki import Person, Pki
from demo.signer import container, pdf
from demo.signer._options import Level, SigningOptions, Wrong

__all__ = ["Level", "SigningOptions", "Wrong", "sign_again", "sign_asice", "sign_edoc", "sign_pdf"]

_EDOC = "edoc-signatures-S{}.xml"
_PLAIN = "signatures{}.xml"


class _Options(TypedDict, total=False):
    level: Level
    stamped_at: datetime | None
    ocsp_at: datetime | None
    role: str
    certificate_version: int
    covers: tuple[str, ...] | None
    certifies: int | None
    wrong: Wrong


def sign_edoc(
    files: Sequence[tuple[str, bytes]], *, person: Person, pki: Pki, at: datetime, **options: Unpack[_Options]
) -> bytes:
    """A new `.edoc` (ASiC-E as Latvian software writes it) with these files, signed by that person."""
    return container.sign_container(
        files, person=person, pki=pki, options=SigningOptions(at=at, **options), names=_EDOC
    )


def sign_asice(
    files: Sequence[tuple[str, bytes]], *, person: Person, pki: Pki, at: datetime, **options: Unpack[_Options]
) -> bytes:
    """A new `.asice` as others write it: META-INF/signatures1.xml, SigningCertificateV2 unless asked otherwise."""
    options.setdefault("certificate_version", 2)
    return container.sign_container(
        files, person=person, pki=pki, options=SigningOptions(at=at, **options), names=_PLAIN
    )


def sign_again(signed: bytes, *, person: Person, pki: Pki, at: datetime, **options: Unpack[_Options]) -> bytes:
    """One signature more, on a container (over its files) or on a PDF (over all that is there)."""
    if signed.startswith(b"%PDF"):
        return pdf.sign(signed, person=person, pki=pki, options=SigningOptions(at=at, **options))
    names = _EDOC if b"META-INF/edoc-signatures" in signed else _PLAIN
    return container.add_signature(
        signed, person=person, pki=pki, options=SigningOptions(at=at, **options), names=names
    )


def sign_pdf(document: bytes, *, person: Person, pki: Pki, at: datetime, **options: Unpack[_Options]) -> bytes:
    """The same PDF with a signature appended (PAdES); its first bytes stay as they are. `NotAPdf` for anything else."""
    return pdf.sign(document, person=person, pki=pki, options=SigningOptions(at=at, **options))
