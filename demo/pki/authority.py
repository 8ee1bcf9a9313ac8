"""The demo PKI: certificates, OCSP responses, CRLs and time stamps, at any moment.

    pki = build(folder, at=now, base_url="http://127.0.0.1:8099")
    pki.certificate("head")                      a certificate, made once and kept in the folder
    pki.ocsp(certificate, at=moment)             an answer as the responder of that month would have given it
    pki.stamp(digest, at=moment)                 a time-stamp token
    pki.crl("eid", at=moment)

`lotl-signers.pem` in the folder is what a verifier of the list of lists starts from.
The folder holds keys (never made again) and certificates (made again when the shape, the address or the epoch change).
The epoch is the moment the demo began; “revoked 30 days before” counts from it.
"""

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import assert_never

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp

from demo.errors import PkiMissing
from demo.pki._certomancer import Answer, Office
from demo.pki._configuration import KEYS, KeyKind, configuration, responder_label
from demo.pki._crypto import SigningKey, read_key, sign

__all__ = ["Answer", "Pki", "SigningKey", "build", "load"]

#: How long a demo keeps its epoch; persons' certificates are valid longer.
_EPOCH_LASTS = timedelta(days=300)
_ADDRESS = "http://127.0.0.1:8099"


@dataclass(frozen=True, slots=True)
class Pki:
    """The demo's authorities. `base_url` is where its certificates say that OCSP, CRLs and lists are to be found."""

    folder: Path
    base_url: str
    epoch: datetime
    _office: Office

    def certificate(self, label: str) -> x509.Certificate:
        """The certificate with that label: a person's key (`head`), an authority (`eid`), a unit (`tsa`)."""
        return x509.load_der_x509_certificate(self._office.certificate(label))

    def key(self, label: str) -> SigningKey:
        """The private key that belongs to a label."""
        return read_key((self.folder / "keys" / f"{label}.pem").read_bytes())

    def sign(self, label: str, data: bytes, *, digest: str) -> bytes:
        """A signature by the key with that label: RSA with PKCS #1 v1.5, or ECDSA in DER."""
        return sign(self.key(label), data, digest=digest)

    def issuer(self, certificate: x509.Certificate) -> x509.Certificate:
        """Who issued that certificate: of this PKI's authorities, the one with that name."""
        return self.certificate(self._office.authority_named(certificate.issuer.public_bytes()))

    def chain(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """The issuer, its issuer and so on up to the root."""
        chain: list[x509.Certificate] = []
        while certificate.issuer != certificate.subject:
            certificate = self.issuer(certificate)
            chain.append(certificate)
        return tuple(chain)

    def helpers(self, certificate: x509.Certificate, *, unit: str, at: datetime) -> tuple[x509.Certificate, ...]:
        """What a long-term signature encloses beside the signer: both chains and the responder of that month."""
        issuer = self._office.authority_named(certificate.issuer.public_bytes())
        stamper = self.certificate(unit)
        together = (*self.chain(certificate), self.responder(issuer, at=at), stamper, *self.chain(stamper))
        return tuple(dict.fromkeys(together))

    def authority_lists(self, certificate: x509.Certificate, *, unit: str, at: datetime) -> tuple[bytes, ...]:
        """Revocation lists about issuing authority and stamping unit, for verifiers whose anchor is the root."""
        above = (*self.chain(certificate)[:-1], self.certificate(unit))
        issuers = dict.fromkeys(self._office.authority_named(each.issuer.public_bytes()) for each in above)
        return tuple(self.crl(issuer, at=at) for issuer in issuers)

    def responder(self, authority: str, *, at: datetime) -> x509.Certificate:
        """The certificate of an authority's OCSP responder in that month."""
        return self.certificate(responder_label(authority, at))

    def ocsp(self, certificate: x509.Certificate, *, at: datetime, answer: Answer = Answer.TRUE) -> bytes:
        """An OCSP response (RFC 6960) about one of our certificates, produced at that moment."""
        issuer = self._office.authority_named(certificate.issuer.public_bytes())
        by = hashes.SHA1()  # noqa: S303 - CertID, as everybody sends it
        request = ocsp.OCSPRequestBuilder().add_certificate(certificate, self.certificate(issuer), by).build()
        return self.answer_ocsp(
            request.public_bytes(serialization.Encoding.DER), authority=issuer, at=at, answer=answer
        )

    def answer_ocsp(self, request: bytes, *, authority: str, at: datetime, answer: Answer = Answer.TRUE) -> bytes:
        """What the responder of that authority says to a request at that moment."""
        return self._office.answer_ocsp(request, authority=authority, at=at, answer=answer)

    def stamp(self, digest: bytes, *, at: datetime, unit: str = "tsa", algorithm: str = "sha256") -> bytes:
        """A time-stamp token (RFC 3161, DER) over a digest."""
        return self._office.stamp(digest, algorithm=algorithm, unit=unit, at=at)

    def answer_stamp(self, request: bytes, *, unit: str, at: datetime) -> bytes:
        """What that unit says to a time-stamp request at that moment."""
        return self._office.answer_stamp(request, unit=unit, at=at)

    def crl(self, authority: str, *, at: datetime) -> bytes:
        """The revocation list of that day (DER)."""
        return self._office.crl(authority, at=at)


def build(folder: Path, *, at: datetime, base_url: str = _ADDRESS) -> Pki:
    """Make the PKI in a folder, or find it there: same folder and address, same PKI.

    A PKI built less than 300 days before `at` keeps its epoch and so its certificates.
    """
    folder.mkdir(parents=True, exist_ok=True)
    epoch = at.replace(minute=0, second=0, microsecond=0)
    remembered = folder / "pki.json"
    earlier: dict[str, str] = json.loads(remembered.read_text()) if remembered.exists() else {}
    if earlier:
        before = datetime.fromisoformat(earlier["epoch"])
        if before <= at < before + _EPOCH_LASTS:
            epoch = before
    design = configuration(base_url, epoch)
    shape = hashlib.sha256(json.dumps(design, sort_keys=True).encode()).hexdigest()
    if earlier.get("shape") != shape:
        shutil.rmtree(folder / "certificates", ignore_errors=True)
    _make_keys(folder / "keys")
    (folder / "certificates").mkdir(exist_ok=True)
    office = Office(folder, design, base_url)
    pki = Pki(folder, base_url, epoch, office)
    signers = pki.certificate("lotl").public_bytes(serialization.Encoding.PEM)
    (folder / "lotl-signers.pem").write_bytes(signers)
    remembered.write_text(json.dumps({"epoch": epoch.isoformat(), "base_url": base_url, "shape": shape}))
    return pki


def load(folder: Path, *, at: datetime) -> Pki:
    """The PKI that is in a folder, at the address it was built for; `PkiMissing` when none is."""
    remembered = folder / "pki.json"
    if not remembered.exists():
        raise PkiMissing(folder)
    return build(folder, at=at, base_url=json.loads(remembered.read_text())["base_url"])


def _make_keys(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    missing = [(label, kind) for label, kind in KEYS.items() if not (folder / f"{label}.pem").exists()]
    # RSA keys are generated outside the interpreter lock, so two threads halve the time on two cores.
    with ThreadPoolExecutor() as workers:
        for label, key in zip(
            (label for label, _ in missing), workers.map(_new_key, (kind for _, kind in missing)), strict=True
        ):
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            path = folder / f"{label}.pem"
            path.touch(mode=0o600)
            path.write_bytes(pem)


def _new_key(kind: KeyKind) -> SigningKey:
    match kind:
        case "p384":
            return ec.generate_private_key(ec.SECP384R1())
        case "rsa2048":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        case "rsa3072":
            return rsa.generate_private_key(public_exponent=65537, key_size=3072)
        case _:
            assert_never(kind)
