"""What a section of VIIS is called in the reader's language."""

from datetime import date

from sqlalchemy.orm import Session

from iam.grants import service as grants
from workflows.i18n import Language, Words

__all__ = ["catalogue_names"]


def catalogue_names(session: Session, words: Words, *, on: date) -> dict[str, str]:
    """Return code and name of each section of the catalogue on that day."""
    english = words.language is Language.EN
    return {one.code: one.name_en if english else one.name_lv for one in grants.sections(session, on=on)}
