"""What a section of VIIS is called in the reader's language.

An application states the Latvian name, because that is what its signers put their names to; whoever reads the page in
English reads the catalogue's English one.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from iam.grants import service as grants
from workflows.application.stated import Stated
from workflows.i18n import Language, Words

__all__ = ["catalogue_names", "section_names"]


def catalogue_names(session: Session, words: Words, *, on: date) -> dict[str, str]:
    """Return code and name of each section of the catalogue on that day."""
    english = words.language is Language.EN
    return {one.code: one.name_en if english else one.name_lv for one in grants.sections(session, on=on)}


def section_names(session: Session, words: Words, stated: Stated) -> Mapping[str, str]:
    """Return code and name of each section the application names: as stated, or as the catalogue says in English."""
    names = {wish.code: wish.name for wish in stated.sections}
    if words.language is Language.EN:
        english = catalogue_names(session, words, on=stated.since)
        names = {code: english.get(code) or name for code, name in names.items()}
    return names
