"""Which pages do people sign?

`make` turns what an application states into a PDF/A-3a, PDF/UA-1 file with the same facts attached as JSON. The same
facts, kind, edition and time give the same bytes: a signed file is compared with ours byte for byte, so a form made
again after a crash must be the form that was made before it. `blank` gives the forms to fill in by hand or on a screen.
"""

from workflows.application.kinds.grant.forms._editions import Edition, edition, edition_on
from workflows.application.kinds.grant.forms._render import Form, FormKind, blank, make, make_all
from workflows.signed_forms.typesetting import NotTypeset, UnknownEdition, replaced, without_glyph

__all__ = [
    "Edition",
    "Form",
    "FormKind",
    "NotTypeset",
    "UnknownEdition",
    "blank",
    "edition",
    "edition_on",
    "make",
    "make_all",
    "replaced",
    "without_glyph",
]
