"""What the register says again when orders are undone, and which places stay that they founded. Reads; writes nothing.

It tells beforehand what `iam.orders.places.put_places_back` does.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.ids import ScopeId
from iam.institutions.models import (
    InstitutionMunicipality,
    InstitutionName,
    MunicipalityCode,
    MunicipalityName,
    Scope,
)
from iam.orders.models import ChangeKind, Order, OrderChange, OrderParty, Side
from iam.orders.places import scopes_in_use
from iam.orders.rules import ENDING
from workflows.i18n import later
from workflows.proposals.content import FactText, data, say
from workflows.reorganisation.undo_changes import UndoChange, UndoFate

__all__ = ["key_of", "places_back"]

_CALLED = later("It is called %(name)s again.")
_CODED = later("It has the code %(code)s again.")
_NO_WORD = later("The register had said so without the order: nothing changes.")
_GOES_ON = later("It goes on as if the order had not been.")
_GOES_ON_WITH = later("It goes on as if the order had not been; institutions that lie in it again: %(n)s.")
_GOES = later("The order founded it, and nothing refers to it.")
_IN_USE = later(
    "The order founded it, and something refers to it: it stays in the register, as ended on its first day."
)


def places_back(session: Session, rows: Sequence[Order]) -> list[UndoChange]:
    """Say of each place that the orders changed or founded what becomes of it."""
    changes = [(row, change) for row in rows for change in row.changes]
    members = _members(session, [change for _, change in changes])
    told = [one for row, change in changes for one in _sources(session, row, change, members)]
    return [*told, *_founded(session, rows)]


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
            name = _said_before(session, row_of, before, "name")
            why, reason = ("renamed", say(_CALLED, name=name)) if name else ("known", say(_NO_WORD))
        elif change.kind is ChangeKind.RECODED:
            code = _said_before(session, MunicipalityCode, before, "atvk")
            why, reason = ("recoded", say(_CODED, code=code)) if code else ("known", say(_NO_WORD))
        elif change.kind not in ENDING:
            continue  # a branch has no number of its own, and what is split off was founded
        elif _was_cut(party, before):
            why, reason = "ended", _goes_on(members[change.id, party.municipality_id or 0])
        else:
            why, reason = "known", say(_NO_WORD)
        fate = UndoFate.PLACE_STAYS if why == "known" else UndoFate.PLACE_BACK
        yield UndoChange(fate=fate, order=row.reference, why=why, reason=reason, scope=key_of(party))


def _founded(session: Session, rows: Sequence[Order]) -> list[UndoChange]:
    parties = [
        (row, party)
        for row in rows
        for change in row.changes
        for party in change.parties
        if party.founded_as is not None and (party.institution_id or party.municipality_id)
    ]
    scopes = _scopes(session, [party for _, party in parties])
    used = scopes_in_use(session, scopes.values()) if scopes else set()
    told = []
    for row, party in parties:
        stays = scopes.get(key_of(party)) in used
        fate, why, reason = (
            (UndoFate.PLACE_STAYS, "in_use", _IN_USE) if stays else (UndoFate.PLACE_GOES, "founded", _GOES)
        )
        told.append(UndoChange(fate=fate, order=row.reference, why=why, reason=say(reason), scope=key_of(party)))
    return list({one.sorted_by: one for one in told}.values())


def _scopes(session: Session, parties: Iterable[OrderParty]) -> dict[str, ScopeId]:
    """Return the scopes of places by key; where nobody ever held a right there is none."""
    keys = {(party.institution_id, party.municipality_id): key_of(party) for party in parties}
    found = select(Scope.id, Scope.institution_id, Scope.municipality_id).where(
        or_(
            Scope.institution_id == any_of([one for one, _ in keys if one is not None]),
            Scope.municipality_id == any_of([one for _, one in keys if one is not None]),
        )
    )
    return {keys[institution, municipality]: ScopeId(id_) for id_, institution, municipality in session.execute(found)}


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


def _said_before(session: Session, model: Any, before: Mapping[str, list[list[Any]]], column: str) -> str:  # noqa: ANN401 - one of the dated tables
    """Return the name or code that holds again; "" where the register had said the new one already."""
    table = model.__tablename__
    for said_in, _, was in before.get("said", ()):
        if said_in == table:
            return str(was[column])
    for id_, *_ in before.get(table, ()):
        return session.scalar(select(getattr(model, column)).where(model.id == id_)) or ""
    return ""


def key_of(party: OrderParty) -> str:
    """Return the key of a recorded party, as scopes are named; a municipality without an id by its code."""
    if party.reg_no is not None:
        return f"i-{party.reg_no}"
    return f"atvk-{party.atvk}" if party.municipality_id is None else f"m-{party.municipality_id}"
