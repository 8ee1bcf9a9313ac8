"""What later revisions of a signed form do, and what a signature allows them to do.

Every honest one shows and says exactly what was signed; every dishonest one goes a step further than its neighbour.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from benchmarks._variants.kinds.pdf_meaning import alternating, takes, witness
from benchmarks._variants.pdf_changes import (
    annotation,
    in_catalog,
    in_page,
    in_trailer,
    metadata,
    page_content,
    page_stream,
)
from benchmarks._variants.updates import Update
from demo.pki import person
from demo.signer import Level, sign_again, sign_pdf

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from benchmarks._variants.environment import Environment
    from benchmarks._variants.pdf_changes import Change

__all__ = ["KINDS"]

_LATER = timedelta(minutes=5)
_SIGNED_AGAIN = 0.2
_UNSIGNABLE = ("freed", "picture of", "made anew")  # pyHanko signs on no such file, or takes it back


def _replaced(update: Update, dice: random.Random, *, change: bool) -> None:
    """A page's resource under another number, with the same content or with other."""
    page = update.pages[dice.randrange(2)]
    fonts = update.pdf.get_object(page, 0).Resources.Font
    name, font = dice.choice(sorted(fonts.items()))
    body = update.body(font.objgen[0])
    number = update.add(body.replace(b"/Type0", b"/Type1") if change else body)
    listed = b"".join(
        key.encode() + b" %d 0 R" % (number if key == name else one.objgen[0]) for key, one in sorted(fonts.items())
    )
    resources = update.pdf.get_object(page, 0).Resources
    if resources.is_indirect:
        update.edit(resources.objgen[0], Font=b"<<" + listed + b">>")
    else:
        update.edit(page, Resources=b"<</Font<<" + listed + b">>>>")


def same_again(update: Update, dice: random.Random) -> None:
    """Objects as they were, written once more; a signature has its contents where it stands."""
    for number in dice.sample(range(1, int(update.pdf.trailer.Size)), 5):
        if not isinstance(update.pdf.get_object(number, 0), list | int | float) and number != update.root:
            try:
                if "/ByteRange" not in update.entries(number):
                    update.put(number, update.body(number))
            except AttributeError:  # neither a dictionary nor a stream
                continue


def security_store(*, more: bytes = b"", reverse: bool = False, numbers: bool = False, entry: bytes = b"") -> Change:
    """The security store written anew, as the next program does."""

    def change(update: Update, _: random.Random) -> None:
        store = update.pdf.Root.DSS
        lists = {key: [one.objgen[0] for one in store.get(f"/{key}") or ()] for key in ("Certs", "OCSPs", "CRLs")}
        if numbers:
            lists = {key: [update.add(update.body(one)) for one in ones] for key, ones in lists.items()}
        if reverse:
            lists = {key: ones[::-1] for key, ones in lists.items()}
        body = b"".join(
            b"/%b[%b]" % (key.encode(), b" ".join(b"%d 0 R" % one for one in ones)) for key, ones in lists.items()
        )
        vri = b"/VRI<</%b<</Type/VRI/TU(D:20260302100000Z)>>>>" % (b"AB" * 20) if entry else b""
        update.edit(update.root, DSS=b"%d 0 R" % update.add(b"<<" + body + vri + more + b">>"))

    return change


def freed(update: Update, dice: random.Random) -> None:
    """A number that never was in use is freed."""
    update.free(int(update.pdf.trailer.Size) + dice.randrange(5, 50))
    update.edit(update.root, Lang=update.entries(update.root)["/Lang"])


def orphan(update: Update, _: random.Random) -> None:
    """An object that nothing refers to."""
    update.add_stream(b"0 0 99 99 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")


def nothing_said(update: Update, _: random.Random) -> None:
    """An entry that is null, and a string in hexadecimal digits."""
    lang = update.entries(update.root)["/Lang"].strip(b"()<>")
    update.edit(update.root, PieceInfo=b"null", Lang=b"<" + lang.hex().encode() + b">")


def invisible_field(update: Update, _: random.Random) -> None:
    """An empty signature field that takes no room."""
    form = update.pdf.Root.AcroForm
    fields = b" ".join(one.unparse() for one in form.Fields)
    number = update.add(b"<</FT/Sig/T(Next.one)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 132>>")
    entry = b"<</Fields[%b %d 0 R]/SigFlags 3>>" % (fields, number)
    if form.is_indirect:
        update.put(form.objgen[0], entry)
    else:
        update.edit(update.root, AcroForm=entry)


