"""The demo's OCSP responders, stamping units and revocation lists, in this process and over real HTTP."""

import hashlib
import json
import subprocess
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from demo.pki import Answer, Pki, Server, Trouble, Twist

_GOOD, _REVOKED, _UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


def _asked(pki: Pki, who: str, at: datetime, answer: Answer = Answer.TRUE) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(pki.ocsp(pki.certificate(who), at=at, answer=answer))


def _fetch(url: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(url, data=body, timeout=10) as answer:  # noqa: S310 - our own loopback server
        octets: bytes = answer.read()
        return octets


def _pem(folder: Path, name: str, certificate: x509.Certificate) -> Path:
    path = folder / f"{name}.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path


def _openssl(*arguments: str | Path) -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(("who", "status"), [("head", _GOOD), ("revoked", _REVOKED), ("suspended", _REVOKED)])
def test_the_responder_tells_the_truth(pki: Pki, who: str, status: ocsp.OCSPCertStatus) -> None:
    assert _asked(pki, who, pki.epoch).certificate_status is status


def test_what_was_revoked_later_was_good_before(pki: Pki) -> None:
    assert _asked(pki, "revoked-later", pki.epoch - timedelta(days=10)).certificate_status is _GOOD
    assert _asked(pki, "revoked-later", pki.epoch).certificate_status is _REVOKED


def test_a_suspension_says_that_it_is_one(pki: Pki) -> None:
    answer = _asked(pki, "suspended", pki.epoch)

    assert answer.revocation_reason is x509.ReasonFlags.certificate_hold
    assert answer.revocation_time_utc == pki.epoch - timedelta(days=20)


def test_the_responder_can_be_made_to_say_something_else(pki: Pki) -> None:
    assert _asked(pki, "head", pki.epoch, Answer.UNKNOWN).certificate_status is _UNKNOWN
    assert _asked(pki, "head", pki.epoch, Answer.REVOKED).certificate_status is _REVOKED


def test_an_answer_is_signed_by_the_responder_of_that_month(pki: Pki) -> None:
    last_year = pki.epoch - timedelta(days=365)
    answer = _asked(pki, "head", last_year)
    (responder,) = answer.certificates

    assert answer.produced_at_utc == last_year
    assert responder == pki.responder("eid", at=last_year)
    assert responder.not_valid_before_utc <= last_year <= responder.not_valid_after_utc
    responder.verify_directly_issued_by(pki.certificate("eid"))


def test_the_revocation_list_names_the_revoked_and_nobody_else(pki: Pki) -> None:
    revoked = x509.load_der_x509_crl(pki.crl("eid", at=pki.epoch))

    assert {each.serial_number for each in revoked} == {
        pki.certificate(who).serial_number for who in ("revoked", "suspended", "revoked-later")
    }
    assert revoked.is_signature_valid(pki.certificate("eid").public_key())  # type: ignore[arg-type]


@pytest.mark.parametrize(("unit", "root"), [("tsa", "root"), ("tsa-plain", "root"), ("tsa-unlisted", "unlisted")])
def test_openssl_believes_a_stamp(pki: Pki, tmp_path: Path, unit: str, root: str) -> None:
    data, token = tmp_path / "data", tmp_path / "token"
    data.write_bytes(b"what is stamped")
    token.write_bytes(pki.stamp(hashlib.sha256(b"what is stamped").digest(), at=pki.epoch, unit=unit))
    trusted = _pem(tmp_path, "root", pki.certificate(root))
    moment = str(int(pki.epoch.timestamp()))

    said = _openssl("ts", "-verify", "-attime", moment, "-data", data, "-in", token, "-token_in", "-CAfile", trusted)
    assert "Verification: OK" in said
    data.write_bytes(b"something else")
    said = _openssl("ts", "-verify", "-attime", moment, "-data", data, "-in", token, "-token_in", "-CAfile", trusted)
    assert "message imprint mismatch" in said


def test_openssl_asks_the_responder_over_http(pki_server: Server, tmp_path: Path) -> None:
    pki = pki_server.built
    said = _openssl(
        "ocsp",
        "-issuer",
        _pem(tmp_path, "eid", pki.certificate("eid")),
        "-cert",
        _pem(tmp_path, "head", pki.certificate("head")),
        "-url",
        f"{pki_server.url}/demo/ocsp/eid",
        "-CAfile",
        _pem(tmp_path, "root", pki.certificate("root")),
    )
    assert "Response verify OK" in said
    assert "head.pem: good" in said


def test_every_address_in_a_certificate_answers(pki_server: Server) -> None:
    pki = pki_server.built
    certificate = pki.certificate("user")
    addresses = {
        each.access_method.dotted_string: str(each.access_location.value)
        for each in certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    }
    (point,) = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    by = hashes.SHA1()  # noqa: S303 - CertID, as everybody sends it
    issuer = pki.issuer(certificate)
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, by).build()
    question = request.public_bytes(serialization.Encoding.DER)

    assert x509.load_der_x509_certificate(_fetch(addresses["1.3.6.1.5.5.7.48.2"])) == issuer
    answer = ocsp.load_der_ocsp_response(_fetch(addresses["1.3.6.1.5.5.7.48.1"], question))
    assert answer.certificate_status is _GOOD
    assert x509.load_der_x509_crl(_fetch(str(point.full_name[0].value))).issuer == issuer.subject


@pytest.mark.parametrize(
    ("trouble", "path"),
    [
        (Trouble(ocsp="off"), "/demo/ocsp/eid"),
        (Trouble(stamps="off"), "/demo/tsa/tsa"),
        (Trouble(crls="off"), "/demo/crls/eid/latest.crl"),
        (Trouble(lists="off"), "/lists/lv.xml"),
    ],
)
def test_a_service_that_is_off_answers_503(pki_server: Server, trouble: Trouble, path: str) -> None:
    pki_server.trouble = trouble

    with pytest.raises(urllib.error.HTTPError) as refused:
        _fetch(pki_server.url + path, b"question")
    refused.value.close()
    assert refused.value.code == 503


def test_trouble_can_be_made_from_outside(pki_server: Server) -> None:
    said = json.loads(_fetch(f"{pki_server.url}/trouble", b"ocsp=revoked&lists=off"))

    assert said == {"ocsp": "revoked", "stamps": "on", "crls": "on", "lists": "off"}
    assert pki_server.trouble == Trouble(ocsp="revoked", lists="off")


@pytest.mark.parametrize("body", [b"ocsp=maybe", b"weather=off"])
def test_trouble_nobody_knows_is_refused(pki_server: Server, body: bytes) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        _fetch(f"{pki_server.url}/trouble", body)
    refused.value.close()
    assert refused.value.code == 400
    assert pki_server.trouble == Trouble()


@pytest.mark.parametrize("path", ["/demo/ocsp/eid", "/demo/tsa/tsa"])
def test_nonsense_is_answered_as_such(pki_server: Server, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        _fetch(pki_server.url + path, b"nonsense")
    refused.value.close()
    assert refused.value.code == 400


def test_the_served_list_can_be_twisted(pki_server: Server) -> None:
    pki_server.twist = Twist(sequence=7)
    assert b"<TSLSequenceNumber>7<" in _fetch(f"{pki_server.url}/lists/lv.xml")


def test_the_served_pki_lives_by_the_clock_on_the_wall(pki_server: Server) -> None:
    assert abs(datetime.now(UTC) - pki_server.built.epoch) < timedelta(hours=2)
