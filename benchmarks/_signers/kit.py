"""What every program signs with: the demo's authorities on the loopback, two people's keys in PKCS #12, the form."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from demo.pki import lv_list, start
from iam.institutions.models import ScopeKind
from signing import ExpectedContent, TrustStore
from signing.trust import read_list
from workflows.application.facts import Place
from workflows.application.forms import Form, FormKind, RevocationStated, make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.pki import Pki

__all__ = ["FIRST", "PASSWORD", "SECOND", "SECOND_RSA", "Kit"]

PASSWORD = "demo"  # noqa: S105 - of keys that the demo makes anew
#: Who signs first (RSA), and who signs after: P-384, or RSA where a program has nothing else.
FIRST, SECOND, SECOND_RSA = "user", "head", "deputy"
_FORM = Form(
    FormKind.REVOCATION,
    "CA63-MK4D-6F4X",
    RevocationStated(
        applicant=Place(
            kind=ScopeKind.INSTITUTION, code="4312900123", name="Demo pamatskola", municipality="Demo novads"
        ),
        head_name="Ilze Paraudziņa",
        head_code="320000-00101",
        user_name="Jānis Mēģinātājs",
        user_code="320000-00202",
        username="janis.meginatajs",
        rights="Iestādes līmenis",
        last_day=date(2026, 12, 31),
        reason="Darba attiecības beidzas.",
    ),
)


@dataclass(frozen=True, slots=True)
class Kit:
    """A folder with keys, `form.pdf` and the root's certificate; the addresses the programs ask."""

    folder: Path
    pki: Pki
    form: bytes = field(repr=False)
    expected: ExpectedContent

    @classmethod
    @contextmanager
    def prepared(cls, folder: Path, *, form: bytes | None = None) -> Iterator[Kit]:
        """Build the authorities at this moment, and serve them for as long as the context lasts."""
        with start(folder / "pki", at=datetime.now(UTC) - timedelta(minutes=5)) as server:
            pki = server.built
            for label in (FIRST, SECOND, SECOND_RSA):
                (folder / f"{label}.p12").write_bytes(_pkcs12(pki, label))
            root = pki.certificate("root").public_bytes(serialization.Encoding.PEM)
            (folder / "root.pem").write_bytes(root)
            content = make(_FORM, at=datetime.now(UTC)) if form is None else form
            (folder / "form.pdf").write_bytes(content)
            yield cls(folder, pki, content, ExpectedContent(hashlib.sha256(content).hexdigest(), len(content)))

    @property
    def stamps(self) -> str:
        """Where the time-stamping unit answers."""
        return f"{self.pki.base_url}/demo/tsa/tsa"

    def key_of(self, label: str) -> Path:
        """The PKCS #12 file of a person."""
        return self.folder / f"{label}.p12"

    def trust(self) -> TrustStore:
        """The demo's trusted list of this moment."""
        return TrustStore.of_anchors((), (read_list(lv_list(self.pki, at=datetime.now(UTC))),))


def _pkcs12(pki: Pki, label: str) -> bytes:
    certificate = pki.certificate(label)
    # What NSS 3.87 and Java 17 both read.
    how = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .build(PASSWORD.encode())
    )
    return pkcs12.serialize_key_and_certificates(
        label.encode(), pki.key(label), certificate, list(pki.chain(certificate)), how
    )
