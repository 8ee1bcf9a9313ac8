"""Containers: ASiC-E with XAdES (ETSI EN 319 162-1), written as Latvian software writes them.

mimetype (first, stored) · the data files · META-INF/manifest.xml · META-INF/edoc-signatures-S1.xml, …-S2.xml, …
"""

import hashlib
import io
import mimetypes
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from lxml import etree

from demo.errors import NotAContainer
from demo.pki import Person, Pki
from demo.signer._options import Level, SigningOptions
from demo.xmlsig import (
    C14N10,
    C14N11,
    DS,
    XADES,
    XADES141,
    Means,
    Properties,
    Reference,
    b64,
    canonical,
    sub,
    write_signature,
)

__all__ = ["ASICE", "add_signature", "sign_container"]

ASICE = "application/vnd.etsi.asic-e+zip"
_ASIC = "http://uri.etsi.org/02918/v1.2.1#"
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_SIGNATURES = re.compile(r"META-INF/[^/]*signatures[^/]*\.xml")

Files = Sequence[tuple[str, bytes]]


def sign_container(files: Files, *, person: Person, pki: Pki, options: SigningOptions, names: str) -> bytes:
    """A new container with these files, signed once; `names` is how signature files are called: `signatures{}.xml`."""
    manifest = etree.Element(f"{{{_MANIFEST}}}manifest", nsmap={"manifest": _MANIFEST})
    manifest.set(f"{{{_MANIFEST}}}version", "1.2")
    for name, media_type in (("/", ASICE), *((name, media_type_of(name)) for name, _ in files)):
        entry = sub(manifest, _MANIFEST, "file-entry")
        entry.set(f"{{{_MANIFEST}}}full-path", name)
        entry.set(f"{{{_MANIFEST}}}media-type", media_type)
    entries = [("mimetype", ASICE.encode()), *files, ("META-INF/manifest.xml", _document(manifest))]
    entries.append((f"META-INF/{names.format(1)}", _signature_file(files, person, pki, options, "S1")))
    return _zip(entries, at=options.at)


def add_signature(container: bytes, *, person: Person, pki: Pki, options: SigningOptions, names: str) -> bytes:
    """The same container with one signature more, all entries byte for byte as before; `NotAContainer` for others."""
    try:
        with zipfile.ZipFile(io.BytesIO(container)) as archive:
            entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except zipfile.BadZipFile:
        raise NotAContainer("the file") from None
    if not entries or entries[0] != ("mimetype", ASICE.encode()):
        raise NotAContainer("the file")
    files = [(name, content) for name, content in entries if name != "mimetype" and not name.startswith("META-INF/")]
    number = 1 + sum(bool(_SIGNATURES.fullmatch(name)) for name, _ in entries)
    entries.append((f"META-INF/{names.format(number)}", _signature_file(files, person, pki, options, f"S{number}")))
    return _zip(entries, at=options.at)


