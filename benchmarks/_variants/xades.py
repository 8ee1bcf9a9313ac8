"""XAdES written as text, so that every blank, prefix and declaration in it is chosen; signed with the demo's keys.

Nothing of the verifier is used: canonical forms are the demo's, digests and values are computed here.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.parsers import expat

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from demo.canonical import canonicalise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.pki import Pki

__all__ = ["ALGORITHMS", "DS", "PROPERTIES", "Part", "Signer", "cut", "transform"]

DS = "http://www.w3.org/2000/09/xmldsig#"
PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_DIGESTS = {
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": f"{_MORE}sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}
# By identifier: how the demo's canonicaliser is asked.
ALGORITHMS: Mapping[str, dict[str, bool]] = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": {},
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": {"comments": True},
    "http://www.w3.org/2006/12/xml-c14n11": {"version_1_1": True},
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": {"version_1_1": True, "comments": True},
    "http://www.w3.org/2001/10/xml-exc-c14n#": {"exclusive": True},
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": {"exclusive": True, "comments": True},
}
_C14N10 = next(iter(ALGORITHMS))


def transform(prefix: str, algorithm: str, content: str = "") -> str:
    """Write one transform under a prefix of XML Signature ("" for none)."""
    return f'<{prefix}Transform Algorithm="{algorithm}">{content}</{prefix}Transform>'


@dataclass(frozen=True, slots=True)
class Part:
    """One reference. `octets` are what is digested; without them it is the element of that Id, canonicalised.

    `transforms` are written as they stand; `algorithm` and `listed` say which canonical form the last of them gives.
    `minus` names elements whose text is cut out first. A `uri` of None is left out.
    """

    uri: str | None
    transforms: str = ""
    octets: bytes | None = None
    algorithm: str = _C14N10
    listed: tuple[str, ...] = ()
    kind: str = ""
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """How a signature is written: by whom, under which prefixes ("" declares a default namespace), and with what."""

    pki: Pki
    at: datetime
    who: str = "head"
    prefix: str = "ds:"
    xades: str = "xades:"
    method: str = _C14N10
    digest: str = "sha256"
    break_lines: bool = False
    identifier: str = "S1"
    extra: str = ""
    declared: str = ""
    mime_types: Mapping[int, str] = field(default_factory=dict)

    def signature(self, parts: tuple[Part, ...], objects: str = "") -> str:
        """Write a signature whose digests and value are still to be filled in."""
        p, gap = self.prefix, "\n  " if self.break_lines else ""
        properties = Part(
            f"#{self.identifier}-sp",
            f"<{p}Transforms>{transform(p, self.method)}</{p}Transforms>",
            algorithm=self.method,
            kind=PROPERTIES,
        )
        references = "".join(self._reference(part, number) for number, part in enumerate((*parts, properties)))
        colon = f":{p[:-1]}" if p else ""
        certificate = f"<{p}X509Certificate>{_b64(self._der())}</{p}X509Certificate>"
        key = f"<{p}KeyInfo><{p}X509Data>{certificate}</{p}X509Data></{p}KeyInfo>"
        return (
            f'<{p}Signature xmlns{colon}="{DS}"{self.declared} Id="{self.identifier}">{gap}<{p}SignedInfo>{gap}'
            f'<{p}CanonicalizationMethod Algorithm="{self.method}"/>{gap}'
            f'<{p}SignatureMethod Algorithm="{self._algorithm()}"/>{gap}{references}</{p}SignedInfo>{gap}'
            f'<{p}SignatureValue Id="{self.identifier}-v">VALUE-{self.identifier}</{p}SignatureValue>{gap}{key}{gap}'
            f"<{p}Object>{self._properties()}</{p}Object>{objects}{gap}</{p}Signature>"
        )

    def fill(self, document: str, parts: tuple[Part, ...], *, places: Mapping[str, str] | None = None) -> bytes:
        """Compute digests of parts and the value over SignedInfo, and put them in.

        `places` gives documents other than this one, by URI, in which a part is to be looked up: this one without
        its signature, say.
        """
        for number, octets in enumerate(self._signed(document, parts, places or {})):
            value = _b64(hashlib.new(self.digest, octets).digest())
            document = document.replace(f"DIGEST-{self.identifier}-{number}<", f"{value}<")
        return document.replace(f"VALUE-{self.identifier}", self._value(self._info(document))).encode()

    def forms(self, document: str, parts: tuple[Part, ...], *, places: Mapping[str, str] | None = None) -> list[bytes]:
        """Return all that is signed of a document, as it is digested: each part, its properties, its SignedInfo."""
        return [*self._signed(document, parts, places or {}), self._info(document)]

    def _info(self, document: str) -> bytes:
        return _canonical(document, f"{self.identifier}/SignedInfo", self.method, (), keep=True)

    def _signed(self, document: str, parts: tuple[Part, ...], places: Mapping[str, str]) -> list[bytes]:
        found = []
        for part in (*parts, Part(f"#{self.identifier}-sp", algorithm=self.method)):
            uri = part.uri or ""
            source = places.get(uri, document)
            octets = part.octets
            if octets is None:
                octets = _canonical(source, uri.removeprefix("#"), part.algorithm, part.listed, keep=False)
            found.append(octets)
        return found

    def _reference(self, part: Part, number: int) -> str:
        p = self.prefix
        uri = f' URI="{part.uri}"' if part.uri is not None else ""
        kind = f' Type="{part.kind}"' if part.kind else ""
        named = f' Id="{self.identifier}-r{number}"'
        return (
            f"<{p}Reference{named}{uri}{kind}>{part.transforms}"
            f'<{p}DigestMethod Algorithm="{_DIGESTS[self.digest]}"/>'
            f"<{p}DigestValue>DIGEST-{self.identifier}-{number}</{p}DigestValue></{p}Reference>"
        )

    def _algorithm(self) -> str:
        kind = "rsa" if isinstance(self.pki.key(self.who), rsa.RSAPrivateKey) else "ecdsa"
        return f"{_MORE}{kind}-{self.digest}"

    def _der(self) -> bytes:
        return self.pki.certificate(self.who).public_bytes(Encoding.DER)

    def _value(self, info: bytes) -> str:
        key = self.pki.key(self.who)
        made = self.pki.sign(self.who, info, digest=self.digest)
        if not isinstance(key, rsa.RSAPrivateKey):
            width = (key.curve.key_size + 7) // 8
            made = b"".join(number.to_bytes(width) for number in decode_dss_signature(made))
        return _b64(made)

    def _properties(self) -> str:
        """Write QualifyingProperties: who, when, and an answer that the certificate was good."""
        p, x = self.prefix, self.xades
        colon = f":{x[:-1]}" if x else ""
        named = _b64(hashlib.sha256(self._der()).digest())
        answered = self.at + timedelta(minutes=5)
        certificate = self.pki.certificate(self.who)
        answer = _b64(self.pki.ocsp(certificate, at=answered))
        helpers = "".join(
            f"<{x}EncapsulatedX509Certificate>{_b64(one.public_bytes(Encoding.DER))}</{x}EncapsulatedX509Certificate>"
            for one in self.pki.helpers(certificate, unit="tsa", at=answered)
        )
        lists = "".join(
            f"<{x}EncapsulatedCRLValue>{_b64(one)}</{x}EncapsulatedCRLValue>"
            for one in self.pki.authority_lists(certificate, unit="tsa", at=answered)
        )
        # The digest's elements are of XML Signature, whichever namespace is the default here.
        d, declared = (p, "") if p and p != x else ("", f' xmlns="{DS}"')
        types = "".join(
            f'<{x}DataObjectFormat ObjectReference="#{self.identifier}-r{number}"><{x}MimeType>{kind}</{x}MimeType>'
            f"</{x}DataObjectFormat>"
            for number, kind in self.mime_types.items()
        )
        described = f"<{x}SignedDataObjectProperties>{types}</{x}SignedDataObjectProperties>" if types else ""
        return (
            f'<{x}QualifyingProperties xmlns{colon}="{_XADES}" Target="#{self.identifier}"><{x}SignedProperties '
            f'Id="{self.identifier}-sp"><{x}SignedSignatureProperties>'
            f"<{x}SigningTime>{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</{x}SigningTime>"
            f"<{x}SigningCertificateV2><{x}Cert><{x}CertDigest>"
            f'<{d}DigestMethod{declared} Algorithm="{_DIGESTS["sha256"]}"/>'
            f"<{d}DigestValue{declared}>{named}</{d}DigestValue></{x}CertDigest></{x}Cert></{x}SigningCertificateV2>"
            f"{self.extra}</{x}SignedSignatureProperties>{described}</{x}SignedProperties><{x}UnsignedProperties>"
            f"<{x}UnsignedSignatureProperties><{x}CertificateValues>{helpers}</{x}CertificateValues>"
            f"<{x}RevocationValues><{x}CRLValues>{lists}</{x}CRLValues><{x}OCSPValues><{x}EncapsulatedOCSPValue>"
            f"{answer}</{x}EncapsulatedOCSPValue></{x}OCSPValues></{x}RevocationValues></{x}UnsignedSignatureProperties>"
            f"</{x}UnsignedProperties></{x}QualifyingProperties>"
        )


def _canonical(document: str, wanted: str, algorithm: str, listed: tuple[str, ...], *, keep: bool) -> bytes:
    """Canonicalise the element of an Id, or the child of that name of one (Id/name), or all of it.

    A reference leaves comments out, whatever it says (XML Signature §4.4.3.3); `keep` is for SignedInfo.
    """
    how = dict(ALGORITHMS[algorithm])
    if not keep:
        how.pop("comments", None)
    element = _number(document, wanted) if wanted else None
    return canonicalise(document.encode(), element=element, prefixes=listed, **how)


def _number(document: str, wanted: str) -> int:
    identifier, _, name = wanted.partition("/")
    found: list[int] = []
    seen = [0, 0]  # elements so far; 1 once the element of that Id has begun

    def start(tag: str, attributes: dict[str, str]) -> None:
        seen[1] |= identifier in {attributes.get("Id"), attributes.get("xml:id")}
        if seen[1] and not found and name in {"", tag.rpartition(":")[2]}:
            found.append(seen[0])
        seen[0] += 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(document.encode(), True)
    return found[0]


def _b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def cut(document: str, identifier: str = "S1") -> str:
    """Take a signature written here out of a document, as the enveloped-signature transform does."""
    pattern = rf'<(\w+:)?Signature xmlns[^>]*\sId="{identifier}">.*?</(\w+:)?Signature>'
    return re.sub(pattern, "", document, count=1, flags=re.DOTALL)
