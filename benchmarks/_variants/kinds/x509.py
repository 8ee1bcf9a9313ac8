"""Certificates, OCSP responses, CRLs and stamps that are not in strict DER, each with its dishonest neighbours."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import re
import subprocess
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks._variants.der_tree import Node, parse
from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind, passed
from benchmarks._variants.odd_x509 import (
    NOTE,
    broken,
    container,
    issued,
    reanswered,
    relisted,
    restamped,
    signed_anew,
)
from benchmarks._variants.oddities import certificate_oddities, crl_oddities, ocsp_oddities
from demo.pki import Answer

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks._variants.environment import Environment
    from benchmarks._variants.oddities import Odd
    from signing import Report

__all__ = ["KINDS"]

_ANSWERED = AT + timedelta(seconds=60)
_UNSEEN = "~"  # in a name: openssl is not asked
# Extensions that only persons' certificates have, or that have another content there.
_OF_PERSONS = frozenset(
    {"notice in Latin-1", "qualifier of a private kind", "private statement", "key usage with bits to spare"}
)
_ANOTHER_KEY = frozenset({"modulus without its zero", "length of the key longer than need be"})
_SIGNERS = (("head", "eid"), ("user", "eparaksts"))


def _der(environment: Environment, label: str) -> bytes:
    return environment.pki.certificate(label).public_bytes(Encoding.DER)


def _good(environment: Environment, label: str, answer: Answer = Answer.TRUE) -> bytes:
    return environment.pki.ocsp(environment.pki.certificate(label), at=_ANSWERED, answer=answer)


def _altered(content: bytes) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(content))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            archive.writestr(name, data.replace(b"tikai", b"arpus") if name == NOTE[0] else data)
    return buffer.getvalue()


def _key_of(other: bytes) -> Callable[[Node], None]:
    """Have a certificate hold another one's key."""
    from_other = _spki(other)

    def change(tree: Node) -> None:
        tree[0].parts[6] = from_other

    return change


def _spki(der: bytes) -> Node:
    return parse(der)[0][6]


