"""Edits of a signed PDF as an editor makes them, each through pyHanko's writer in one more revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic

from benchmarks._mutation import asn1
from benchmarks._mutation.octets import flipped

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["EDITS"]

# pyHanko has no types for making them.
_N: Any = generic.NameObject
_D: Any = generic.DictionaryObject
_A: Any = generic.ArrayObject
_NUMBER: Any = generic.NumberObject
_TEXT: Any = generic.TextStringObject
_YES: Any = generic.BooleanObject(True)  # type: ignore[no-untyped-call]
_INK = b"q 0 0 0 rg 60 400 300 60 re f Q"


def _pages(writer: Any) -> list[Any]:  # noqa: ANN401 - pyHanko has no types
    found, open_nodes = [], [writer.root.raw_get("/Pages")]
    while open_nodes:
        reference = open_nodes.pop(0)
        node = reference.get_object()
        if "/Kids" in node:
            open_nodes += [node["/Kids"].raw_get(number) for number in range(len(node["/Kids"]))]
        else:
            found.append(reference)
    return found


def _stream(data: bytes, **entries: Any) -> Any:  # noqa: ANN401 - pyHanko has no types
    return generic.StreamObject(dict_data={_N(f"/{key}"): value for key, value in entries.items()}, stream_data=data)


def _contents(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    del donors
    page = dice.choice(_pages(writer)).get_object()
    new = writer.add_object(_stream(_INK))
    old = page.raw_get("/Contents") if "/Contents" in page else None
    match dice.randrange(4):
        case 0:
            page[_N("/Contents")] = new
        case 1 if old is not None:
            listed = list(old.get_object()) if isinstance(old.get_object(), generic.ArrayObject) else [old]
            page[_N("/Contents")] = _A([*listed, new])
        case 2 if old is not None:
            page[_N("/Contents")] = _A([new])
        case _:
            stream = page["/Contents"]
            if isinstance(stream, generic.StreamObject):
                stream._data = stream.data + b"\n" + _INK  # noqa: SLF001 - as an editor would
                stream._encoded_data = None  # noqa: SLF001
                writer.update_container(stream)
    writer.update_container(page)


def _page_entry(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    del donors
    page = dice.choice(_pages(writer)).get_object()
    box = _A([_NUMBER(number) for number in (0, 0, 300, dice.choice((300, 840)))])
    key, value = dice.choice(
        (
            ("/MediaBox", box), ("/CropBox", box), ("/Rotate", _NUMBER(90)), ("/Resources", _D()),
            ("/UserUnit", _NUMBER(2)), ("/Thumb", writer.add_object(_stream(b"x"))), ("/AA", _D()),
            ("/Group", _D()), ("/Tabs", _N("/S")), ("/TrimBox", box), ("/StructParents", _NUMBER(9)),
        )
    )  # fmt: skip
    page[_N(key)] = value
    writer.update_container(page)


def _page_tree(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    del donors
    tree = writer.root["/Pages"]
    kids = tree["/Kids"]
    listed = [kids.raw_get(number) for number in range(len(kids))]
    match dice.randrange(4):
        case 0:
            listed.reverse()
        case 1:
            listed.pop()
        case 2:
            listed.append(dice.choice(listed))
        case _:
            page = _D({_N("/Type"): _N("/Page"), _N("/Parent"): writer.root.raw_get("/Pages"),
                       _N("/MediaBox"): _A([_NUMBER(one) for one in (0, 0, 595, 842)])})  # fmt: skip
            listed.insert(dice.randrange(len(listed) + 1), writer.add_object(page))
    tree[_N("/Kids")] = _A(listed)
    tree[_N("/Count")] = _NUMBER(len(listed))
    writer.update_container(tree)


def _annotation(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    del donors
    reference = dice.choice(_pages(writer))
    page = reference.get_object()
    kind = dice.choice(("FreeText", "Stamp", "Square", "Text", "Link", "Widget", "Popup", "Redact", "Watermark"))
    look = writer.add_object(
        _stream(_INK, Type=_N("/XObject"), Subtype=_N("/Form"), BBox=_A([_NUMBER(n) for n in (0, 0, 500, 500)]))
    )
    one = _D(
        {
            _N("/Type"): _N("/Annot"), _N("/Subtype"): _N(f"/{kind}"), _N("/P"): reference,
            _N("/F"): _NUMBER(dice.choice((0, 4, 2, 132))),
            _N("/Rect"): _A([_NUMBER(number) for number in (10, 10, 500, dice.choice((12, 500)))]),
            _N("/AP"): _D({_N("/N"): look}), _N("/Contents"): _TEXT("cits"),
        }
    )  # fmt: skip
    if kind == "Widget":
        one[_N("/FT")] = _N(dice.choice(("/Tx", "/Sig", "/Btn", "/Ch")))
        one[_N("/T")] = _TEXT(f"f{dice.randrange(99)}")
        one[_N("/V")] = _TEXT("cits")
    new = writer.add_object(one)
    listed = page["/Annots"] if "/Annots" in page else ()  # noqa: SIM401 - its get would give the reference
    if dice.random() < 0.15 and listed:  # noqa: PLR2004
        page[_N("/Annots")] = _A([])
    else:
        page[_N("/Annots")] = _A([*(listed.raw_get(number) for number in range(len(listed))), new] if listed else [new])
    writer.update_container(page)
    if kind == "Widget" and dice.random() < 0.7 and "/AcroForm" in writer.root:  # noqa: PLR2004
        form = writer.root["/AcroForm"]
        form["/Fields"].append(new)
        writer.update_container(form["/Fields"])
        writer.update_container(form)


def _form(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    del donors
    root = writer.root
    form = root["/AcroForm"] if "/AcroForm" in root else _D({_N("/Fields"): _A([])})
    match dice.randrange(6):
        case 0:
            form[_N("/XFA")] = writer.add_object(_stream(b"<xdp/>"))
        case 1:
            form[_N("/NeedAppearances")] = _YES
        case 2:
            form[_N("/Fields")] = _A([])
        case 3:
            form[_N("/DR")] = _D()
        case 4:
            form[_N("/DA")] = _TEXT("/Helv 40 Tf 1 0 0 rg")
        case _:
            for reference in form["/Fields"]:
                field = reference.get_object()
                key, value = dice.choice(
                    (
                        ("/V", _TEXT("cits")), ("/AP", _D()), ("/Ff", _NUMBER(1)),
                        ("/T", _TEXT("t")), ("/F", _NUMBER(2)), ("/TU", _TEXT("t")),
                        ("/Rect", _A([_NUMBER(n) for n in (0, 0, dice.choice((50, 590)), 800)])), ("/MK", _D()),
                    )
                )  # fmt: skip
                if key != "/V" or ("/FT" in field and field["/FT"] != "/Sig") or dice.random() < 0.1:  # noqa: PLR2004
                    field[_N(key)] = value
                    writer.update_container(field)
    root[_N("/AcroForm")] = form if form.container_ref is None else root.raw_get("/AcroForm")
    writer.update_container(form)
    writer.update_root()


def _catalog(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    del donors
    script = _D({_N("/S"): _N("/JavaScript"), _N("/JS"): _TEXT("app.alert(1)")})
    group = writer.add_object(_D({_N("/Type"): _N("/OCG"), _N("/Name"): _TEXT("x")}))
    key, value = dice.choice(
        (
            ("/OpenAction", script), ("/Names", _D({_N("/JavaScript"): _D({_N("/Names"): _A([])})})),
            ("/Outlines", _D()),
            ("/OCProperties", _D({_N("/OCGs"): _A([group]), _N("/D"): _D({_N("/OFF"): _A([group])})})),
            ("/PageLabels", _D({_N("/Nums"): _A([])})),
            ("/Metadata", writer.add_object(_stream(b"<x/>", Type=_N("/Metadata")))),
            ("/DSS", _D()), ("/AF", _A([])), ("/ViewerPreferences", _D()), ("/PageLayout", _N("/OneColumn")),
            ("/Collection", _D()), ("/Lang", _TEXT("en")), ("/Version", _N("/2.0")), ("/Perms", _D()),
            ("/Extensions", _D()), ("/URI", _D()), ("/Legal", _D()), ("/NeedsRendering", _YES),
            ("/MarkInfo", _D()), ("/StructTreeRoot", _D()), ("/Dests", _D()), ("/PageMode", _N("/UseAttachments")),
        )
    )  # fmt: skip
    writer.root[_N(key)] = value
    writer.update_root()


def _security_store(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    """Put bytes of another document's signature, or none, into the security store; or take it away."""
    blob = dice.choice(donors["contents"] or [b"x"])
    stream = writer.add_object(_stream(asn1.changed(blob, dice, donors["contents"])))
    store = writer.root["/DSS"] if "/DSS" in writer.root else _D()
    if dice.random() < 0.2:  # noqa: PLR2004
        writer.root.pop("/DSS", None)
        writer.update_root()
        return
    key = dice.choice(("/Certs", "/OCSPs", "/CRLs"))
    old = store[key] if key in store and dice.random() < 0.5 else ()  # noqa: PLR2004
    store[_N(key)] = _A([*(old.raw_get(number) for number in range(len(old))), stream] if old else [stream])
    writer.root[_N("/DSS")] = writer.add_object(store) if store.container_ref is None else writer.root.raw_get("/DSS")
    writer.update_container(store)
    writer.update_root()


