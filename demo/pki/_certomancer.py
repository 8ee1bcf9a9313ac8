"""The one module that uses certomancer, which issues certificates, OCSP responses and CRLs; it returns octets."""

import itertools
import os
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from asn1crypto import core, crl, ocsp, tsp, x509  # type: ignore[import-untyped]
from certomancer.config_utils import SearchDir
from certomancer.default_plugins import RawDERBytes
from certomancer.registry import ArchLabel, CertLabel, EntityLabel, KeyLabel, ServiceLabel
from certomancer.registry.entities import EntityRegistry
from certomancer.registry.keys import KeySet
from certomancer.registry.pki_arch import PKIArchitecture
from certomancer.registry.plugin_api import ExtensionPluginRegistry
from certomancer.registry.svc_config.crl import CRLRepoServiceInfo
from certomancer.services import RevocationInfoInterface, SimpleOCSPResponder, choose_signed_digest

from demo.pki import _asn1, _crypto
from demo.pki._configuration import AUTHORITIES, KEYS, responder_label
from demo.pki._extensions import ARCH
from demo.pki._timestamping import Unit

__all__ = ["Answer", "Office"]

_asn1.install()
_crypto.install()

#: Latvia's responder states no nextUpdate; twelve hours suit the caches of strict clients.
_OCSP_VALID = timedelta(hours=12)


class Answer(StrEnum):
    """The status a responder states about a certificate: the true one, or another for a test."""

    TRUE = "true"
    UNKNOWN = "unknown"
    REVOKED = "revoked"


class _Shelf(dict[CertLabel, x509.Certificate]):
    """Certificates kept in a folder: certomancer issues what is missing, every later process finds it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, label: CertLabel) -> x509.Certificate:
        try:
            found = x509.Certificate.load((self._folder / f"{label.value}.crt").read_bytes())
        except FileNotFoundError:
            raise KeyError(label) from None
        super().__setitem__(label, found)
        return found

    def __setitem__(self, label: CertLabel, certificate: x509.Certificate) -> None:
        """Keep it, unless another process was first: then return that one."""
        path = self._folder / f"{label.value}.crt"
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        draft.write_bytes(certificate.dump())
        try:
            os.link(draft, path)
        except FileExistsError:
            certificate = x509.Certificate.load(path.read_bytes())
        finally:
            draft.unlink()
        super().__setitem__(label, certificate)


class _Revocations(RevocationInfoInterface):
    """What the responder of one authority knows."""

    def __init__(self, office: "Office", authority: str, answer: Answer) -> None:
        self._office, self._authority, self._answer = office, authority, answer

    def get_issuer_cert(self) -> x509.Certificate:
        """The authority's own certificate."""
        return self._office.issued(self._authority)

    def check_revocation_status(
        self, cid: ocsp.CertId, at_time: datetime
    ) -> tuple[ocsp.CertStatus, list[ocsp.SingleResponseExtension]]:
        """The status of a serial number at a moment."""
        match self._answer:
            case Answer.UNKNOWN:
                return ocsp.CertStatus("unknown"), []
            case Answer.REVOKED:
                value = {
                    "revocation_time": at_time - timedelta(days=1),
                    "revocation_reason": crl.CRLReason("key_compromise"),
                }
                return ocsp.CertStatus(name="revoked", value=value), []
            case Answer.TRUE:
                return self._office.status(self._authority, cid["serial_number"].native, at_time), []
            case _:
                assert_never(self._answer)


class _Architecture(PKIArchitecture):
    """certomancer's, which issues every certificate of an authority to find the revoked ones for a list."""

    def get_revoked_certs_at_time(
        self, at_time: datetime, crl_info: CRLRepoServiceInfo
    ) -> Iterator[crl.RevokedCertificate]:
        """The revoked ones only; none of ours is revoked by an indirect list."""
        for spec in itertools.chain.from_iterable(specs for _, specs in self.enumerate_certs_by_issuer()):
            if spec.issuer == crl_info.for_issuer and spec.revocation and spec.revocation.revoked_since <= at_time:
                yield spec.revocation.to_crl_entry_asn1(spec.serial, [])


