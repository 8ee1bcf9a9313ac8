"""Our form, saved anew by a program and then signed: for a person where it shows the same, else refused by name."""

from __future__ import annotations

import hashlib
import io
import subprocess
from typing import TYPE_CHECKING

import pikepdf

from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from builders.workflows.rewriting import DISHONEST, HONEST, TOLD, two_forms
from demo.pki import person
from demo.signer import Level, sign_again, sign_pdf
from iam.people.rules import parse_personal_code
from signing import Identity, Message
from workflows.application.kinds.grant.documents import Part
from workflows.evidence.guard.compare import compare
from workflows.signed_forms.proof import NeedsPerson, Objected, OurForm, Question, decide
from workflows.signed_forms.signers import KnownPerson, Named, Signer

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks._variants.environment import Environment
    from signing import Report

__all__ = ["KINDS"]

_EVERY = 4  # rewritings of each change
_CHANGES = {**HONEST, **DISHONEST, **TOLD}
_LEVELS = (Level.LT, Level.LT, Level.LTA)
_MODES = pikepdf.ObjectStreamMode


def _variants(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Mix honest and dishonest rewritings, each by dice: linearised or not, packed, recompressed, normalised."""
    _, letter = two_forms()
    names = [*list(_CHANGES) * _EVERY, *list(HONEST) * _EVERY]
    dice.shuffle(names)
    for number, name in enumerate(names):
        options = _options(dice)
        anew = _saved(letter, _CHANGES[name].change, options)
        signed = sign_pdf(anew, person=person("user"), pki=environment.pki, at=AT, level=dice.choice(_LEVELS))
        if dice.random() < 0.2:  # noqa: PLR2004 - every fifth
            signed = sign_again(signed, person=person("head"), pki=environment.pki, at=AT, level=Level.LT)
        how = " ".join(f"{key}={value}" for key, value in options.items())
        yield Variant(f"{name} {number} {how}", signed, honest=name not in DISHONEST, expected=letter)


def _options(dice: random.Random) -> dict[str, object]:
    linear = dice.random() < 0.5  # noqa: PLR2004 - every second
    return {
        "linearize": linear,
        "object_stream_mode": dice.choice((_MODES.generate, _MODES.disable, _MODES.preserve)),
        "recompress_flate": dice.random() < 0.5,  # noqa: PLR2004 - likewise
        "normalize_content": not linear and dice.random() < 0.3,  # noqa: PLR2004 - not every program does
        "min_version": dice.choice(("1.5", "1.7", "2.0")),
    }


def _saved(form: bytes, change: Callable[[pikepdf.Pdf], None], options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(form)) as pdf:
        change(pdf)
        pdf.save(out, **options)  # type: ignore[arg-type] # as pikepdf names them
    return out.getvalue()


def _for_a_person(variant: Variant, report: Report) -> bool:
    """Whether a person is asked to compare it. A change that is not named counts as one that passed."""
    user = person("user")
    known = KnownPerson(user.name, (Identity("PNO", "LV", parse_personal_code(user.code).digits),))
    form = OurForm(Part.LETTER, hashlib.sha256(variant.expected).hexdigest(), len(variant.expected))
    comparisons = compare(variant.content, [variant.expected])
    signers: dict[str, Signer] = {Part.LETTER: Named(known, "application.signer-not-user")}
    question = Question(forms=(form,), signers=signers, contains_our_reference=True, comparisons=comparisons)
    decided = decide(report, question)
    finding = decided.parts.get(Part.LETTER, decided.document)
    named = set(_CHANGES[variant.name.split()[0]].named)
    match finding:
        case NeedsPerson() if variant.honest:
            return bool(finding.comparison) and _codes(comparisons[0].told) == named
        case Objected():
            return not variant.honest and not named <= _codes(finding.reasons)
        case _:
            return not variant.honest


def _codes(messages: tuple[Message, ...]) -> set[str]:
    return {message.code for message in messages}


def _poppler(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    """Say whether poppler reads and draws the same; None where what differs is no page, or is nothing it draws."""
    del environment
    if variant.name.startswith("attached") or variant.name.split()[0] in TOLD:
        return None
    shown = []
    for name, content in (("ours.pdf", variant.expected), ("theirs.pdf", variant.content)):
        path = scratch / name
        path.write_bytes(content)
        read = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True)  # noqa: S603, S607 - poppler's own, on a file of ours
        drawn = subprocess.run(["pdftoppm", "-r", "40", str(path)], check=True, capture_output=True)  # noqa: S603, S607 - likewise
        shown.append((read.stdout, drawn.stdout))
    return shown[0] == shown[1]


KINDS: tuple[VariantKind, ...] = (
    VariantKind("a form saved anew", _variants, takes=_for_a_person, witness=_poppler, asks="pdftotext"),
)
