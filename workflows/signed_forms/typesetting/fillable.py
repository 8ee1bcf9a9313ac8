"""How does a blank form become one that is filled in on a screen? Its marked places become form fields.

typst makes no form fields, but links, each with its place on the page and in the structure for screen readers. A
template marks a place with a link to `viis-text:NAME` or `viis-tick:NAME`, and here each turns into a field of that
name (ISO 32000-1 §12.7) where it stands: the file stays PDF/A-3a and PDF/UA-1.

What is typed is set in the forms' own typeface, embedded whole and encoded as Windows-1257: all letters of Latvian.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from workflows.signed_forms.typesetting.opentype import advances, font_table, glyph_names, glyphs, measures

__all__ = ["fillable"]

_FONT = Path(__file__).parent / "fonts" / "SourceSans3-Regular.otf"
_TEXT, _TICK = "viis-text:", "viis-tick:"
_CODES = range(32, 256)
_ENCODING = "cp1257"
_SIZE = 9.5  # points
_PRINT = 4  # an annotation's flags, bit 3
_NONSYMBOLIC = 32
_MARKS = {"MACRON": "macron", "CARON": "caron", "OGONEK": "ogonek", "ACUTE": "acute", "STROKE": "slash"}
# CFF's own names, which no font spells out (Adobe Technical Note 5176, appendix A).
_STANDARD = frozenset({"Scaron", "scaron", "Zcaron", "zcaron", "Oslash", "oslash", "Lslash", "lslash"})


def fillable(form: bytes) -> bytes:
    """Return the form with a field at each marked place; the same form gives the same bytes."""
    with Pdf.open(BytesIO(form)) as pdf:
        fields = [_turned(pdf, link, target) for link, target in _marked(pdf)]
        _turn_structure(pdf)
        font = pdf.make_indirect(_font(pdf))
        for field in fields:
            if Name.Tx == field.FT:
                field.AP = Dictionary(N=_empty(pdf, field, font))
        pdf.Root.AcroForm = pdf.make_indirect(
            Dictionary(Fields=Array(fields), DR=Dictionary(Font=Dictionary(F0=font)), DA=String(_appearance()))
        )
        for page in pdf.pages:
            page.obj.Tabs = Name.S
        made = BytesIO()
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


def _marked(pdf: Pdf) -> Iterator[tuple[pikepdf.Object, str]]:
    for page in pdf.pages:
        for link in page.obj.get("/Annots", Array()):
            # Addresses are octets (§12.6.4.7); typst writes them in UTF-8.
            target = bytes(link.A.URI).decode() if "/A" in link and "/URI" in link.A else ""
            if target.startswith((_TEXT, _TICK)):
                link.P = page.obj
                yield link, target


def _turned(pdf: Pdf, link: pikepdf.Object, target: str) -> pikepdf.Object:
    """Turn a link into a field; its place, and its place in the structure, stay."""
    kind, _, name = target.partition(":")
    for key in ("/A", "/Border", "/Contents"):
        if key in link:
            del link[key]
    # A full stop in a name would divide it (§12.7.3.2).
    link.update(Dictionary(Subtype=Name.Widget, F=_PRINT, T=String(name.replace(".", " ").strip()), TU=String(name)))
    if f"{kind}:" == _TEXT:
        link.update(Dictionary(FT=Name.Tx, DA=String(_appearance())))
    else:
        states = Dictionary(Off=_drawn(pdf, link, b""), Yes=_drawn(pdf, link, _cross(link)))
        link.update(Dictionary(FT=Name.Btn, V=Name.Off, AS=Name.Off, AP=Dictionary(N=states)))
    return link


def _turn_structure(pdf: Pdf) -> None:
    """Call each element that holds a field a form (ISO 32000-1, table 340), no longer a link."""
    for one in pdf.objects:
        if isinstance(one, Dictionary) and one.get("/S") == Name.Link and _holds_field(one):
            one.S = Name.Form


def _holds_field(element: pikepdf.Object) -> bool:
    kids = element.get("/K", Array())
    found = kids if isinstance(kids, Array) else [kids]
    return any(
        isinstance(one, Dictionary) and "/Obj" in one and one.Obj.get("/Subtype") == Name.Widget for one in found
    )


def _appearance() -> str:
    return f"/F0 {_SIZE} Tf 0.11 0.1 0.09 rg"


def _box(field: pikepdf.Object) -> tuple[float, float]:
    left, bottom, right, top = (float(one) for one in field.Rect)
    return right - left, top - bottom


def _drawn(pdf: Pdf, field: pikepdf.Object, content: bytes, resources: Dictionary | None = None) -> pikepdf.Object:
    width, height = _box(field)
    drawn = Stream(pdf, content)
    drawn.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, width, height])))
    drawn.Resources = Dictionary() if resources is None else resources
    return pdf.make_indirect(drawn)


def _empty(pdf: Pdf, field: pikepdf.Object, font: pikepdf.Object) -> pikepdf.Object:
    return _drawn(pdf, field, b"/Tx BMC EMC", Dictionary(Font=Dictionary(F0=font)))


def _cross(field: pikepdf.Object) -> bytes:
    width, height = _box(field)
    near, right, top = 1.5, width - 1.5, height - 1.5
    return (
        f"q 0.11 0.1 0.09 RG 1.2 w {near} {near} m {right:.2f} {top:.2f} l S "
        f"{near} {top:.2f} m {right:.2f} {near} l S Q"
    ).encode()


def _font(pdf: Pdf) -> Dictionary:
    """Embed the typeface as a simple font (§9.6.2) in the encoding that fields are typed in."""
    data = _FONT.read_bytes()
    by_code, wide, measured = glyphs(data), advances(data), measures(data)
    characters = {code: bytes([code]).decode(_ENCODING, "replace") for code in _CODES}
    widths = [wide[min(by_code.get(ord(characters[code]), 0), len(wide) - 1)] for code in _CODES]
    program = Stream(pdf, font_table(data, "CFF "))
    program.Subtype = Name.Type1C
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/SourceSans3-Regular"),
        Flags=_NONSYMBOLIC,
        FontBBox=Array(list(measured["box"])),  # type: ignore[arg-type]  # four numbers
        ItalicAngle=0,
        Ascent=measured["ascent"],
        Descent=measured["descent"],
        CapHeight=measured["capitals"],
        StemV=80,
        FontFile3=pdf.make_indirect(program),
    )
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name("/SourceSans3-Regular"),
        FirstChar=_CODES.start,
        LastChar=_CODES.stop - 1,
        Widths=Array(widths),
        FontDescriptor=pdf.make_indirect(descriptor),
        Encoding=Dictionary(
            Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=Array(_differences(characters))
        ),
        ToUnicode=pdf.make_indirect(Stream(pdf, _to_unicode(characters))),
    )


def _differences(characters: dict[int, str]) -> list[pikepdf.Object | int]:
    """Say where the encoding differs from Windows-1252, by names of glyphs that the font has."""
    found: list[pikepdf.Object | int] = []
    for code, character in characters.items():
        if bytes([code]).decode("cp1252", "replace") != character and (name := _glyph_name(character)):
            found += [code, Name(f"/{name}")]
    return found


def _glyph_name(character: str) -> str:
    base, _, mark = unicodedata.name(character, "").partition(" WITH ")
    letter = base.rpartition(" ")[2]
    named = (letter if "CAPITAL" in base else letter.lower()) + _MARKS.get(mark, "?")
    known = _names()
    candidates = (named, f"uni{ord(character):04X}")
    return next((one for one in candidates if one in known or one in _STANDARD), "")


@cache
def _names() -> frozenset[str]:
    return glyph_names(_FONT.read_bytes())


def _to_unicode(characters: dict[int, str]) -> bytes:
    """Write the map from codes to characters (§9.10.3), by which a filled form is read and copied."""
    pairs = [
        f"<{code:02X}> <{character.encode('utf-16-be').hex().upper()}>"
        for code, character in characters.items()
        if character != "\N{REPLACEMENT CHARACTER}"
    ]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]  # at most so many in a block
    mapped = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /VIIS-1257 def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <FF> endcodespacerange\n{mapped}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode("ascii")
