"""What a section of VIIS is called in the reader's language.

An application states the Latvian name, because that is what its signers put their names to; whoever reads the page in
English reads the catalogue's English one.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from iam.grants import service as grants
from workflows.application.stated import Stated
from workflows.i18n import Language, Words

__all__ = ["section_names"]


def section_names(session: Session, words: Words, stated: Stated) -> Mapping[str, str]:
    """Return code and name of each section the application names: as stated, or as the catalogue says in English."""
    names = {wish.code: wish.name for wish in stated.sections}
    if words.language is Language.EN:
        english = {one.code: one.name_en for one in grants.sections(session, on=stated.since)}
        names = {code: english.get(code) or name for code, name in names.items()}
    return names
