"""Times of stamps, each written in another way; a stamp proves its time, so its time has one spelling alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from benchmarks._variants.odd_x509 import container, restamped
from signing import Indication

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from benchmarks._variants.der_tree import Node
    from benchmarks._variants.environment import Environment
    from signing import Report

__all__ = ["KINDS"]

_STAMPED = AT + timedelta(seconds=2)
_ANSWERED = AT + timedelta(seconds=60)
_GENERALIZED, _UTC_TIME = 0x18, 0x17


def _spellings(moment: datetime) -> list[tuple[str, int, bytes, datetime | None]]:
    """What the stamp says, and which time that is by RFC 3161 §2.4.2; None for no time."""
    text = f"{moment:%Y%m%d%H%M%S}"
    other = datetime(2026, 3, 2, 9, 30, 7, tzinfo=UTC)
    right: list[tuple[str, int, bytes, datetime | None]] = [
        ("as it is", _GENERALIZED, f"{text}Z".encode(), moment),
        ("a fraction", _GENERALIZED, f"{text}.5Z".encode(), moment + timedelta(milliseconds=500)),
        ("three digits", _GENERALIZED, f"{text}.123Z".encode(), moment + timedelta(milliseconds=123)),
        (
            "a fraction with a zero behind it",
            _GENERALIZED,
            f"{text}.50Z".encode(),
            moment + timedelta(milliseconds=500),
        ),
        ("six digits", _GENERALIZED, f"{text}.000001Z".encode(), moment + timedelta(microseconds=1)),
        ("nine digits", _GENERALIZED, f"{text}.000001999Z".encode(), moment + timedelta(microseconds=1)),
        ("another time", _GENERALIZED, f"{other:%Y%m%d%H%M%S}Z".encode(), other),
    ]
    wrong = {
        "without seconds": text[:12] + "Z",
        "without minutes": text[:10] + "Z",
        "without hours": text[:8] + "Z",
        "with a digit less": text[:13] + "Z",
        "with two digits less in between": text[:8] + text[10:] + "Z",
        "a day of one digit": text[:6] + text[7:] + "Z",
        "without a zone": text,
        "with an offset": text + "+0000",
        "with another offset": text + "+0200",
        "with a fraction of nothing": text + ".Z",
        "with a comma": text + ",5Z",
        "60 seconds": text[:12] + "60Z",
        "61 seconds": text[:12] + "61Z",
        "60 minutes": text[:10] + "6000Z",
        "24 hours": text[:8] + "240000Z",
        "month 13": text[:4] + "1302100000Z",
        "month 0": text[:4] + "0002100000Z",
        "30 February": text[:4] + "0230100000Z",
        "a blank in front": " " + text[1:] + "Z",
        "a blank behind": text + "Z ",
        "a blank for a zero": text[:4] + " " + text[5:] + "Z",
        "a sign": "+" + text[1:] + "Z",
        "a zone in small letters": text + "z",
        "two zones": text + "ZZ",
        "a zero octet": text + "Z\0",
        "year of two digits": text[2:] + "Z",
    }
    odd: list[tuple[str, int, bytes, datetime | None]] = [
        (name, _GENERALIZED, spelt.encode(), None) for name, spelt in wrong.items()
    ]
    odd.append(("UTCTime", _UTC_TIME, f"{moment:%y%m%d%H%M%S}Z".encode(), None))
    odd.append(("Arabic digits", _GENERALIZED, f"{text[:12]}\u0660\u0662Z".encode(), None))
    odd.append(("wide digits", _GENERALIZED, f"{text[:12]}\uff10\uff12Z".encode(), None))
    return [one for pair in zip(right * 5, odd, strict=False) for one in pair]


def stamps(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Stamps signed by the listed unit, whatever time they give."""
    leaf = environment.pki.certificate("head").public_bytes(Encoding.DER)
    answers = (environment.pki.ocsp(environment.pki.certificate("head"), at=_ANSWERED),)
    for name, tag, spelt, means in _spellings(_STAMPED + timedelta(seconds=dice.randrange(20))):

        def stamp(digest: bytes, tag: int = tag, spelt: bytes = spelt) -> bytes:
            def change(info: Node) -> None:
                info[4].tag, info[4].content = tag, spelt

            return restamped(environment, environment.pki.stamp(digest, at=_STAMPED), unit=b"", content=change)

        content = container(environment, "head", leaf, ocsps=answers, stamp=stamp)
        said = means.isoformat() if means is not None else ""
        yield Variant(f"{name}|{said}", content, means is not None)


def as_said(variant: Variant, report: Report) -> bool:
    """Whether a stamp proves exactly the time it gives, or, in a dishonest one, any time at all."""
    one = report.signatures[0]
    proven = [stamp.time for stamp in one.stamps if stamp.indication is Indication.TOTAL_PASSED]
    said = variant.name.rpartition("|")[2]
    if not variant.honest:
        return bool(proven) or one.best_signature_time is not None
    return proven == [datetime.fromisoformat(said)] == [one.best_signature_time]


KINDS = (VariantKind("times: of stamps", stamps, takes=as_said),)