def _any_object(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    """Change some entry of any object that can be reached: a font's width, a structure element, a signature."""
    del donors
    numbers = sorted({reference.idnum for reference in writer.prev.xrefs.explicit_refs_in_revision(0)})
    target = writer.get_object(generic.Reference(dice.choice(numbers), 0, writer))
    if isinstance(target, generic.StreamObject) and dice.random() < 0.6:  # noqa: PLR2004
        target._data = flipped(target.data, dice) if dice.random() < 0.5 else target.data[: len(target.data) // 2]  # noqa: PLR2004, SLF001
        target._encoded_data = None  # noqa: SLF001
    elif isinstance(target, generic.DictionaryObject) and len(target):
        key = dice.choice(sorted(target))
        if dice.random() < 0.4:  # noqa: PLR2004
            del target[key]
        else:
            target[_N(key)] = dice.choice((_NUMBER(7), _D(), _A([]), _N("/X"), generic.NullObject()))
    elif isinstance(target, generic.ArrayObject) and len(target):
        del target[dice.randrange(len(target))]
    writer.update_container(target)


def _unreferenced(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    """Add an object nothing refers to."""
    del dice, donors
    writer.add_object(_stream(_INK))


def _information(writer: Any, dice: random.Random, donors: Any) -> None:  # noqa: ANN401 - pyHanko has no types
    del donors
    writer.set_info(_D({_N("/Title"): _TEXT(f"cits {dice.randrange(9)}")}))


EDITS: tuple[Callable[[Any, random.Random, Any], None], ...] = (
    _contents, _contents, _page_entry, _page_tree, _annotation, _annotation, _form, _form, _catalog, _security_store,
    _any_object, _any_object, _any_object, _unreferenced, _information,
)  # fmt: skip
