"""What the sections of VIIS, and rights in them, are called to whoever fills in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.grants import service as grants
from iam.grants.models import Level
from workflows.i18n import Language, later

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

__all__ = ["RIGHTS", "catalogue_names", "section_names"]

RIGHTS = {Level.VIEW: later("view"), Level.EDIT: later("edit")}
"""What the levels of a right are called."""


def catalogue_names(session: Session, language: Language, *, on: date) -> dict[str, str]:
    """Return code and name of each section of the catalogue on that day."""
    english = language is Language.EN
    return {one.code: one.name_en if english else one.name_lv for one in grants.sections(session, on=on)}


def section_names(
    session: Session, stated: Iterable[tuple[str, str]], language: Language, *, on: date
) -> Mapping[str, str]:
    """Name sections that a form states by code and Latvian name.

    People sign the Latvian names; whoever reads English reads the catalogue's.
    """
    names = dict(stated)
    if language is not Language.EN:
        return names
    english = catalogue_names(session, language, on=on)
    return {code: english.get(code) or name for code, name in names.items()}
