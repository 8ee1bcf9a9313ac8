"""Parse the XML of trusted lists safely: no DTD, no entities, no network, bounded size."""

from __future__ import annotations

from lxml import etree

from signing.trust.errors import UnreadableList

__all__ = ["ADDITIONAL", "DS", "QUALIFICATION", "TSL", "XADES", "XML_LANGUAGE", "last_part", "parse", "text_of"]

TSL = "{http://uri.etsi.org/02231/v2#}"
QUALIFICATION = "{http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#}"
ADDITIONAL = "{http://uri.etsi.org/02231/v2/additionaltypes#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

# The largest national list is some 10 MB.
_LARGEST = 40 * 1024 * 1024


def parse(xml: bytes) -> etree._Element:
    """Parse a list; raises `UnreadableList` for anything but bounded XML without a document type."""
    if len(xml) > _LARGEST:
        raise UnreadableList("list.too-large", {"bytes": str(len(xml))})
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=False,
        remove_pis=False,
        recover=False,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableList("list.not-xml", {"error": str(error)}) from error
    document_type = root.getroottree().docinfo.internalDTD
    if document_type is not None:
        # Attribute defaults in a DTD can add Ids and values that the signer never saw.
        raise UnreadableList("list.document-type")
    return root


def text_of(parent: etree._Element, path: str) -> str:
    """Return the stripped text at `path`, or "" when there is none."""
    return (parent.findtext(path) or "").strip()


def last_part(uri: str) -> str:
    """Return the part behind the last slash; lists differ in the host and the case of what precedes it.

    >>> last_part("http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted")
    'granted'
    """
    return uri.rstrip("/").rpartition("/")[2]
