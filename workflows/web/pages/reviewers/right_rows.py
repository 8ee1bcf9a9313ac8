"""Rights as rows of a page: where, which section, from when to when, on what, and why they ended."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from iam.grants.rules import HeldGrant
from iam.institutions import service as institutions
from iam.periods import riga_day
from workflows import clock
from workflows.i18n import Words
from workflows.web.words.dates import period_in_words
from workflows.web.words.sections import catalogue_names
from workflows.web.words.vocabulary import CAUSES, EVIDENCE, RIGHTS

__all__ = ["RightRows"]


class RightRows:
    """Rights as a page's rows; the catalogue and the places of all of them are read once."""

    def __init__(
        self, session: Session, words: Words, rights: Iterable[HeldGrant], sections: Mapping[str, str] | None = None
    ) -> None:
        """Begin; `sections` are the names of the catalogue, where they were read already."""
        self._words = words
        if sections is None:
            sections = catalogue_names(session, words, on=riga_day(clock.now()))
        self._sections = sections
        self._places = institutions.scope_names(session, {held.scope_id for held in rights}, on=None)

    def row(self, held: HeldGrant, at: datetime | None) -> dict[str, object]:
        """Say one right, as it stands at the moment."""
        words = self._words
        today = riga_day(at) if at else None
        return {
            "id": held.id,
            "where": self._places.get(held.scope_id) or words("The whole state"),
            "scope": held.scope,
            "section": self._sections.get(held.section, held.section),
            "level": words(RIGHTS[held.level]),
            "since": words.date(held.since) if held.since else "",
            "until": words.date(held.until) if held.until else "",
            "days": self._days(held),
            "evidence": words(EVIDENCE[held.evidence]),
            "cause": words(CAUSES[held.end_cause]) if held.end_cause else "",
            "taken_back": held.since is None,
            "now": today is not None and held.holds_on(today),
            "open": held.since is not None and (held.until is None or (today is not None and held.until >= today)),
        }

    def line(self, held: HeldGrant) -> str:
        """Say one right in a line, with its days."""
        row, words = self.row(held, None), self._words
        said = f"{row['section']} ({row['level']}), {row['where']}"
        if held.since is None:
            days = words("taken back before its first day")
        elif held.until is None:
            days = words("from %(day)s", day=row["since"])
        else:
            days = words("from %(since)s to %(until)s", since=row["since"], until=row["until"])
        return f"{said}: {days}"

    def _days(self, held: HeldGrant) -> str:
        words = self._words
        if held.since is None:
            return words("taken back")
        return period_in_words(words, held.since, held.until)
