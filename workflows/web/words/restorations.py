"""Requests to restore rights as rows of pages, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from iam import audit
from iam.grants.tags import GrantTag
from iam.ids import ScopeId
from iam.institutions import service as institutions
from iam.people.rules import NameMatch, compare_names, mask_codes_in
from iam.periods import riga_day
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.restoration.models import RestorationRequest
from workflows.restoration.restoring import account_behind
from workflows.restoration.rules import Restorable, Taken, Verdict
from workflows.restoration.states import State
from workflows.restoration.words import OBSTACLES, RIGHTS
from workflows.web.words.sections import catalogue_names
from workflows.web.words.vocabulary import Tone

__all__ = ["RightRow", "request_in_words", "right_rows"]

_STATES: Mapping[State, tuple[str, str]] = {
    State.IN_REVIEW: (_("Waits for a decision"), Tone.WAIT),
    State.RESTORED: (_("Restored"), Tone.OK),
    State.REFUSED: (_("Refused"), Tone.BAD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RightRow:
    """A right that a reform took: what it was, is and will be, or why it does not come back."""

    what: str  # section and place
    had: str
    has: str
    will: str
    record: str
    comes_back: bool


def request_in_words(words: Words, one: RestorationRequest) -> dict[str, str]:
    """Say one request: whose, by whom, since when, and how it stands. What has not happened yet is empty."""
    account, (state, tone) = account_behind(one), _STATES[one.state]
    same = compare_names(one.typed_name, account.person.full_name) is not NameMatch.DIFFERENT
    return {
        "number": str(one.id),
        "username": account.username,
        "name": account.person.full_name,
        "typed_name": one.typed_name,
        "name_differs": "" if same else "yes",
        "description": mask_codes_in(one.description),
        "asked": words.moment(one.asked_at),
        "confirmed": words.moment(one.confirmed_at) if one.confirmed_at else "",
        "email": one.email or "",
        "state": words(state),
        "tone": tone,
        "decided_by": ", ".join(filter(None, (one.decided_by, one.second_person))),
        "decided": words.moment(one.decided_at) if one.decided_at else "",
        "reason": one.reason,
    }


def right_rows(session: Session, words: Words, verdict: Verdict, *, on: date) -> list[RightRow]:
    """Say each right that a reform took: those that come back first."""
    taken = [one.taken for one in verdict.restorable] + [one.taken for one in verdict.kept]
    places = institutions.scope_names(session, {ScopeId(one.scope_id) for one in taken}, on=on)
    reasons = {one.period: _reason(session, one) for one in taken}
    rights = _Rights(words, catalogue_names(session, words, on=on), places, reasons)
    return [
        *(rights.back(one) for one in verdict.restorable),
        *(rights.stays(one.taken, words(OBSTACLES[one.why])) for one in verdict.kept),
    ]


def _reason(session: Session, taken: Taken) -> str:
    """Return why the right was ended, as the audit has it; "" where nobody said."""
    noted = audit.newest(session, tag=GrantTag.ENDED, subject=f"grant:{taken.grant}", limit=1)
    return str(noted[0].details.get("reason") or "") if noted else ""


@dataclass(frozen=True, slots=True)
class _Rights:
    words: Words
    sections: Mapping[str, str]
    places: Mapping[ScopeId, str]
    reasons: Mapping[int, str]  # by the period that was cut short

    def back(self, one: Restorable) -> RightRow:
        words = self.words
        right = words(RIGHTS[one.taken.level])
        if one.until is None:
            will = words("%(right)s, from the day of the decision", right=right)
        else:
            will = words("%(right)s, from the day of the decision to %(day)s", right=right, day=words.date(one.until))
        has = words("nothing") if one.replaces is None else words(RIGHTS[one.replaces])
        return self._row(one.taken, has=has, will=will, comes_back=True)

    def stays(self, taken: Taken, why: str) -> RightRow:
        return self._row(taken, has="", will=why, comes_back=False)

    def _row(self, taken: Taken, *, has: str, will: str, comes_back: bool) -> RightRow:
        words = self.words
        section = self.sections.get(taken.section, taken.section)
        place = self.places.get(ScopeId(taken.scope_id), "") or words("The whole state")
        had = words(RIGHTS[taken.level])
        if taken.last_day is not None:
            had = words("%(right)s, to %(day)s", right=had, day=words.date(taken.last_day))
        record = words(
            "reform, recorded %(day)s by %(who)s",
            day=words.date(riga_day(taken.recorded_at)),
            who=taken.recorded_by.partition(":")[2],
        )
        if taken.order is not None:
            record = words("%(record)s, order %(order)s", record=record, order=taken.order)
        reason = self.reasons[taken.period]
        if reason:
            record = f"{record}: {reason}"
        return RightRow(what=f"{section}, {place}", had=had, has=has, will=will, record=record, comes_back=comes_back)
