"""The ways in which real authorities leave strict DER, each as a change of a tree of `der_tree` in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks._variants.der_tree import Node, Raw, parse, tlv

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Odd", "certificate_oddities", "crl_oddities", "ocsp_oddities"]

_SHA256 = bytes.fromhex("0609608648016503040201")
# RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 octets (RFC 4055 §3.1)
_PSS_ALGORITHM = [
    Node(0x06, bytes.fromhex("2a864886f70d01010a")),
    Node(
        0x30,
        parts=[
            Node(0xA0, parts=[Node(0x30, parts=[Node(0x06, _SHA256[2:])])]),
            Node(
                0xA1,
                parts=[
                    Node(
                        0x30,
                        parts=[
                            Node(0x06, bytes.fromhex("2a864886f70d010108")),
                            Node(0x30, parts=[Node(0x06, _SHA256[2:])]),
                        ],
                    )
                ],
            ),
            Node(0xA2, parts=[Node(0x02, b"\x20")]),
        ],
    ),
]
_FALSE, _NULL = Node(0x01, b"\0"), Node(0x05)


@dataclass(frozen=True, slots=True)
class Odd:
    """One way to write something. `witnessed` is False where openssl refuses what X.690 gives one meaning.

    `how` it is signed: "pss", "no NULL" in DigestInfo, "garbage" behind DigestInfo, or as its algorithm says.
    """

    name: str
    change: Callable[[Node], None]
    witnessed: bool = True
    honest: bool = True
    how: str = ""


# Where the algorithm stands once more in what is signed (RFC 5280 §4.1.2.3, §5.1.2.2).
_IN_CERTIFICATE, _IN_CRL = 2, 1


def _extensions(tree: Node) -> Node:
    return next(one for one in tree[0].parts if one.tag == 0xA3)[0]  # noqa: PLR2004 - [3]


def _extension(tree: Node, oid: str) -> Node:
    wanted = bytes.fromhex(oid)
    return next(one for one in _extensions(tree).parts if one[0].content == wanted)


def _every_false(node: Node) -> None:
    for one in node.parts:
        if len(one.parts) == 2:  # noqa: PLR2004 - identifier and value
            one.parts.insert(1, _FALSE)


def _value(oid: str, value: bytes) -> Callable[[Node], None]:
    def change(tree: Node) -> None:
        _extension(tree, oid).parts[-1].content = value

    return change


def _added(oid: str, value: bytes, *, critical: bool = False) -> Callable[[Node], None]:
    def change(tree: Node) -> None:
        parts = [Node(0x06, bytes.fromhex(oid)), *([Node(0x01, b"\xff")] if critical else []), Node(0x04, value)]
        _extensions(tree).parts.append(Node(0x30, parts=parts))

    return change


def _name(retag: int, codec: str, *, tail: bytes = b"") -> Callable[[Node], None]:
    """Write the surname and common name as a string of another kind; the letters are those it has."""

    def change(tree: Node) -> None:
        for rdn in tree[0][5].parts:
            kind, value = rdn[0].parts
            if kind.content in {b"\x55\x04\x03", b"\x55\x04\x04"}:
                text = value.content.decode().replace("Ņ", "Ö").replace("Ē", "É").replace("Ģ", "G").replace("Ā", "À")
                value.tag, value.content = retag, text.encode(codec) + tail

    return change


def _unsorted(tree: Node) -> None:
    pair = tree[0][5].parts[-1]
    organisation = Node(0x30, parts=[Node(0x06, b"\x55\x04\x0a"), Node(0x0C, b"Skola")])
    pair.parts.insert(0, Node(0x30, parts=[Node(0x06, b"\x55\x04\x0d"), Node(0x0C, b"x" * 40)]))
    pair.parts.insert(1, organisation)


def _address(tree: Node) -> None:
    lines = Node(0x30, parts=[Node(0x0C, b"Skolas iela 1")])
    attribute = Node(0x30, parts=[Node(0x06, b"\x55\x04\x10"), lines])
    tree[0][5].parts.append(Node(0x31, parts=[attribute]))


def _times(not_before: Node, not_after: Node) -> Callable[[Node], None]:
    def change(tree: Node) -> None:
        tree[0][4].parts = [not_before, not_after]

    return change


def _algorithms(change: Callable[[list[Node]], list[Node]], *, copy_at: int | None = None) -> Callable[[Node], None]:
    """Change the signature algorithm, and its copy in what is signed, where there is one."""

    def changed(tree: Node) -> None:
        for one in (tree[1], *(() if copy_at is None else (tree[0][copy_at],))):
            one.parts = change(one.parts)

    return changed


def _in_serial(tree: Node) -> None:
    tree[0][1].content = b"\0\0" + tree[0][1].content


def _spare(*path: int) -> Callable[[Node], None]:
    def change(tree: Node) -> None:
        node = tree
        for step in path:
            node = node[step]
        node.spare = 1

    return change


def _indefinite(*path: int) -> Callable[[Node], None]:
    def change(tree: Node) -> None:
        node = tree
        for step in path:
            node = node[step]
        node.indefinite = True

    return change


def _critical_one(tree: Node) -> None:
    for one in _extensions(tree).parts:
        if one[1].tag == 0x01:
            one[1].content = b"\x01"


def _modulus(tree: Node) -> None:
    """Write an RSA modulus without the octet that makes it positive."""
    bits = tree[0][6][1]
    key = parse(bits.content[1:])
    key[0].content = key[0].content.lstrip(b"\0")
    bits.content = b"\0" + key.der()


def _statement(tree: Node) -> None:
    held = _extension(tree, "2b06010505070103").parts[-1]
    statements = parse(held.content)
    private = Node(0x30, parts=[Node(0x06, b"\x88\x37\x63"), Node(0x30, parts=[Node(0x16, b"private"), Node(0x05)])])
    statements.parts.append(private)
    held.content = statements.der()


def _policy(qualifier: bytes) -> Callable[[Node], None]:
    def change(tree: Node) -> None:
        held = _extension(tree, "551d20").parts[-1]
        policies = parse(held.content)
        policies.parts[0].parts[1:] = [Raw(0x30, tlv(0x30, qualifier))]
        held.content = policies.der()

    return change


_NOTICE = bytes.fromhex("06082b06010505070202")
_POLICY, _USAGE, _BASIC, _POINTS, _ALT, _ACCESS, _AKI = (
    "551d20", "551d0f", "551d13", "551d1f", "551d11", "2b06010505070101", "551d23",
)  # fmt: skip
_SINCE, _UNTIL = Node(0x17, b"240101000000Z"), Node(0x17, b"290101000000Z")
_X400 = tlv(0x30, tlv(0xA3, tlv(0x30, b"")) + tlv(0xA5, tlv(0xA1, tlv(0x0C, b"x"))))


def certificate_oddities(*, rsa: bool) -> list[Odd]:
    """All ways for a certificate whose issuer signs with RSA (and whose key is RSA), or with ECDSA."""
    kind = (
        [
            Odd("RSA without NULL", _algorithms(lambda parts: parts[:1], copy_at=_IN_CERTIFICATE)),
            Odd("modulus without its zero", _modulus, witnessed=False),
            Odd("RSASSA-PSS", _algorithms(lambda _: _PSS_ALGORITHM, copy_at=_IN_CERTIFICATE), how="pss"),
            Odd("DigestInfo without NULL", lambda _: None, how="no NULL", witnessed=False),
            Odd("garbage behind DigestInfo", lambda _: None, how="garbage", honest=False),
        ]
        if rsa
        else [Odd("ECDSA with NULL", _algorithms(lambda parts: [parts[0], _NULL], copy_at=_IN_CERTIFICATE))]
    )
    return [
        Odd("critical FALSE", lambda tree: _every_false(_extensions(tree))),
        *kind,
        Odd("T61String", _name(0x14, "latin-1")),
        Odd("cA FALSE written out", _value(_BASIC, tlv(0x30, tlv(0x01, b"\0")))),
        Odd("notice in Latin-1", _policy(tlv(0x30, _NOTICE + tlv(0x30, tlv(0x1A, b"Zi\xf2a"))))),
        Odd("PrintableString with Latin-1", _name(0x13, "latin-1")),
        Odd("BMPString", _name(0x1E, "utf-16-be")),
        Odd("UniversalString", _name(0x1C, "utf-32-be")),
        Odd("IA5String with Latin-1", _name(0x16, "latin-1")),
        Odd("UTF8String that is none", _name(0x0C, "utf-8", tail=b"\xff"), witnessed=False),
        Odd("RDN not sorted", _unsorted),
        Odd("postalAddress", _address),
        Odd("UTCTime without seconds", _times(Node(0x17, b"2401010000Z"), _UNTIL), witnessed=False),
        Odd("UTCTime with an offset", _times(Node(0x17, b"240101020000+0200"), _UNTIL), witnessed=False),
        Odd("GeneralizedTime with a fraction", _times(Node(0x18, b"20240101000000.5Z"), _UNTIL), witnessed=False),
        Odd("GeneralizedTime before 2050", _times(Node(0x18, b"20240101000000Z"), Node(0x18, b"20290101000000Z"))),
        Odd("number with zeros before it", _in_serial, witnessed=False),
        Odd("length of the key longer than need be", _spare(0, 6)),
        Odd("length of the extensions longer than need be", _spare(0, -1, 0)),
        Odd("extensions without a length", _indefinite(0, -1, 0), witnessed=False),
        Odd("outermost length longer than need be", lambda tree: setattr(tree, "spare", 1)),
        Odd("critical TRUE as 01", _critical_one),
        Odd("qualifier of a private kind", _policy(tlv(0x30, tlv(0x06, b"\x88\x37\x64") + tlv(0x02, b"\x05")))),
        Odd("x400Address and ediPartyName", _added(_ALT, _X400)),
        Odd("point with a broken address", _value(_POINTS, _points(b"http://crl.example/\xe9.crl"))),
        Odd("point named relative to its issuer", _value(_POINTS, tlv(0x30, tlv(0x30, tlv(0xA0, tlv(0xA1, b"")))))),
        Odd("access to a broken address", _value(_ACCESS, _access(b"http://ocsp.example/\xe9"))),
        Odd("key identifier with half an issuer", _value(_AKI, tlv(0x30, tlv(0xA1, tlv(0x86, b"http://ca.example/"))))),
        Odd("private statement", _statement),
        Odd("key usage with bits to spare", _value(_USAGE, tlv(0x03, b"\0\x40"))),
        Odd("length of path without cA", _value(_BASIC, tlv(0x30, tlv(0x02, b"\0"))), witnessed=False),
        # What RFC 5280 §4.2 refuses
        Odd("extension twice", _added(_BASIC, tlv(0x30, b"")), honest=False, witnessed=False),
        Odd("unknown critical extension", _added("883764", b"\x05\0", critical=True), honest=False),
        Odd("broken critical name", _added(_ALT, b"\x30\x03\x01\x01\xff", critical=True), honest=False),
        Odd("key usage that is none", _value(_USAGE, b"\x03\x02\x09\x40"), honest=False, witnessed=False),
        Odd("time without a zone", _times(Node(0x18, b"20240101000000"), _UNTIL), honest=False),
        Odd("time of 60 seconds", _times(Node(0x17, b"240101000060Z"), _UNTIL), honest=False),
        Odd("two algorithms", lambda tree: setattr(tree[1][0], "content", _OTHER_ALGORITHM), honest=False),
    ]


_OTHER_ALGORITHM = bytes.fromhex("2a8648ce3d040303")


def _points(uri: bytes) -> bytes:
    return tlv(0x30, tlv(0x30, tlv(0xA0, tlv(0xA0, tlv(0x86, uri)))))


def _access(uri: bytes) -> bytes:
    return tlv(0x30, tlv(0x30, bytes.fromhex("06082b06010505073001") + tlv(0x86, uri)))


def _single(basic: Node) -> Node:
    responses = next(one for one in basic[0].parts if one.tag == 0x30)  # noqa: PLR2004 - SEQUENCE
    return responses[0]


def _produced(basic: Node, time: bytes) -> None:
    next(one for one in basic[0].parts if one.tag == 0x18).content = time  # noqa: PLR2004 - GeneralizedTime


def _this_update(basic: Node, time: bytes) -> None:
    _single(basic)[2].content = time


def _another_hash(basic: Node) -> None:
    """Put an answer about somebody else before the right one, named by a hash nobody knows."""
    responses = next(one for one in basic[0].parts if one.tag == 0x30)  # noqa: PLR2004 - SEQUENCE
    other = parse(responses[0].der())
    other[0][0].parts = [Node(0x06, b"\x88\x37\x65")]
    responses.parts.insert(0, other)


def _response_extension(basic: Node) -> None:
    value = Node(0x04, tlv(0x04, b"nonce"))
    one = Node(0x30, parts=[Node(0x06, bytes.fromhex("2b0601050507300102")), _FALSE, value])
    basic[0].parts = [part for part in basic[0].parts if part.tag != 0xA1 or part is basic[0][0]]  # noqa: PLR2004 - [1]
    basic[0].parts.append(Node(0xA1, parts=[Node(0x30, parts=[one])]))


def ocsp_oddities(moment: str) -> list[Odd]:
    """All ways for a BasicOCSPResponse made at `moment` (YYYYMMDDHHMM)."""
    exact = moment.encode()
    return [
        Odd("version 0", lambda basic: basic[0].parts.insert(0, Node(0xA0, parts=[Node(0x02, b"\0")]))),
        Odd("extension critical FALSE", _response_extension),
        Odd("produced at a fraction", lambda basic: _produced(basic, exact + b"00.25Z"), witnessed=False),
        Odd("updated at a fraction", lambda basic: _this_update(basic, exact + b"00.125Z"), witnessed=False),
        Odd("produced without seconds", lambda basic: _produced(basic, exact + b"Z"), witnessed=False),
        Odd("updated with an offset", lambda basic: _this_update(basic, exact + b"00+0000"), witnessed=False),
        Odd("algorithm without NULL", _algorithms(lambda parts: parts[:1])),
        Odd("algorithm with NULL", _algorithms(lambda parts: [parts[0], _NULL])),
        Odd("RSASSA-PSS", _algorithms(lambda _: _PSS_ALGORITHM), how="pss"),
        Odd("DigestInfo without NULL", lambda _: None, how="no NULL", witnessed=False),
        Odd("garbage behind DigestInfo", lambda _: None, how="garbage", honest=False),
        Odd("hash nobody knows beside the right one", _another_hash, witnessed=False),
        Odd("good as constructed", lambda basic: setattr(_single(basic)[1], "tag", 0xA0), witnessed=False),
        Odd("number with a zero before it", lambda basic: _pad(_single(basic)[0][3]), witnessed=False),
        # openssl writes what is signed anew before it checks.
        Odd("length longer than need be", lambda basic: setattr(_single(basic), "spare", 1), witnessed=False),
        Odd("response without a length", lambda basic: setattr(basic[0], "indefinite", True), witnessed=False),
        Odd("time of 60 seconds", lambda basic: _this_update(basic, exact + b"60Z"), honest=False),
        Odd("time without a zone", lambda basic: _this_update(basic, exact + b"00"), honest=False, witnessed=False),
        Odd("version 1", lambda basic: basic[0].parts.insert(0, Node(0xA0, parts=[Node(0x02, b"\1")])), honest=False,
            witnessed=False),
    ]  # fmt: skip


def _pad(node: Node) -> None:
    node.content = b"\0" + node.content


def crl_oddities(moment: str) -> list[Odd]:
    """All ways for a CRL made at `moment` (YYMMDDHHMM)."""
    exact = moment.encode()

    def extensions(tree: Node) -> Node:
        return next(one for one in tree[0].parts if one.tag == 0xA0)[0]  # noqa: PLR2004 - [0]

    def entries_critical(tree: Node) -> None:
        for one in tree[0][5].parts:
            if len(one.parts) > 2:  # noqa: PLR2004 - number and time
                _every_false(one[2])

    return [
        Odd("extension critical FALSE", lambda tree: _every_false(extensions(tree))),
        Odd("entry critical FALSE", entries_critical),
        Odd("algorithm with NULL", _algorithms(lambda parts: [parts[0], _NULL], copy_at=_IN_CRL)),
        Odd("algorithm without NULL", _algorithms(lambda parts: parts[:1], copy_at=_IN_CRL)),
        Odd("RSASSA-PSS", _algorithms(lambda _: _PSS_ALGORITHM, copy_at=_IN_CRL), how="pss"),
        Odd("DigestInfo without NULL", lambda _: None, how="no NULL", witnessed=False),
        Odd("garbage behind DigestInfo", lambda _: None, how="garbage", honest=False),
        Odd("without seconds", lambda tree: _crl_updated(tree, exact + b"Z"), witnessed=False),
        Odd("with an offset", lambda tree: _crl_updated(tree, exact + b"00+0000"), witnessed=False),
        Odd("length longer than need be", lambda tree: setattr(tree[0], "spare", 1)),
        Odd("list without a length", lambda tree: setattr(tree[0][5], "indefinite", True), witnessed=False),
        Odd("issuer as T61String", _crl_issuer),
        Odd("time of 60 seconds", lambda tree: _crl_updated(tree, exact + b"60Z"), honest=False),
        Odd("delta", lambda tree: _crl_added(extensions(tree), "551d1b", tlv(0x02, b"\1")), honest=False,
            witnessed=False),
        Odd("unknown critical extension", lambda tree: _crl_added(extensions(tree), "883764", b"\5\0"), honest=False),
        Odd("scope that cannot be read", lambda tree: _crl_added(extensions(tree), "551d1c", _BROKEN_SCOPE),
            honest=False, witnessed=False),
    ]  # fmt: skip


def _crl_updated(tree: Node, time: bytes) -> None:
    tree[0][3].tag, tree[0][3].content = 0x17, time


_BROKEN_SCOPE = tlv(0x30, tlv(0xA0, tlv(0xA0, tlv(0x86, b"http://\xe9/"))))


def _crl_added(extensions: Node, oid: str, value: bytes) -> None:
    parts = [Node(0x06, bytes.fromhex(oid)), Node(0x01, b"\xff"), Node(0x04, value)]
    extensions.parts.append(Node(0x30, parts=parts))


def _crl_issuer(tree: Node) -> None:
    for rdn in tree[0][2].parts:
        value = rdn[0][1]
        if value.tag == 0x0C and value.content.isascii():  # noqa: PLR2004 - UTF8String
            value.tag = 0x14
