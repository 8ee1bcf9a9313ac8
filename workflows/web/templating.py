"""How is a page written? Templates in which an unknown name is an error, and the declared context of each.

Every template has a `Page`: a frozen dataclass whose fields are what the template may name, beside `COMMON`. mypy
checks who makes it, a test checks the template. The macros of govuk-frontend ask for optional members of dictionaries;
they live in an environment of their own, where what is missing is empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import ClassVar, Final

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined

__all__ = ["COMMON", "Page", "context_of", "environment"]

_MACROS: Final = {
    "govukBackLink": "back-link",
    "govukButton": "button",
    "govukCheckboxes": "checkboxes",
    "govukErrorSummary": "error-summary",
    "govukFileUpload": "file-upload",
    "govukInput": "input",
    "govukRadios": "radios",
    "govukSelect": "select",
    "govukServiceNavigation": "service-navigation",
    "govukSkipLink": "skip-link",
    "govukTextarea": "textarea",
}

COMMON: Final = frozenset(
    {
        *("_", "plural", "words", "language", "languages"),
        *("path", "asset", "csrf", "demo", "number"),
        *("principal", "navigation", "idle_seconds"),
        *("problems", "wrong"),
    }
)
"""The names every page is given by the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The context of one template. `values` are what its fields show: what was typed, or kept."""

    template: ClassVar[str]

    values: Mapping[str, str] = field(default_factory=dict)


def context_of(page: Page) -> dict[str, object]:
    """Return the names a page declares, with what it gives them."""
    return {one.name: getattr(page, one.name) for one in fields(page)}


@cache
def environment() -> Environment:
    """Return the environment of our templates, one a process."""
    ours = _environment(PackageLoader("workflows.web"))
    ours.undefined = StrictUndefined
    theirs = _environment(PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}))
    for name, folder in _MACROS.items():
        module = theirs.get_template(f"govuk_frontend_jinja/components/{folder}/macro.html").module
        ours.globals[name] = getattr(module, name)
    return ours


def _environment(loader: PackageLoader | PrefixLoader) -> Environment:
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, auto_reload=False, loader=loader)
