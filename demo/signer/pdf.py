"""PDF: PAdES baseline signatures (ETSI EN 319 142-1), each an incremental update after bytes that stay as they are.

B: a CAdES signature in the file · T: with a signature time stamp · LT: a document security store after it
(certificates, OCSP, CRLs and their VRI entry) · LTA: a document time stamp at the end.
"""

import asyncio
import hashlib
import io
from functools import partial
from typing import IO

from asn1crypto import crl, ocsp, tsp, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import Certificate
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.api import CAdESSignedAttrSpec
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, Signer
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from demo.errors import NotAPdf
from demo.pki import Person, Pki
from demo.signer._options import Level, SigningOptions

__all__ = ["PlainSigner", "sign"]


class _Stamps(TimeStamper):
    """The demo's time-stamping unit, asked in this process, at the moment wished for."""

    def __init__(self, pki: Pki, options: SigningOptions, *, later: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._pki, self._options = pki, options
        self._at = options.ocsp_time if later else options.stamp_time

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The unit's answer; over other octets where a test asks for them."""
        over = self._options.wrong.stamp_over
        if over is not None:
            algorithm = req["message_imprint"]["hash_algorithm"]["algorithm"].native
            req["message_imprint"]["hashed_message"] = hashlib.new(algorithm, over).digest()
        answer = self._pki.answer_stamp(req.dump(), unit=self._options.wrong.unit, at=self._at)
        return tsp.TimeStampResp.load(answer)


class PlainSigner(Signer):
    """A person's key; pyHanko's own signer would check an RSA key anew at each of two signatures."""

    def __init__(self, person: Person, pki: Pki) -> None:
        certificate = pki.certificate(person.key)
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register_multiple([_asn1(each) for each in pki.chain(certificate)])
        super().__init__(signing_cert=_asn1(certificate), cert_registry=registry)
        self._sign = partial(pki.sign, person.key)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002, ARG002 - pyHanko's
        """The signature's octets; also for measuring, it is quick enough."""
        return self._sign(data, digest=digest_algorithm)


class _Obedient(PdfSigner):
    """Signs whatever an earlier signature forbids: tests need such files."""

    def _enforce_certification_constraints(self, reader: PdfFileReader) -> None:
        del reader


def sign(document: bytes, *, person: Person, pki: Pki, options: SigningOptions) -> bytes:
    """The document with one more revision (two at LT, three at LTA); `NotAPdf` when it cannot be read as one."""
    if not document.startswith(b"%PDF-"):
        raise NotAPdf("The file")
    try:
        return asyncio.run(_sign(document, person, pki, options))
    except PdfReadError:
        raise NotAPdf("The file") from None


async def _sign(document: bytes, person: Person, pki: Pki, options: SigningOptions) -> bytes:
    writer = _writer(io.BytesIO(document))
    number = 1 + len(writer.prev.embedded_signatures)
    signer = _Obedient(
        PdfSignatureMetadata(
            field_name=f"Signature{number}",
            md_algorithm=options.wrong.digest,
            subfilter=SigSeedSubFilter.PADES,
            name=person.name,
            reason=options.role or None,
            cades_signed_attr_spec=CAdESSignedAttrSpec(),
            certify=options.certifies is not None,
            docmdp_permissions=MDPPerm(options.certifies or MDPPerm.FILL_FORMS),
        ),
        signer=PlainSigner(person, pki),
        timestamper=_Stamps(pki, options) if options.level.stamped else None,
    )
    session = signer.init_signing_session(writer)
    session.system_time = options.at  # the claimed time, /M
    reserved = await session.estimate_signature_container_size(None)
    to_sign = session.prepare_tbs_document(None, reserved)
    prepared, signed = to_sign.digest_tbs_document()
    done = await to_sign.perform_signature(
        prepared.document_digest,
        PdfCMSSignedAttributes(
            signing_time=options.at, cades_signed_attrs=signer.signature_meta.cades_signed_attr_spec
        ),
    )
    if options.level.long_term:
        _enclose(signed, done.sig_contents, person, pki, options)
    if options.level is Level.LTA:
        archive = PdfTimeStamper(_Stamps(pki, options, later=True))
        await archive.async_timestamp_pdf(_writer(signed), "sha256", in_place=True)
    signed.seek(0)
    octets: bytes = signed.read()
    return octets


def _writer(document: IO[bytes]) -> IncrementalPdfFileWriter:
    """What appends to a PDF; one that is encrypted with permissions only opens without a password."""
    writer = IncrementalPdfFileWriter(document)
    if writer.prev.encrypted:
        writer.encrypt("")  # type: ignore[no-untyped-call] # pyHanko has no types
    return writer


def _asn1(certificate: Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _enclose(signed: IO[bytes], contents: bytes, person: Person, pki: Pki, options: SigningOptions) -> None:
    """A document security store with what a long-term signature needs (EN 319 142-1 §5.4)."""
    certificate = pki.certificate(person.key)
    about = pki.certificate(options.wrong.ocsp_about) if options.wrong.ocsp_about else certificate
    answer = pki.ocsp(about, at=options.ocsp_time, answer=options.wrong.ocsp)
    unit = options.wrong.unit
    writer = _writer(signed)
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        contents,
        certs=[_asn1(each) for each in (certificate, *pki.helpers(certificate, unit=unit, at=options.ocsp_time))],
        ocsps=[ocsp.OCSPResponse.load(answer)],
        crls=[
            crl.CertificateList.load(each) for each in pki.authority_lists(certificate, unit=unit, at=options.ocsp_time)
        ],
    )
    writer.write_in_place()  # type: ignore[no-untyped-call] # likewise
