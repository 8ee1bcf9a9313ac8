"""What an archive stamp of CAdES keeps alive: what its index names, and nothing that was put beside it later."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import pytest
from asn1crypto import cms, core  # type: ignore[import-untyped] # it has no types

from signing.asn1 import tlv as asn1
from signing.cms.archive_timestamps import archive_octets
from signing.cms.cades import CmsContent, read_signer
from signing.cms.signed_data import ocsp_response_around, read_signed_data

if TYPE_CHECKING:
    from demo.pki import Pki

OCSP_RESPONSE, OCSP_BASIC = "1.3.6.1.5.5.7.16.2", "1.3.6.1.5.5.7.48.1.1"


class _Digests(core.SequenceOf):  # type: ignore[misc] # likewise
    _child_spec = core.OctetString


class _Index(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [
        ("algorithm", cms.DigestAlgorithm),
        ("certificates", _Digests),
        ("revocation", _Digests),
        ("attributes", _Digests),
    ]


def entry(kind: str, response: bytes) -> bytes:
    """An OtherRevocationInfoFormat as it stands in SignedData.crls."""
    inside: bytes = core.ObjectIdentifier(kind).dump() + response
    return bytes((0xA1, len(inside))) + inside


def stamp(pki: Pki, *revocation: bytes, hash_name: str = "sha256") -> bytes:
    """A token whose index names these entries."""
    index = _Index(
        {
            "algorithm": {"algorithm": hash_name},
            "certificates": [],
            "revocation": [hashlib.new(hash_name, one).digest() for one in revocation],
            "attributes": [],
        }
    )
    token = cms.ContentInfo.load(pki.stamp(bytes(32), at=pki.epoch))
    attribute = cms.CMSAttribute({"type": "0.4.0.19122.1.5", "values": [index]})
    token["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([attribute])
    made: bytes = token.dump(force=True)
    return made


@pytest.mark.parametrize(
    ("kind", "known_as"), [(OCSP_RESPONSE, bytes), (OCSP_BASIC, ocsp_response_around)], ids=["response", "basic"]
)
def test_an_answer_added_after_the_stamp_is_not_kept_alive_by_it(pki: Pki, kind: str, known_as: type[bytes]) -> None:
    early, late = core.OctetString(b"early").dump(), core.OctetString(b"late").dump()
    token = stamp(pki, entry(kind, early))
    signed = replace(
        read_signed_data(token),
        ocsps=(known_as(early), known_as(late)),
        revocation_ders=(entry(kind, early), entry(kind, late)),
    )
    octets, proven, _ = archive_octets(token, signed, signed.signers[0], lambda _: b"")
    assert octets
    assert hashlib.sha256(known_as(early)).hexdigest() in proven
    assert hashlib.sha256(known_as(late)).hexdigest() not in proven


@pytest.mark.parametrize("name", ["sha256", "sha1"])
def test_the_hash_of_the_index_is_one_the_stamp_rests_on(pki: Pki, name: str) -> None:
    """Collisions of an outdated one would let other evidence pass for what was stamped."""
    made, _ = asn1.read(stamp(pki, hash_name=name))
    signed = read_signed_data(made.whole)
    signer = replace(signed.signers[0], unsigned={"0.4.0.1733.2.4": (made,)})
    facts = read_signer(signed, signer, CmsContent.of(b""), format_name="CAdES", identifier="x")
    assert set(facts.stamps[0].digest_names) == {"sha256", name}