def font_overwritten(update: Update, dice: random.Random) -> None:
    """A font is another one, under its own number."""
    fonts = update.pdf.get_object(update.pages[0], 0).Resources.Font
    _, font = dice.choice(sorted(fonts.items()))
    update.put(font.objgen[0], b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>")


def store_is_a_page(update: Update, _: random.Random) -> None:
    """What the security store holds is shown as well."""
    number = update.add_stream(b"0 0 200 200 re f")
    update.edit(update.root, DSS=b"<</Certs[%d 0 R]>>" % number)
    update.edit(update.pages[1], Contents=b"%d 0 R" % number)


def freed_of_ours(update: Update, _: random.Random) -> None:
    """An object that a page refers to is freed."""
    update.free(update.pdf.get_object(update.pages[0], 0).Contents.objgen[0])
    update.edit(update.root, Lang=update.entries(update.root)["/Lang"])


def signature_moved(update: Update, _: random.Random) -> None:
    """The signature's field, invisible when it was signed, shows a picture."""
    number = update.pdf.Root.AcroForm.Fields[0].objgen[0]
    picture = update.add_stream(b"0 0 100 20 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 100 20]")
    update.edit(number, Rect=b"[100 100 300 200]", AP=b"<</N %d 0 R>>" % picture)


def picture_more(update: Update, _: random.Random) -> None:
    """A second widget with a picture for the field that is signed."""
    number = update.pdf.Root.AcroForm.Fields[0].objgen[0]
    picture = update.add_stream(b"0 0 100 20 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 100 20]")
    kid = update.add(
        b"<</Type/Annot/Subtype/Widget/Rect[99 99 300 200]/F 4/Parent %d 0 R/AP<</N %d 0 R>>>>" % (number, picture)
    )
    update.edit(number, Kids=b"[%d 0 R]" % kid)
    update.edit(update.pages[1], Annots=b"[%d 0 R]" % kid)


def overlay(update: Update, _: random.Random) -> None:
    """An empty visible signature field with a picture that nobody signs."""
    picture = update.add_stream(b"0 0 100 20 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 100 20]")
    number = update.add(
        b"<</FT/Sig/T(Over)/Type/Annot/Subtype/Widget/Rect[99 99 300 200]/F 4/AP<</N %d 0 R>>>>" % picture
    )
    invisible_field(update, _)
    form = update.pdf.Root.AcroForm
    fields = b" ".join(one.unparse() for one in form.Fields)
    entry = b"<</Fields[%b %d 0 R]/SigFlags 3>>" % (fields, number)
    if form.is_indirect:
        update.put(form.objgen[0], entry)
    else:
        update.edit(update.root, AcroForm=entry)
    update.edit(update.pages[1], Annots=b"[%d 0 R]" % number)


def picture_of(value: bytes) -> Change:
    """A picture in a field that claims a signature: none, or the user's own."""

    def change(update: Update, _: random.Random) -> None:
        first = update.pdf.Root.AcroForm.Fields[0]
        named = value or first.V.unparse() if first.V.is_indirect else value
        picture = update.add_stream(b"0 0 100 20 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 100 20]")
        number = update.add(
            b"<</FT/Sig/T(Over)/V %b/Type/Annot/Subtype/Widget/Rect[99 99 300 200]/F 4/AP<</N %d 0 R>>>>"
            % (named, picture)
        )
        update.edit(update.pages[1], Annots=b"[%d 0 R]" % number)
        update.edit(update.root, AcroForm=b"<</Fields[%d 0 R %d 0 R]/SigFlags 3>>" % (first.objgen[0], number))

    return change


def in_form(more: bytes) -> Change:
    """Entries more in the form."""

    def change(update: Update, _: random.Random) -> None:
        fields = b" ".join(one.unparse() for one in update.pdf.Root.AcroForm.Fields)
        update.edit(update.root, AcroForm=b"<</Fields[%b]/SigFlags 3%b>>" % (fields, more))

    return change


_LATER_HONEST: dict[str, Change] = {
    "a resource renumbered": partial(_replaced, change=False),
    "objects written again": same_again,
    "a store without entries by signature": security_store(),
    "a store in another order": security_store(reverse=True),
    "a store under other numbers": security_store(numbers=True),
    "a store that says its type": security_store(more=b"/Type/DSS", entry=b"VRI"),
    "a store with another entry": security_store(entry=b"VRI", reverse=True),
    "a number freed that never was": freed,
    "an object nobody needs": orphan,
    "other spellings": nothing_said,
    "other metadata": metadata,
    "an invisible field": invisible_field,
    "appearances are as they are": in_form(b"/NeedAppearances false/Type/AcroForm"),
    "fonts for fields that are not there": in_form(b"/DA(/Helv 0 Tf 0 g)/DR<</Font<</Helv<</Type/Font>>>>>>"),
}
_LATER_DISHONEST: dict[str, Change] = {
    "a resource changed": partial(_replaced, change=True),
    "a font overwritten": font_overwritten,
    "another page content": page_content,
    "a page's stream": page_stream,
    "an object of ours freed": freed_of_ours,
    "a store that is shown": store_is_a_page,
    "a picture for the signature": signature_moved,
    "a second picture for the signature": picture_more,
    "a picture nobody signs": overlay,
    "a picture of no signature": picture_of(b"<</Type/Sig/Filter/Adobe.PPKLite>>"),
    "a picture of the user's signature": picture_of(b""),
    "a picture of a stamp": picture_of(b"<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161>>"),
    "an action on opening": in_catalog(OpenAction=b"<</S/JavaScript/JS(1)>>"),
    "appearances made anew": in_form(b"/NeedAppearances true"),
    "a form of another kind": in_form(b"/XFA(<x/>)"),
    "layers": in_catalog(OCProperties=b"<</OCGs[]/D<<>>>>"),
    "another document in the trailer": in_trailer,
    "a note": annotation(b"/FreeText"),
    "a page turned": in_page(1, Rotate=b"90"),
    "no structure": in_catalog(StructTreeRoot=None),
    "another language": in_catalog(Lang=b"(en)"),
}


def changed_later(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Add to the signed form; sometimes a signature follows."""
    signed = sign_pdf(environment.form, person=person("user"), pki=environment.pki, at=AT, level=Level.LT)
    for name, change, honest in alternating(_LATER_HONEST, _LATER_DISHONEST, dice, 2):
        update = Update(signed)
        change(update, dice)
        content, again = update.write(), dice.random() < _SIGNED_AGAIN
        if again and not any(word in name for word in _UNSIGNABLE):
            content = sign_again(content, person=person("head"), pki=environment.pki, at=AT + _LATER, level=Level.LT)
        yield Variant(f"{name}{', signed again' if again else ''}", content, honest, expected=environment.form)


KINDS = (VariantKind("pdf: what later revisions mean", changed_later, takes, witness, "pdfsig"),)
