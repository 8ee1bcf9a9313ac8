"""Programs that save a PDF anew before they sign it: honestly, and with something changed on the way."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pikepdf

from iam.grants.models import Level
from iam.institutions.models import ScopeKind
from workflows.application.facts import Place, StatedPerson
from workflows.application.kinds.grant.forms import Form, FormKind, make_all
from workflows.application.kinds.grant.stated import Basis, ScopeLevel, SectionWish, Stated

__all__ = ["DISHONEST", "HONEST", "REFERENCE", "TOLD", "Rewriting", "rewritten", "two_forms"]

REFERENCE = "CA63-MK4D-6F4X"
_SCHOOL = Place(ScopeKind.INSTITUTION, "4013900001", "Kalnāju sākumskola", "Kalnāju novads")
_STATED = Stated(
    applicant=_SCHOOL,
    head=StatedPerson("Ilze", "Ābeltiņa", "320000-00011", "direktore", "ilze@kalnaji.example"),
    user=StatedPerson("Jānis", "Ķirķītis", "320000-00022", "lietvedis", "janis@kalnaji.example", "+371 20000000"),
    head_is_user=False,
    level=ScopeLevel.INSTITUTION,
    scope=(_SCHOOL,),
    sections=(SectionWish("learners", "Izglītojamie un piederība", Level.EDIT),),
    basis=Basis.NEW,
    basis_detail="",
    since=date(2026, 12, 1),
    until=None,
)
_MADE_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

Change = Callable[[pikepdf.Pdf], None]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What is done to the form on the way, and the codes that have to name it."""

    change: Change
    named: tuple[str, ...] = ()


def two_forms() -> tuple[bytes, bytes]:
    """Make an application and its letter as the service does, without a database."""
    kinds = (FormKind.APPLICATION, FormKind.LETTER)
    application, letter = make_all([Form(kind, REFERENCE, _STATED) for kind in kinds], at=_MADE_AT)
    return application, letter


def rewritten(form: bytes, change: Change = lambda _pdf: None, *, linear: bool = True, packed: bool = True) -> bytes:
    """Write the whole form anew; by default as desktop Acrobat does: linearised, objects in streams."""
    modes = pikepdf.ObjectStreamMode
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(form)) as pdf:
        change(pdf)
        pdf.save(out, linearize=linear, object_stream_mode=modes.generate if packed else modes.disable)
    return out.getvalue()


def _nothing(pdf: pikepdf.Pdf) -> None:
    """Leave everything as it is."""


def _metadata_set(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Producer"] = "A Program 1.0"


def _structure_dropped(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.StructTreeRoot


def _words_replaced(pdf: pikepdf.Pdf) -> None:
    """Write one glyph in place of another: one word of the page is another one then."""
    page = pdf.pages[0]
    instructions = list(pikepdf.parse_content_stream(page))
    for instruction in reversed(instructions):
        operands = instruction.operands
        if str(instruction.operator) == "TJ" and len(operands) and len(bytes(operands[0][0])) > 4:
            glyphs = bytes(operands[0][0])
            operands[0][0] = pikepdf.String(glyphs[2:4] + glyphs[:2] + glyphs[4:])
            break
    page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))


def _page_added(pdf: pikepdf.Pdf) -> None:
    pdf.add_blank_page(page_size=(595, 842))


def _page_replaced(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents = pdf.make_stream(b"0 0 1 rg 50 50 100 100 re f")


def _page_turned(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].rotate(90, relative=True)


def _overlay(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(b"q 1 1 1 rg 70 500 300 40 re f Q")


def _attached_changed(pdf: pikepdf.Pdf) -> None:
    name = next(iter(pdf.attachments))
    pdf.attachments[name] = b'{"stated": "something else"}'


def _attached_dropped(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Names.EmbeddedFiles
    if "/AF" in pdf.Root:
        del pdf.Root.AF


def _attached_added(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["otrs.json"] = b"{}"


def _annotation(pdf: pikepdf.Pdf, **entries: Any) -> None:  # noqa: ANN401 - values of a PDF
    annotation = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Annot, F=4, **entries))
    page = pdf.pages[0].obj
    page.Annots = pikepdf.Array([*page.get("/Annots", pikepdf.Array()), annotation])


def _note_over(pdf: pikepdf.Pdf) -> None:
    _annotation(pdf, Subtype=pikepdf.Name.Square, Rect=[50, 400, 300, 600], IC=[1, 1, 1], C=[1, 1, 1])


def _link(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://viis.example"))
    _annotation(pdf, Subtype=pikepdf.Name.Link, Rect=[50, 400, 300, 420], Border=[0, 0, 0], A=action)


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def _layer(pdf: pikepdf.Pdf) -> None:
    group = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("slānis")))
    pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[group], D=pikepdf.Dictionary(ON=[group]))


def _spoken(pdf: pikepdf.Pdf) -> None:
    pdf.Root.StructTreeRoot.K[0].ActualText = pikepdf.String("pavisam kas cits")


def _portfolio(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Collection = pikepdf.Dictionary(Type=pikepdf.Name.Collection)


HONEST = {
    "nothing": Rewriting(_nothing),
    "metadata": Rewriting(_metadata_set),
    "untagged": Rewriting(_structure_dropped),
}
DISHONEST = {
    "words": Rewriting(_words_replaced, ("pdf.differs-text", "pdf.differs-picture")),
    "page-added": Rewriting(_page_added, ("pdf.differs-page-count",)),
    "page-replaced": Rewriting(_page_replaced, ("pdf.differs-text", "pdf.differs-picture")),
    "page-turned": Rewriting(_page_turned, ("pdf.differs-picture",)),
    "overlay": Rewriting(_overlay, ("pdf.differs-picture",)),
    "attached-changed": Rewriting(_attached_changed, ("pdf.differs-attached",)),
    "attached-dropped": Rewriting(_attached_dropped, ("pdf.differs-attached",)),
    "attached-added": Rewriting(_attached_added, ("pdf.differs-attached",)),
    "note-over": Rewriting(_note_over, ("pdf.differs-annotation",)),
}
TOLD = {
    "script": Rewriting(_script, ("pdf.differs-action",)),
    "layer": Rewriting(_layer, ("pdf.differs-layers",)),
    "spoken": Rewriting(_spoken, ("pdf.differs-spoken",)),
    "link": Rewriting(_link, ("pdf.differs-annotation",)),
    "portfolio": Rewriting(_portfolio, ("form.compared-other-views",)),
}
