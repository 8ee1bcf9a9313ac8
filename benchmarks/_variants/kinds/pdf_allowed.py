"""What a signature allows to be done after it: certified forms, locked fields, fields filled in between signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from benchmarks._variants.updates import Update
from demo.pki import person
from demo.signer import Level, sign_again, sign_pdf
from signing import Indication

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from benchmarks._variants.environment import Environment
    from signing import Report

__all__ = ["KINDS"]

_LATER = timedelta(minutes=5)
_VISIBLE, _INVISIBLE = b"60 80 260 140", b"0 0 0 0"


def stands(variant: Variant, report: Report) -> bool:
    """Whether the first signature passes."""
    del variant
    return report.signatures[0].indication is Indication.TOTAL_PASSED


@dataclass(frozen=True, slots=True)
class _Case:
    """The first signature: certified or not, its field's lock; then what is done, by whom it is signed, if at all."""

    name: str
    honest: bool
    certifies: int | None = None
    lock: bytes = b""
    fills: bytes = b""
    field: bytes = b""
    signs: str = ""
    level: Level = Level.LT


_ALL, _ROLE, _OTHER = b"/Action/All", b"/Action/Include/Fields[(role.of)]", b"/Action/Exclude/Fields[(role.of)]"
_CASES = (
    _Case("certified, nothing after it", honest=True, certifies=1),
    _Case("certified, then a picture nobody signed", honest=False, certifies=2, field=_VISIBLE),
    _Case("certified for nothing, then a stamp", honest=True, certifies=1, level=Level.LTA),
    _Case("certified for nothing, then a visible signature", honest=False, certifies=1, field=_VISIBLE, signs="head"),
    _Case("certified for forms, then a visible signature", honest=True, certifies=2, field=_VISIBLE, signs="head"),
    _Case("certified for nothing, then a signature", honest=False, certifies=1, signs="head"),
    _Case("certified for forms, then a signature", honest=True, certifies=2, signs="head"),
    _Case("certified for nothing, then a field", honest=False, certifies=1, field=_INVISIBLE),
    _Case("certified for forms, filled in and signed", honest=True, certifies=2, fills=b"(edit)", signs="head"),
    _Case("certified for nothing, filled in and signed", honest=False, certifies=1, fills=b"(edit)", signs="head"),
    _Case("filled in and signed", honest=True, fills=b"(edit)", signs="head"),
    _Case("filled in and signed by nobody", honest=False, fills=b"(edit)"),
    _Case("another field locked, filled in and signed", honest=True, lock=_OTHER, fills=b"(edit)", signs="head"),
    _Case("locked, filled in and signed", honest=False, lock=_ROLE, fills=b"(edit)", signs="head"),
    _Case("everything locked, then a stamp", honest=True, lock=_ALL, level=Level.LTA),
    _Case("everything locked, filled in and signed", honest=False, lock=_ALL, fills=b"(edit)", signs="head"),
    _Case("one field locked, then a visible signature", honest=True, lock=_ROLE, field=_VISIBLE, signs="head"),
    _Case("everything locked, then a visible signature", honest=False, lock=_ALL, field=_VISIBLE, signs="head"),
    _Case("locked for nothing, then a stamp", honest=True, lock=_ALL + b"/P 1", level=Level.LTA),
    _Case("locked for nothing, then a signature", honest=False, lock=_ROLE + b"/P 1", signs="head"),
    _Case("locked for forms, then a signature", honest=True, lock=_ROLE + b"/P 2", signs="head"),
    _Case("filled in, signed without a certificate that counts", honest=False, fills=b"(edit)", signs="unqualified"),
    _Case("certified for notes, then a signature", honest=True, certifies=3, signs="head"),
    _Case("filled in, signed with a revoked certificate", honest=False, fills=b"(edit)", signs="revoked"),
    _Case("a visible signature", honest=True, field=_VISIBLE, signs="head"),
    _Case("a visible field for nobody", honest=False, field=_VISIBLE),
)


def allowed(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Make each case with a field of that name, and with one below it; both have a period in their names."""
    for turn, name in enumerate((b"role.of", b"role.of.user %d" % dice.randrange(100))):
        for case in _CASES:
            yield Variant(f"{case.name}, {turn + 1}", _made(environment, case, name), case.honest)


def _made(environment: Environment, case: _Case, name: bytes) -> bytes:
    update = Update(environment.form)
    page = update.pages[0]
    lock = b"/Lock<</Type/SigFieldLock%b>>" % case.lock if case.lock else b""
    first = update.add(
        b"<</FT/Sig/T(Signature1)/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P %d 0 R%b>>" % (page, lock)
    )
    shown = update.add_stream(b"BT ET", b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]")
    text = update.add(
        b"<</FT/Tx/T(%b)/V(view)/Type/Annot/Subtype/Widget/F 4/Rect[60 200 260 220]/P %d 0 R/AP<</N %d 0 R>>>>"
        % (name, page, shown)
    )
    update.edit(page, Annots=b"[%d 0 R %d 0 R]" % (first, text))
    update.edit(update.root, AcroForm=b"<</Fields[%d 0 R %d 0 R]/SigFlags 3>>" % (first, text))
    document = sign_pdf(
        update.write(), person=person("user"), pki=environment.pki, at=AT, level=case.level, certifies=case.certifies
    )
    if case.fills or case.field:
        document = _changed(document, case, text)
    if case.signs:
        document = sign_again(document, person=person(case.signs), pki=environment.pki, at=AT + _LATER, level=Level.LT)
    return document


def _changed(document: bytes, case: _Case, text: int) -> bytes:
    update = Update(document)
    page = update.pages[0]
    picture = update.add_stream(b"0 0 200 20 re S", b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]")
    if case.fills:
        update.edit(text, V=case.fills, AP=b"<</N %d 0 R>>" % picture)
    if case.field:
        number = update.add(
            b"<</FT/Sig/T(Signature2)/Type/Annot/Subtype/Widget/F 132/Rect[%b]/P %d 0 R/AP<</N %d 0 R>>>>"
            % (case.field, page, picture)
        )
        update.edit(page, Annots=update.entries(page)["/Annots"].strip()[:-1] + b" %d 0 R]" % number)
        fields = b" ".join(one.unparse() for one in update.pdf.Root.AcroForm.Fields)
        update.edit(update.root, AcroForm=b"<</Fields[%b %d 0 R]/SigFlags 3>>" % (fields, number))
    return update.write()


KINDS = (VariantKind("pdf: what a signature allows", allowed, stands),)
