"""Thousands of accounts with rights all over a register, the same for the same seed; written as rows, not as acts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam import letters
from iam.bulk import insert_all, next_ids
from iam.grants.models import (
    Account,
    AccountStatus,
    Evidence,
    EvidenceKind,
    Grant,
    GrantPeriod,
    Level,
    Section,
)
from iam.ids import ScopeId
from iam.institutions.models import Institution, InstitutionName, Municipality, Scope, ScopeKind
from iam.people.models import Person
from iam.periods import days, known_from

__all__ = ["GRANTS", "MUNICIPAL", "SINCE", "USERS", "invented_institution", "populate"]

USERS = 10_000
GRANTS = 15_000
MUNICIPAL = 500
"""Rights of municipality level among them (domain.md, Sizes to build for)."""

SINCE = date(2020, 9, 1)
_AT = datetime(2020, 9, 1, 8, tzinfo=UTC)
_BY = "system:seed"


def populate(
    session: Session, *, users: int = USERS, grants: int = GRANTS, municipal: int = MUNICIPAL, seed: int = 2021
) -> None:
    """Give `grants` rights to `users` people: one at least to each, `municipal` of them in the municipalities of 2020.

    Every institution and every municipality of that day has somebody where there are enough people.
    """
    random = Random(seed)  # noqa: S311 - the same people each time
    places = _places(session)
    accounts = _accounts(session, users)
    sections = list(session.scalars(select(Section.id).order_by(Section.position)))
    evidence = _evidence(session)
    rows, taken = [], set()
    for number in range(grants):
        kind = "m" if number < municipal else "i"
        there = places[kind]
        while True:
            place = there[number % len(there)] if number < 2 * len(there) else random.choice(there)
            right = (accounts[number % users], place, random.choice(sections))
            if right not in taken:
                break
        taken.add(right)
        rows.append(right)
    _write(session, rows, evidence, random)


def invented_institution(session: Session, reg_no: str, name: str) -> Institution:
    """Record an institution that the register of 2020 does not know any more."""
    made = Institution(
        reg_no=reg_no,
        legal_status="",
        stage="",
        type="",
        founder="",
        parish="",
        branches=0,
        units=0,
        period=days(None, None),
        recorded_at=_AT,
    )
    made.names.append(
        InstitutionName(
            name=name, search_key=letters.fold(name), sort_key=letters.sort_key(name), period=days(None, None)
        )
    )
    session.add(made)
    session.flush()
    return made


def _places(session: Session) -> dict[str, list[ScopeId]]:
    """Make the scopes of every institution, and of every municipality that was there on the first day."""
    institutions = list(session.scalars(select(Institution.id).order_by(Institution.reg_no)))
    there = select(Municipality.id).where(Municipality.period.contains(SINCE)).order_by(Municipality.id)
    municipalities = list(session.scalars(there))
    known: dict[tuple[ScopeKind, int | None], ScopeId] = {
        (kind, institution or municipality): id_
        for id_, kind, institution, municipality in session.execute(
            select(Scope.id, Scope.kind, Scope.institution_id, Scope.municipality_id)
        )
    }
    wanted: list[tuple[ScopeKind, int | None]] = [(ScopeKind.INSTITUTION, id_) for id_ in institutions]
    wanted += [(ScopeKind.MUNICIPALITY, id_) for id_ in municipalities]
    missing = [key for key in wanted if key not in known]
    ids = [ScopeId(id_) for id_ in next_ids(session, Scope, len(missing))]
    rows = [
        {
            "id": id_,
            "kind": kind,
            "institution_id": what if kind is ScopeKind.INSTITUTION else None,
            "municipality_id": what if kind is ScopeKind.MUNICIPALITY else None,
        }
        for id_, (kind, what) in zip(ids, missing, strict=True)
    ]
    if rows:
        insert_all(session, Scope, rows)
    known |= dict(zip(missing, ids, strict=True))
    return {
        "i": [known[ScopeKind.INSTITUTION, id_] for id_ in institutions],
        "m": [known[ScopeKind.MUNICIPALITY, id_] for id_ in municipalities],
    }


def _accounts(session: Session, count: int) -> Sequence[int]:
    people = next_ids(session, Person, count)
    rows = [
        {
            "id": id_,
            "given_name": "Anna",
            "surname": f"Liepa {number}",
            "search_key": f"anna liepa {number}",
            "sort_key": f"liepa {number:05d}",
            "recorded_at": _AT,
        }
        for number, id_ in enumerate(people)
    ]
    insert_all(session, Person, rows)
    ids = next_ids(session, Account, count)
    accounts = [
        {
            "id": id_,
            "person_id": person,
            "username": f"liepa{number}",
            "email": f"liepa{number}@skola.example",
            "phone": "",
            "language": "lv",
            "status": AccountStatus.ACTIVE,
            "adopted": True,
            "opened_at": _AT,
            "revision": 1,
            "projected_revision": 1,
        }
        for number, (id_, person) in enumerate(zip(ids, people, strict=True))
    ]
    insert_all(session, Account, accounts)
    return ids


def _evidence(session: Session) -> int:
    row = Evidence(kind=EvidenceKind.TAKEN_OVER, fingerprint="a" * 64, taken_over_from="seed", recorded_at=_AT)
    session.add(row)
    session.flush()
    return row.id


def _write(session: Session, rights: Sequence[tuple[int, ScopeId, int]], evidence: int, random: Random) -> None:
    ids = next_ids(session, Grant, len(rights))
    grants = [
        {
            "id": id_,
            "account_id": account,
            "scope_id": scope,
            "section_id": section,
            "level": random.choice(list(Level)),
            "evidence_id": evidence,
            "evidence_kind": EvidenceKind.TAKEN_OVER,
            "given_by": _BY,
            "given_at": _AT,
        }
        for id_, (account, scope, section) in zip(ids, rights, strict=True)
    ]
    insert_all(session, Grant, grants)
    periods = [
        {
            "grant_id": grant["id"],
            "account_id": grant["account_id"],
            "scope_id": grant["scope_id"],
            "section_id": grant["section_id"],
            "valid": days(SINCE, None),
            "recorded": known_from(_AT),
            "recorded_by": _BY,
        }
        for grant in grants
    ]
    insert_all(session, GrantPeriod, periods)