def leaves(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Signers' certificates."""
    oddities = [(label, by, odd) for label, by in _SIGNERS for odd in certificate_oddities(rsa=label == "user")]
    oddities[2:] = dice.sample(oddities[2:], len(oddities) - 2)
    for number, (label, by, odd) in enumerate(oddities):
        name = f"{label}: {odd.name}{'' if odd.witnessed else _UNSEEN}"
        leaf = issued(environment, label, by, odd.change, how=odd.how)
        answers = (_good(environment, label),)
        yield Variant(name, container(environment, label, leaf, ocsps=answers), odd.honest)
        if not odd.honest:
            continue
        match number % 6:
            case 0:
                forged = issued(environment, label, by, odd.change, key="unlisted", how=odd.how)
                yield Variant(f"{name}, by another issuer", container(environment, label, forged, ocsps=answers), False)
            case 1:
                content = _altered(container(environment, label, leaf, ocsps=answers))
                yield Variant(f"{name}{_UNSEEN}, other data", content, False, reason="reference.changed")
            case 2:
                other = issued(environment, label, by, odd.change, _key_of(_der(environment, "head-2")), how=odd.how)
                content = container(environment, label, other, ocsps=answers)
                yield Variant(f"{name}{_UNSEEN}, another's key", content, False, reason="signature.broken")
            case 3:
                revoked = (_good(environment, label, Answer.REVOKED),)
                content = container(environment, label, leaf, ocsps=revoked)
                yield Variant(f"{name}{_UNSEEN}, revoked", content, False, reason="certificate.revoked")
            case 4:
                yield Variant(f"{name}, torn", container(environment, label, broken(leaf), ocsps=answers), False)
            case _:
                about = (_good(environment, "head-2"),)
                content = container(environment, label, leaf, ocsps=about)
                yield Variant(f"{name}{_UNSEEN}, answer about another", content, False)


def responses(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """OCSP responses, and their responders' certificates."""
    key = {"eid": "ocsp-eid", "eparaksts": "ocsp-eparaksts"}
    moment = f"{_ANSWERED:%Y%m%d%H%M}"
    for label, by in _SIGNERS:
        for number, odd in enumerate(_sampled(dice, ocsp_oddities(moment))):
            if not _fits_key(environment, key[by], odd):
                continue
            name = f"{label}: {odd.name}{'' if odd.witnessed else _UNSEEN}"
            good, revoked = _good(environment, label), _good(environment, label, Answer.REVOKED)
            leaf = _der(environment, label)

            def of(answer: bytes, label: str = label, leaf: bytes = leaf) -> bytes:
                return container(environment, label, leaf, ocsps=(answer,))

            yield Variant(name, of(reanswered(environment, good, odd.change, key=key[by], how=odd.how)), odd.honest)
            if number % 2 and odd.name != "good as constructed":
                yield Variant(
                    f"{name}, revoked",
                    of(reanswered(environment, revoked, odd.change, key=key[by], how=odd.how)),
                    False,
                )
            else:
                forged = reanswered(environment, good, odd.change, key="ocsp-unlisted")
                yield Variant(f"{name}, by nobody", of(forged), False)
    yield from _responders(environment, dice)


def _fits_key(environment: Environment, label: str, odd: Odd) -> bool:
    """Whether the way is one for this kind of key: NULL belongs to RSA and is odd without, and the reverse."""
    if isinstance(environment.pki.key(label), rsa.RSAPrivateKey):
        return odd.name != "algorithm with NULL"
    return odd.name != "algorithm without NULL" and not odd.how


def _sampled(dice: random.Random, oddities: list[Odd]) -> list[Odd]:
    return dice.sample(oddities, len(oddities))


def _responders(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """A responder that no list names: its issuer gave it the purpose, and it is known by its key."""
    der = environment.pki.responder("eid", at=_ANSWERED).public_bytes(Encoding.DER)
    key = parse(_der(environment, "seal"))[0][6]
    by_key = Node(0xA2, parts=[Node(0x04, hashlib.sha1(key[1].content[1:], usedforsecurity=False).digest())])
    leaf, good = _der(environment, "head"), _good(environment, "head")

    def other(tree: Node) -> None:
        tree[0].parts[6] = key
        tree[0][5].parts[-1][0][1].content += b" II"

    def known_by_key(basic: Node) -> None:
        basic[0].parts[0] = by_key
        basic[1].parts = [Node(0x06, bytes.fromhex("2a864886f70d01010b")), Node(0x05)]

    def of(responder: bytes) -> bytes:
        answer = reanswered(environment, good, known_by_key, key="seal", responder=responder)
        return container(environment, "head", leaf, ocsps=(answer,))

    oddities = [odd for odd in certificate_oddities(rsa=False) if odd.name not in _OF_PERSONS]
    for odd in dice.sample(oddities, len(oddities)):
        responder = signed_anew(environment, parse(der), "eid", [other, odd.change])
        name = f"responder: {odd.name}{_UNSEEN}"
        yield Variant(name, of(responder), odd.honest)
        if odd.honest:
            yield Variant(f"{name}, torn", of(broken(responder)), False)


def lists(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Revocation lists."""
    moment = f"{_ANSWERED:%y%m%d%H%M}"
    for label, by in (*_SIGNERS, ("revoked", "eid"), ("head-2", "eid")):
        oddities = crl_oddities(moment)
        for number, odd in enumerate([oddities[0], *dice.sample(oddities[1:], len(oddities) - 1)]):
            if not _fits_key(environment, by, odd):
                continue
            name = f"{label}: {odd.name}{'' if odd.witnessed else _UNSEEN}"
            crl = environment.pki.crl(by, at=_ANSWERED)
            leaf = _der(environment, label)
            if len([one for one in parse(crl)[0].parts if one.tag == 0x30]) < 3 and "entry" in odd.name:  # noqa: PLR2004
                continue
            answer = relisted(environment, crl, odd.change, key=by, how=odd.how)
            honest = odd.honest and label != "revoked"
            yield Variant(name, container(environment, label, leaf, crls=(answer,)), honest)
            if number % 2 == 0 and honest:
                forged = relisted(environment, crl, odd.change, key="unlisted")
                yield Variant(f"{name}, by nobody", container(environment, label, leaf, crls=(forged,)), False)


def units(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Certificates of time-stamping units, in the stamp itself."""
    leaf, answers = _der(environment, "head"), (_good(environment, "head"),)
    oddities = [odd for odd in certificate_oddities(rsa=True) if odd.name not in _OF_PERSONS]
    for odd in dice.sample(oddities, len(oddities)):
        unit = issued(environment, "tsa", "root", odd.change, how=odd.how)

        def stamp(digest: bytes, unit: bytes = unit, key: str = "tsa") -> bytes:
            return restamped(
                environment, environment.pki.stamp(digest, at=AT + timedelta(seconds=2)), unit=unit, key=key
            )

        def swapped(digest: bytes, other: bytes, unit: bytes = unit) -> bytes:
            return stamp(digest, unit).replace(unit, other)

        name = f"unit: {odd.name}"
        named = "String" in odd.name or odd.name in {"RDN not sorted", "postalAddress"}
        # The list names the unit by name and key: in other words it would be another one.
        if named or odd.name in _ANOTHER_KEY:
            continue
        if not odd.honest:
            # Name and key stand in the list, whatever else the certificate in the stamp says. The stamp's certificate
            # only has to be readable.
            continue
        yield Variant(name, container(environment, "head", leaf, ocsps=answers, stamp=stamp), True)
        swap = functools.partial(swapped, other=broken(unit))
        yield Variant(
            f"{name}, bound to other octets", container(environment, "head", leaf, ocsps=answers, stamp=swap), False
        )
        forge = functools.partial(stamp, unit=unit, key="user")
        yield Variant(
            f"{name}, by another key", container(environment, "head", leaf, ocsps=answers, stamp=forge), False
        )


def stamped(variant: Variant, report: Report) -> bool:
    """Whether the signature passes and a stamp proves its time."""
    return passed(variant, report) and report.signatures[0].best_signature_time is not None


def by_openssl(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    """Ask openssl whether the signer's certificate verifies under its authority, and what its answer or list says."""
    if _UNSEEN in variant.name:
        return None
    xml = zipfile.ZipFile(io.BytesIO(variant.content)).read("META-INF/signatures1.xml").decode()
    found = {
        kind: [base64.b64decode(text) for text in re.findall(rf":{kind}[^>]*>([^<]+)<", xml)]
        for kind in ("X509Certificate", "EncapsulatedOCSPValue", "EncapsulatedCRLValue")
    }
    by = "eparaksts" if variant.name.startswith("user") else "eid"
    leaf, authority = scratch / "leaf.pem", scratch / "ca.pem"
    leaf.write_text(_pem("CERTIFICATE", found["X509Certificate"][0]))
    authority.write_text(_pem("CERTIFICATE", _der(environment, by)))
    at = str(int((AT + timedelta(hours=1)).timestamp()))
    command = ["openssl", "verify", "-partial_chain", "-attime", at, "-CAfile", str(authority)]
    if found["EncapsulatedCRLValue"]:
        crl = scratch / "crl.pem"
        crl.write_text(_pem("X509 CRL", found["EncapsulatedCRLValue"][0]))
        command += ["-crl_check", "-CRLfile", str(crl)]
    holds = subprocess.run([*command, str(leaf)], capture_output=True, check=False).returncode == 0  # noqa: S603 - our own files
    if not found["EncapsulatedOCSPValue"] or not holds:
        return holds
    answer = scratch / "answer.der"
    answer.write_bytes(found["EncapsulatedOCSPValue"][0])
    asked = ["openssl", "ocsp", "-respin", str(answer), "-issuer", str(authority), "-cert", str(leaf), "-no_nonce"]
    asked += ["-CAfile", str(authority), "-partial_chain", "-attime", at, "-validity_period", "2000000000"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - likewise
    return "Response verify OK" in said.stderr and ": good" in said.stdout


def _pem(kind: str, der: bytes) -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {kind}-----\n{body}-----END {kind}-----\n"


KINDS = (
    VariantKind("x509: signers' certificates", leaves, witness=by_openssl, asks="openssl"),
    VariantKind("x509: OCSP responses", responses, witness=by_openssl, asks="openssl"),
    VariantKind("x509: revocation lists", lists, witness=by_openssl, asks="openssl"),
    VariantKind("x509: units of stamps", units, takes=stamped),
)
