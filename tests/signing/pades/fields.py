"""Signature fields written into a PDF by hand."""

from benchmarks._variants.updates import Update


def field(update: Update, name: bytes, rectangle: bytes, more: bytes = b"") -> int:
    """Add a signature field to the first page, beside those that are there; `more` are further entries of it."""
    page = update.pages[0]
    number = update.add(
        b"<</FT/Sig/T(%b)/Type/Annot/Subtype/Widget/F 132/Rect[%b]/P %d 0 R%b>>" % (name, rectangle, page, more)
    )
    listed = update.entries(page).get("/Annots", b"[]").strip()[1:-1]
    update.edit(page, Annots=b"[%b %d 0 R]" % (listed, number))
    update.edit(update.root, AcroForm=b"<</Fields[%b %d 0 R]/SigFlags 3>>" % (listed, number))
    return number
