"""What a restoration would give back, as facts that both people see and a digest covers; in no language."""

from datetime import datetime

from sqlalchemy.orm import Session

from iam.grants import service as grants
from iam.ids import ScopeId
from iam.institutions import service as institutions
from iam.periods import riga_day
from workflows.i18n import later
from workflows.proposals.content import Fact, FactText, ProposalContent, data, on_day, say
from workflows.restoration.models import RestorationRequest
from workflows.restoration.reading import verdict_on
from workflows.restoration.restoring import account_behind
from workflows.restoration.rules import Restorable
from workflows.restoration.words import RIGHTS

__all__ = ["presented", "scope_of"]


def presented(session: Session, request: RestorationRequest, *, at: datetime) -> ProposalContent:
    """Say whose request it is, what each right was, is and will be, and how its reduction was recorded."""
    account, today = account_behind(request), riga_day(at)
    verdict = verdict_on(session, account.id, on=today)
    names = {section.code: section.name_lv for section in grants.sections(session, on=today)}
    facts = [
        Fact(say(later("User")), data(f"{account.person.full_name} ({account.username})")),
        Fact(say(later("Asked for by")), data(f"{request.typed_name} ({request.username})")),
        *(
            Fact(say(later("Confirmed by the account's e-mail")), on_day(riga_day(moment)))
            for moment in (request.confirmed_at,)
            if moment is not None
        ),
        *_records(verdict.restorable),
        *(_fact(session, one, names.get(one.taken.section, one.taken.section)) for one in verdict.restorable),
        Fact(
            say(later("Why two people decide")),
            say(later("The rights reach beyond one institution: a municipality, a subordinate body or the state")),
        ),
    ]
    return ProposalContent(tuple(facts), count=len(verdict.restorable))


def scope_of(session: Session, request: RestorationRequest) -> ScopeId | None:
    """Give the first place in which a reform took something from the account."""
    verdict = verdict_on(session, account_behind(request).id, on=riga_day(request.asked_at))
    taken = [one.taken for one in verdict.restorable] + [one.taken for one in verdict.kept]
    return ScopeId(taken[0].scope_id) if taken else None


def _records(restorable: tuple[Restorable, ...]) -> list[Fact]:
    """Say once of each recording when and by whom the reductions were recorded."""
    known = dict.fromkeys((one.taken.recorded_at, one.taken.recorded_by, one.taken.order) for one in restorable)
    label = say(later("Reduction by the reform, recorded"))
    return [
        Fact(
            label,
            say(
                later("%(day)s, %(who)s") if order is None else later("%(day)s, %(who)s, order %(order)s"),
                day=on_day(riga_day(moment)),
                who=who.partition(":")[2],
                **({} if order is None else {"order": order}),
            ),
        )
        for moment, who, order in known
    ]


def _fact(session: Session, one: Restorable, section: str) -> Fact:
    scope = institutions.scope_by_code(session, one.taken.scope)
    place = institutions.scope_name(session, scope, on=one.since)
    now = later("nothing") if one.replaces is None else RIGHTS[one.replaces]
    return Fact(
        data(f"{section}, {place}"),
        _will(one),
        say(
            later("before: %(had)s; now: %(has)s"),
            had=say(RIGHTS[one.taken.level]),
            has=say(now),
        ),
    )


def _will(one: Restorable) -> FactText:
    """Say the level and its days: nobody knows yet on which day this will be decided."""
    right = say(RIGHTS[one.taken.level])
    if one.until is None:
        return say(later("%(right)s, from the day of the decision"), right=right)
    return say(later("%(right)s, from the day of the decision to %(day)s"), right=right, day=on_day(one.until))