class Office:
    """certomancer's architecture, with octets at the door."""

    def __init__(self, folder: Path, design: Mapping[str, object], base_url: str) -> None:
        keys = KeySet(
            {"path-prefix": "keys", "keys": {label: {"path": f"{label}.pem"} for label in KEYS}},
            search_dir=SearchDir(str(folder)),
            lazy_load_keys=True,
        )
        plugins = ExtensionPluginRegistry()  # type: ignore[no-untyped-call]
        plugins.register(RawDERBytes)
        self._arch = _Architecture(
            ArchLabel(ARCH),
            key_set=keys,
            entities=EntityRegistry(design["entities"]),  # type: ignore[no-untyped-call]
            cert_spec_config=design["certs"],
            service_config=design["services"],
            external_url_prefix=base_url,
            extension_plugins=plugins,
            cert_cache=_Shelf(folder / "certificates"),
        )
        self._issued: dict[str, x509.Certificate] = {}
        self._lists: dict[tuple[str, date], bytes] = {}
        self._names = {self._arch.entities[EntityLabel(each.label)].dump(): each.label for each in AUTHORITIES}
        self._by_serial = {
            (spec.issuer.value, spec.serial): spec.label
            for _, specs in self._arch.enumerate_certs_by_issuer()
            for spec in specs
        }

    def issued(self, label: str) -> x509.Certificate:
        """The certificate with that label, issued now if it never was."""
        if label not in self._issued:
            # As certomancer built it, it would be encoded anew at each use; read from its octets it is not.
            self._issued[label] = x509.Certificate.load(self._arch.get_cert(CertLabel(label)).dump())
        return self._issued[label]

    def certificate(self, label: str) -> bytes:
        """The same in DER."""
        octets: bytes = self.issued(label).dump()
        return octets

    def authority_named(self, name: bytes) -> str:
        """The label of the authority with that name (DER)."""
        return self._names[name]

    def status(self, authority: str, serial: int, at: datetime) -> ocsp.CertStatus:
        """Good, revoked, or unknown when never issued."""
        label = self._by_serial.get((authority, serial))
        if label is None:
            return ocsp.CertStatus("unknown")
        revocation = self._arch.check_revocation_status(label, at)
        return revocation.to_ocsp_asn1() if revocation else ocsp.CertStatus("good")

    def answer_ocsp(self, request: bytes, *, authority: str, at: datetime, answer: Answer) -> bytes:
        """An OCSP response by the responder that is in its life at that moment."""
        at = at.astimezone(UTC).replace(microsecond=0)
        certificate = self.issued(responder_label(authority, at))
        responder = SimpleOCSPResponder(
            responder_cert=certificate,
            responder_key=self._arch.key_set.get_private_key(KeyLabel(f"ocsp-{authority}")),
            signature_algo=choose_signed_digest("sha256", certificate.public_key),
            at_time=at,
            revinfo_interface=_Revocations(self, authority, answer),
            validity=_OCSP_VALID,
        )
        octets: bytes = responder.build_ocsp_response(ocsp.OCSPRequest.load(request)).dump()
        return octets

    def _unit(self, unit: str, at: datetime) -> Unit:
        return Unit(self.issued(unit), self._arch.key_set.get_private_key(KeyLabel(unit)), at=at.astimezone(UTC))

    def answer_stamp(self, request: bytes, *, unit: str, at: datetime) -> bytes:
        """A time-stamp response."""
        octets: bytes = self._unit(unit, at).request_tsa_response(tsp.TimeStampReq.load(request)).dump()
        return octets

    def stamp(self, digest: bytes, *, algorithm: str, unit: str, at: datetime) -> bytes:
        """A time-stamp token over a digest."""
        request = tsp.TimeStampReq(
            {
                "version": "v1",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": algorithm, "parameters": core.Null()},
                    "hashed_message": digest,
                },
                "cert_req": True,
            }
        )
        octets: bytes = self._unit(unit, at).request_tsa_response(request)["time_stamp_token"].dump()
        return octets

    def crl(self, authority: str, *, at: datetime) -> bytes:
        """The revocation list of that day, made once."""
        at = at.astimezone(UTC)
        if (authority, at.date()) not in self._lists:
            made = self._arch.service_registry.get_crl(ServiceLabel(authority), at_time=at)
            self._lists[authority, at.date()] = made.dump()
        return self._lists[authority, at.date()]
