"""A time-stamping unit as Latvia's answers (RFC 3161, ETSI EN 319 422): SHA-256 throughout, ESSCertIDv2, whole seconds.

certomancer's own names the unit's certificate by SHA-1, which strict validators warn about, always includes it and has
no accuracy. It is the base class here, and the token is built anew.
"""

import hashlib
import secrets
from datetime import datetime

from asn1crypto import algos, cms, core, keys, tsp, x509  # type: ignore[import-untyped]
from certomancer.crypto_utils import generic_sign
from certomancer.services import TimeStamper

__all__ = ["Unit"]

_POLICY = "2.999.3.1"  # the arc reserved for examples
_SERIAL_BITS = 63


class Unit(TimeStamper):
    """One time-stamping unit at one moment."""

    def __init__(self, certificate: x509.Certificate, key: keys.PrivateKeyInfo, *, at: datetime) -> None:
        super().__init__(tsa_cert=certificate, tsa_key=key, fixed_dt=at.replace(microsecond=0))

    def request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Stamp whatever imprint the request holds."""
        info = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": req["message_imprint"],
            "serial_number": secrets.randbits(_SERIAL_BITS),
            "gen_time": self.fixed_dt,
            "accuracy": {"seconds": 1},
            "tsa": x509.GeneralName(name="directory_name", value=self.tsa_cert.subject),
        }
        if req["nonce"].native is not None:
            info["nonce"] = req["nonce"]
        content = tsp.TSTInfo(info).dump()
        token = cms.ContentInfo(
            {"content_type": "signed_data", "content": self._signed(content, enclose=req["cert_req"].native)}
        )
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})

    def _signed(self, content: bytes, *, enclose: bool) -> cms.SignedData:
        own = {"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": hashlib.sha256(self.tsa_cert.dump()).digest()}
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("signing_time", cms.Time({"utc_time": core.UTCTime(self.fixed_dt)})),
                _attribute("message_digest", hashlib.sha256(content).digest()),
                _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [own]})),
            ]
        )
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": {
                        "issuer": self.tsa_cert.issuer,
                        "serial_number": self.tsa_cert.serial_number,
                    }
                }
            ),
            "digest_algorithm": digest,
            "signature_algorithm": self.signature_algo,
            "signed_attrs": attributes,
            "signature": generic_sign(self.tsa_key, attributes.dump(), self.signature_algo),
        }
        signed = {
            "version": "v3",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(content)},
            "signer_infos": [signer],
        }
        if enclose:
            signed["certificates"] = [self.tsa_cert]
        return cms.SignedData(signed)


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": (value,)})
