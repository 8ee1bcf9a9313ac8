"""What the register says again when orders are undone, and which places stay that they founded. Reads; writes nothing.

It tells beforehand what `iam.orders.places.put_places_back` does.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.institutions.models import (
    InstitutionMunicipality,
    InstitutionName,
    MunicipalityCode,
    MunicipalityName,
)
from iam.orders.models import ChangeKind, Order, OrderChange, OrderParty, Side
from iam.orders.rules import ENDING
from iam.orders.staying import staying
from workflows.i18n import later
from workflows.proposals.content import FactText, data, say
from workflows.reorganisation.undo_changes import UndoChange, UndoFate

__all__ = ["key_of", "places_back", "uses_text"]

_CALLED = later("It is called %(name)s again.")
_CODED = later("It has the code %(code)s again.")
_NEWER = later("Something newer is recorded since: that stays.")
_NO_WORD = later("The register had said so without the order: nothing changes.")
_GOES_ON = later("It goes on as if the order had not been.")
_GOES_ON_WITH = later("It goes on as if the order had not been; institutions that lie in it again: %(n)s.")
_GOES = later("The order founded it, and nothing refers to it.")
_GOES_ON_IN_USE = later(
    "The order founded it, and something there holds: it stays in the register until an order ends it."
)
_IN_USE = later(
    "The order founded it, and something refers to it: it stays in the register, as ended on its first day."
)

_WITH_USES = later("%(what)s Recorded there: %(uses)s.")
_USES: Mapping[str, str] = {
    "grants": later("rights given, also those that are over: %(n)s"),
    "applications": later("applications: %(n)s"),
    "signatories": later("entitlements to sign, also those that are over: %(n)s"),
    "institution_municipalities": later("in which municipality an institution lies: %(n)s"),
    "order_parties": later("changes of other orders: %(n)s"),
    "proposals": later("proposals to a second person: %(n)s"),
    "staff": later("consultants of the municipality: %(n)s"),
    "institution_names": later("further names: %(n)s"),
    "municipality_names": later("further names: %(n)s"),
    "municipality_codes": later("further codes: %(n)s"),
}
"""What leads to a founded place, by table."""
_OTHER_USES = later("other records: %(n)s")


def uses_text(uses: Mapping[str, int]) -> FactText:
    """Say what is recorded at a place, what weighs most first."""
    counts = [(message, uses[table]) for table, message in _USES.items() if uses.get(table)]
    if others := sum(count for table, count in uses.items() if table not in _USES):
        counts.append((_OTHER_USES, others))
    *before, said = [say(message, n=str(count)) for message, count in counts]
    for one in reversed(before):
        said = say("%(one)s; %(more)s", one=one, more=said)
    return said


def places_back(
    session: Session, rows: Sequence[Order], *, today: date, ending: Collection[int] = ()
) -> list[UndoChange]:
    """Say of each place that the orders changed or founded what becomes of it, once the grants `ending` have ended."""
    changes = [(row, change) for row in rows for change in row.changes]
    members = _members(session, [change for _, change in changes])
    told = [one for row, change in changes for one in _sources(session, row, change, members)]
    # A place that several lines found together is one.
    return list({one.sorted_by: one for one in (*told, *_founded(session, rows, today, ending))}.values())


def _sources(
    session: Session, row: Order, change: OrderChange, members: Mapping[tuple[int, int], int]
) -> Iterator[UndoChange]:
    if change.before is None:
        return
    before: Mapping[str, list[list[Any]]] = change.before  # type: ignore[assignment] # written by `change_places`
    for party in change.parties:
        if party.side is not Side.SOURCE:
            continue
        if change.kind is ChangeKind.RENAMED:
            row_of = InstitutionName if party.institution_id is not None else MunicipalityName
            why, reason = _again(session, row_of, before, "name", day=row.effective)
        elif change.kind is ChangeKind.RECODED:
            why, reason = _again(session, MunicipalityCode, before, "atvk", day=row.effective)
        elif change.kind not in ENDING:
            continue  # a branch has no number of its own, and what is split off was founded
        elif _was_cut(party, before):
            why, reason = "ended", _goes_on(members[change.id, party.municipality_id or 0])
        else:
            why, reason = "known", say(_NO_WORD)
        fate = UndoFate.PLACE_STAYS if why in ("known", "newer") else UndoFate.PLACE_BACK
        yield UndoChange(fate=fate, order=row.reference, why=why, reason=reason, scope=key_of(party))


def _founded(session: Session, rows: Sequence[Order], today: date, ending: Collection[int]) -> Iterator[UndoChange]:
    stay = {one.party.id: one for one in staying(session, rows, today=today, ending=ending)}
    for row in rows:
        for party in (party for change in row.changes for party in change.parties if party.founded_as is not None):
            if party.institution_id is None and party.municipality_id is None:
                continue
            kept = stay.get(party.id)
            fate, why, reason = UndoFate.PLACE_GOES, "founded", say(_GOES)
            if kept is not None:
                why, because = ("goes_on", _GOES_ON_IN_USE) if kept.goes_on else ("in_use", _IN_USE)
                fate, reason = UndoFate.PLACE_STAYS, say(_WITH_USES, what=say(because), uses=uses_text(kept.uses))
            yield UndoChange(fate=fate, order=row.reference, why=why, reason=reason, scope=key_of(party))


def _members(session: Session, changes: Iterable[OrderChange]) -> Counter[tuple[int, int]]:
    """Count the institutions that lie in a municipality again, by change and municipality."""
    cut = {
        id_: change.id
        for change in changes
        for id_, *_ in (change.before or {}).get("institution_municipalities", ())  # type: ignore[attr-defined] # JSON
    }
    rows = select(InstitutionMunicipality.id, InstitutionMunicipality.municipality_id).where(
        InstitutionMunicipality.id == any_of(cut)
    )
    return Counter((cut[id_], municipality) for id_, municipality in session.execute(rows)) if cut else Counter()


def _goes_on(members: int) -> FactText:
    return say(_GOES_ON_WITH, n=data(str(members))) if members else say(_GOES_ON)


def _was_cut(party: OrderParty, before: Mapping[str, list[list[Any]]]) -> bool:
    """Whether the order ended the place: the register may have had it end before."""
    if party.institution_id is not None:
        return party.institution_id in {id_ for id_, *_ in before.get("institutions", ())}
    return party.municipality_id in {id_ for id_, *_ in before.get("municipalities", ())}


def _again(
    session: Session,
    model: Any,  # noqa: ANN401 - one of the dated tables
    before: Mapping[str, list[list[Any]]],
    column: str,
    *,
    day: date,
) -> tuple[str, FactText]:
    """Say which name or code holds again, or why none does."""
    table = model.__tablename__
    known = session.get(model, next((id_ for id_, *_ in before.get(table, ())), 0))
    said = str(getattr(known, column)) if known is not None else ""
    for said_in, id_, was in before.get("said", ()):
        if said_in == table:
            known, said = session.get(model, id_), str(was[column])
    if known is None:
        return "known", say(_NO_WORD)
    owner = "institution_id" if model is InstitutionName else "municipality_id"
    same = getattr(model, owner) == getattr(known, owner)
    if session.scalar(select(model.id).where(same, func.lower(model.period) > day).limit(1)) is not None:
        return "newer", say(_NEWER)
    return ("recoded", say(_CODED, code=said)) if column == "atvk" else ("renamed", say(_CALLED, name=said))


def key_of(party: OrderParty) -> str:
    """Return the key of a recorded party, as scopes are named; a municipality without an id by its code."""
    if party.reg_no is not None:
        return f"i-{party.reg_no}"
    return f"atvk-{party.atvk}" if party.municipality_id is None else f"m-{party.municipality_id}"
