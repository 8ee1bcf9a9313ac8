"""Was this list signed as a whole by one of the announced signers (TS 119 612 §5.7, annex B)?

(1) plain XML, no document type;
(2) the one signature in the document is the last child of its root;
(3) made by one of the announced certificates, whose validity spans the moment the list was issued;
(4) over exactly two things: the whole document less this signature, and its own signed properties;
(5) what is read afterwards is what was signed, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from signing.pki.certificates import Certificate, UnreadableCertificate
from signing.trust.errors import UnverifiedList
from signing.trust.reading import read_tree
from signing.trust.tsl_xml import DS, TSL, XADES, parse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from signing.trust.model import TrustedList

__all__ = ["verify_list"]

_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CANONICAL = frozenset(
    {
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
    }
)
_SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"


def verify_list(xml: bytes, signers: Sequence[Certificate], *, at: datetime) -> TrustedList:
    """Read a list that one of `signers` signed; raises `UnverifiedList` or `UnreadableList`, each with its reason."""
    root = parse(xml)  # (1)
    signature = _only_signature(root)  # (2)
    _demand_whole_document(root, signature)  # (4), before the signature is verified
    signer = _announced(signature, signers)  # (3)
    signed_root = _verified(root, signer)
    trusted_list = read_tree(signed_root, sha256=hashlib.sha256(xml).hexdigest())  # (5)
    if not signer.valid_at(trusted_list.issued):
        raise UnverifiedList("list.signer-not-valid", {"signer": signer.common_name})
    if trusted_list.issued > at:
        raise UnverifiedList("list.issued-in-future", {"issued": trusted_list.issued.isoformat()})
    return trusted_list


def _only_signature(root: etree._Element) -> etree._Element:
    if root.tag != TSL + "TrustServiceStatusList":
        raise UnverifiedList("list.not-a-trusted-list")
    everywhere = list(root.iter(DS + "Signature"))
    elements = list(root.iterchildren("*"))
    if len(everywhere) != 1 or not elements or elements[-1] is not everywhere[0]:
        raise UnverifiedList("list.signature-misplaced", {"signatures": str(len(everywhere))})
    return everywhere[0]


def _demand_whole_document(root: etree._Element, signature: etree._Element) -> None:
    """Demand the references every list has, with transforms that leave out nothing but the signature.

    They are to the whole document and to the SignedProperties; one to KeyInfo is harmless.
    """
    properties = signature.findall(f"{DS}Object/{XADES}QualifyingProperties/{XADES}SignedProperties")
    key_info = signature.find(DS + "KeyInfo")
    if len(properties) != 1 or key_info is None:
        raise UnverifiedList("list.references", {"missing": "SignedProperties"})
    names = {
        "": "document",
        f"#{root.get('Id', '')}": "document",
        f"#{properties[0].get('Id', '')}": "properties",
        f"#{key_info.get('Id', '')}": "key",
    }
    names.pop("#", None)
    found: dict[str, etree._Element] = {}
    for reference in signature.iterfind(f"{DS}SignedInfo/{DS}Reference"):
        name = names.get(reference.get("URI", "none"), "")
        if not name or name in found:
            raise UnverifiedList("list.partly-signed", {"reference": reference.get("URI", "")})
        found[name] = reference
    if "document" not in found or "properties" not in found or found["properties"].get("Type") != _SIGNED_PROPERTIES:
        raise UnverifiedList("list.partly-signed", {"references": " ".join(found)})
    transforms = _transforms(found.pop("document"))
    if transforms[:1] != [_ENVELOPED] or len(transforms) > 2 or not _CANONICAL.issuperset(transforms[1:]):  # noqa: PLR2004 - enveloped, then one canonicalisation
        raise UnverifiedList("list.partly-signed", {"transforms": " ".join(transforms)})
    for reference in found.values():
        if not _CANONICAL.issuperset(_transforms(reference)):
            raise UnverifiedList("list.partly-signed", {"transforms": " ".join(_transforms(reference))})


def _transforms(reference: etree._Element) -> list[str]:
    return [one.get("Algorithm", "") for one in reference.iterfind(f"{DS}Transforms/{DS}Transform")]


def _announced(signature: etree._Element, signers: Sequence[Certificate]) -> Certificate:
    """Find the announced certificate that KeyInfo names; any other certificate in the file does not count."""
    by_digest = {signer.sha256: signer for signer in signers}
    for element in signature.iterfind(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate"):
        try:
            der = base64.b64decode("".join((element.text or "").split()), validate=True)
            named = Certificate.from_der(der)
        except ValueError:  # not base64, or no certificate
            continue
        if named.sha256 in by_digest:
            return by_digest[named.sha256]
    raise UnverifiedList("list.signer-not-announced")


def _verified(root: etree._Element, signer: Certificate) -> etree._Element:
    configuration = XAdESSignatureConfiguration(
        location="./",
        expect_references=True,
        # Its validity is checked afterwards, at the list's issue date, with an error of its own.
        verification_time=signer.not_before,
    )
    try:
        strict = signer.x509
    except UnreadableCertificate as error:  # signxml reads certificates with `cryptography` alone
        raise UnverifiedList("list.signer-unreadable", {"signer": signer.common_name}) from error
    try:
        results = XAdESVerifier().verify(root, x509_cert=strict, expect_config=configuration, validate_schema=False)
    except (SignXMLException, UnsupportedAlgorithm, ValueError, TypeError, etree.LxmlError) as error:
        raise UnverifiedList("list.signature-broken", {"error": str(error)}) from error
    signed = [result.signed_xml for result in results if result.signed_xml is not None]
    lists = [element for element in signed if element.tag == TSL + "TrustServiceStatusList"]
    if len(lists) != 1:
        raise UnverifiedList("list.partly-signed", {"reference": "none to the list"})
    return lists[0]