def media_type_of(name: str) -> str:
    """The media type a name suggests."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _zip(entries: Files, *, at: datetime) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, date_time=at.astimezone(UTC).timetuple()[:6])
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def _document(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _signature_file(files: Files, person: Person, pki: Pki, options: SigningOptions, identifier: str) -> bytes:
    wrong = options.wrong
    certificate = pki.certificate(person.key)
    root = etree.Element(f"{{{_ASIC}}}XAdESSignatures", nsmap={"asic": _ASIC, "ds": DS, "xades": XADES})
    covered = [(name, content) for name, content in files if options.covers is None or name in options.covers]
    qualifying = write_signature(
        root,
        identifier=identifier,
        references=tuple(
            Reference(uri=quote(name), content=content, media_type=media_type_of(name)) for name, content in covered
        ),
        properties=Properties(
            claimed_at=options.at,
            named=pki.certificate(wrong.named) if wrong.named else certificate,
            version=options.certificate_version,
            role=options.role,
        ),
        means=Means(
            key=pki.key(person.key),
            certificate=certificate,
            digest=wrong.digest,
            method=C14N11,
            properties_signed=not wrong.properties_unsigned,
        ),
    )
    if options.level.stamped:
        unsigned = sub(sub(qualifying, XADES, "UnsignedProperties"), XADES, "UnsignedSignatureProperties")
        _stamp(unsigned, root, pki, options, identifier)
        if options.level.long_term:
            _enclose(unsigned, certificate, pki, options)
        if options.level is Level.LTA:
            _archive(unsigned, root, [content for _, content in covered], pki, options, identifier)
    return _document(root)


def _stamp(unsigned: etree._Element, root: etree._Element, pki: Pki, options: SigningOptions, identifier: str) -> None:
    """SignatureTimeStamp: over the canonical ds:SignatureValue (EN 319 132-1 §5.3)."""
    stamp = sub(unsigned, XADES, "SignatureTimeStamp", Id=f"{identifier}-TS1")
    sub(stamp, DS, "CanonicalizationMethod", Algorithm=C14N11)
    value = root.find(f".//{{{DS}}}SignatureValue")
    if value is None:
        raise AssertionError(identifier)
    over = options.wrong.stamp_over if options.wrong.stamp_over is not None else canonical(value, C14N11)
    token = pki.stamp(hashlib.sha256(over).digest(), at=options.stamp_time, unit=options.wrong.unit)
    sub(stamp, XADES, "EncapsulatedTimeStamp", b64(token))


def _enclose(unsigned: etree._Element, certificate: x509.Certificate, pki: Pki, options: SigningOptions) -> None:
    """CertificateValues and RevocationValues: the chain, the responder, one OCSP answer about the signer (§5.4)."""
    about = pki.certificate(options.wrong.ocsp_about) if options.wrong.ocsp_about else certificate
    answer = pki.ocsp(about, at=options.ocsp_time, answer=options.wrong.ocsp)
    values = sub(unsigned, XADES, "CertificateValues")
    for each in pki.helpers(certificate, unit=options.wrong.unit, at=options.ocsp_time):
        sub(values, XADES, "EncapsulatedX509Certificate", b64(each.public_bytes(serialization.Encoding.DER)))
    revocation = sub(unsigned, XADES, "RevocationValues")
    if lists := pki.authority_lists(certificate, unit=options.wrong.unit, at=options.ocsp_time):
        crls = sub(revocation, XADES, "CRLValues")
        for octets in lists:
            sub(crls, XADES, "EncapsulatedCRLValue", b64(octets))
    sub(sub(revocation, XADES, "OCSPValues"), XADES, "EncapsulatedOCSPValue", b64(answer))


def _archive(
    unsigned: etree._Element,
    root: etree._Element,
    covered: list[bytes],
    pki: Pki,
    options: SigningOptions,
    identifier: str,
) -> None:
    """ArchiveTimeStamp (EN 319 132-1 §5.5.2.2): data, properties, SignedInfo, value, key, then the unsigned so far."""
    signed = [root.find(f".//{{{DS}}}{name}") for name in ("SignedInfo", "SignatureValue", "KeyInfo")]
    properties = root.find(f".//{{{XADES}}}SignedProperties")
    octets = b"".join(covered)
    if properties is not None:
        octets += canonical(properties, C14N10)
    for element in (*signed, *unsigned):
        if element is not None:
            octets += canonical(element, C14N11)
    stamp = etree.SubElement(
        unsigned, f"{{{XADES141}}}ArchiveTimeStamp", {"Id": f"{identifier}-ATS1"}, {"xades141": XADES141}
    )
    sub(stamp, DS, "CanonicalizationMethod", Algorithm=C14N11)
    token = pki.stamp(hashlib.sha256(octets).digest(), at=options.ocsp_time, unit=options.wrong.unit)
    sub(stamp, XADES, "EncapsulatedTimeStamp", b64(token))
