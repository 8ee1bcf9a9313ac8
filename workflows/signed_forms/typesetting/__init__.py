"""How does a template become a PDF people can sign?

`typeset` gives a PDF/A-3a, PDF/UA-1 file for each request; the same request gives the same bytes. Templates of every
form lie beside the process that owns the form, and import `base.typ` from here. `Template` fills one in.
"""

from workflows.signed_forms.typesetting.editions import Editions, UnknownEdition
from workflows.signed_forms.typesetting.fillable import fillable
from workflows.signed_forms.typesetting.filled import Template, day
from workflows.signed_forms.typesetting.printable import printable, replaced, without_glyph
from workflows.signed_forms.typesetting.typesetting import Json, NotTypeset, Request, canonical, typeset

__all__ = [
    "Editions",
    "Json",
    "NotTypeset",
    "Request",
    "Template",
    "UnknownEdition",
    "canonical",
    "day",
    "fillable",
    "printable",
    "replaced",
    "typeset",
    "without_glyph",
]
