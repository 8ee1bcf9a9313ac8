"""The questions asked of applications' tables; nothing else in the package selects."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, bindparam, case, cast, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import contains_eager, defer, joinedload, load_only, raiseload

from iam import letters
from iam.grants.models import Account
from iam.institutions.models import Institution
from iam.visibility import sees_scope
from workflows.application.models import Application, Decision, PrefilledDraft
from workflows.application.states import ALL_SIGNED, OPEN, SIGNATORY_NOTES, Signed, State
from workflows.signed_forms.models import Link, RequiredDocument, SigningRequest
from workflows.signed_forms.states import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.ids import ApplicationId, EvidenceId, InstitutionId, PersonId
    from iam.visibility import Visibility
    from workflows.application.kinds.filling import Alike

__all__ = [
    "QueueOrder",
    "Wanted",
    "about_person",
    "application_by_reference",
    "application_of",
    "applications_behind",
    "case_by_reference",
    "expired",
    "linked",
    "locked",
    "locked_of",
    "municipalities_waiting",
    "oldest_unclaimed",
    "open_like",
    "queued",
    "reg_nos",
    "undecided_about",
    "visible",
    "waiting",
]

_UNDECIDED = (State.AWAITING_SIGNATURES, State.IN_REVIEW, State.MORE_REQUESTED)


_WITH_REQUEST = joinedload(Application.signing, innerjoin=True)
_REFERRED_TO = (
    select(Application)
    .where(Application.reference == bindparam("named"), Application.submitted_at.is_not(None))
    .options(_WITH_REQUEST)
)


def visible(sees: Visibility, *, on: date) -> ColumnElement[bool]:
    """Return the condition that an application may be seen: its institution's, or one for the very person."""
    own = false() if sees.person is None else Application.user_person_id == sees.person
    return true() if sees.everything else or_(own, sees_scope(sees, Application.scope_id, on=on))


def case_by_reference(session: Session, reference: str, *, sees: Visibility, on: date) -> Application | None:
    """Find a submitted application by its reference, among those that may be seen."""
    query = _REFERRED_TO if sees.everything else _REFERRED_TO.where(visible(sees, on=on))
    return session.scalar(query, {"named": reference})


def application_by_reference(session: Session, reference: str) -> Application | None:
    """Find a submitted application by its reference as stored."""
    return session.scalar(_REFERRED_TO, {"named": reference})


def application_of(session: Session, request_id: int) -> Application:
    """Find the application a signing request belongs to. Raises NoResultFound."""
    query = select(Application).where(Application.request_id == request_id)
    return session.scalars(query.options(_WITH_REQUEST)).one()


_LINKED = (
    select(Link, Application, Account.email)
    .join(Link.request)
    .join(Application, Application.request_id == SigningRequest.id)
    .outerjoin(Application.prefilled)
    .outerjoin(Account, Account.id == PrefilledDraft.account_id)
    .where(Link.token_digest == bindparam("digest"))
    .options(contains_eager(Link.request), contains_eager(Application.signing), contains_eager(Application.prefilled))
)


def linked(session: Session, digest: str) -> tuple[Link, Application, str | None] | None:
    """Find a link by the digest of its secret, and the application it belongs to.

    With the present address of whose account that was filled in for; None where nobody filled it in.
    """
    found = session.execute(_LINKED, {"digest": digest}).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


def applications_behind(session: Session, evidence: Collection[EvidenceId]) -> dict[EvidenceId, Application]:
    """Find the applications approved on each evidence; what rests on something else is left out."""
    query = select(Decision.evidence_id, Application).join(Application.decisions)
    found = session.execute(query.where(Decision.evidence_id.in_(evidence)).order_by(Application.id.desc()))
    return {evidence_id: application for evidence_id, application in found if evidence_id is not None}


_NAMED = load_only(
    Application.reference,
    Application.kind,
    Application.state,
    Application.applicant_name,
    Application.submitted_at,
)


def about_person(
    session: Session,
    person_id: PersonId,
    codes: Collection[str],
    *,
    about: Mapping[str, str],
    sees: Visibility,
    on: date,
) -> tuple[Application, ...]:
    """List the submitted applications about this person, newest first: by person once decided, else by stated code.

    `about` says for each kind the role of the person whom it is about.
    """
    stated = and_(Application.user_person_id.is_(None), _stated_about(codes, about))
    query = select(Application).options(_NAMED)
    query = query.where(
        or_(Application.user_person_id == person_id, stated),
        visible(sees, on=on),
    )
    return tuple(session.scalars(query.order_by(Application.submitted_at.desc(), Application.id.desc()).limit(50)))


def undecided_about(
    session: Session,
    codes: Collection[str],
    *,
    about: Mapping[str, str],
    among: ColumnElement[bool] | None = None,
) -> tuple[Application, ...]:
    """List the submitted applications about the person with these codes that are not decided, newest first.

    Of each is read what a line about it says (`_NAMED`). `about` as in `about_person`. Without `among` (`visible`,
    say) it is for the person whose codes they are.
    """
    query = select(Application).options(_NAMED)
    query = query.where(_stated_about(codes, about), Application.state.in_(_UNDECIDED))
    if among is not None:
        query = query.where(among)
    return tuple(session.scalars(query.order_by(Application.submitted_at.desc(), Application.id.desc()).limit(50)))


def _stated_about(codes: Collection[str], about: Mapping[str, str]) -> ColumnElement[bool]:
    return or_(
        false(),
        *(
            and_(Application.kind == kind, Application.stated[role]["personal_code"].astext.in_(codes))
            for kind, role in about.items()
        ),
    )


def open_like(session: Session, application: Application, alike: Alike) -> bool:
    """Say whether another application of the kind that shares all of this waits for signatures or a decision.

    Codes and addresses are compared with what was stated. Whoever can name all of them learns nothing but that, and so
    a stranger who knows a code learns nothing.
    """
    stated = Application.stated
    same = [
        func.lower(stated[role][name].astext) == value.lower()
        for role, (code, email) in alike.people.items()
        for name, value in (("personal_code", code), ("email", email))
        if value
    ]
    query = select(Application.id).where(
        Application.kind == application.kind,
        Application.state.in_(_UNDECIDED),
        Application.id != application.id,
        stated["applicant"]["code"].astext == alike.place_code,
        *same,
    )
    return session.scalar(query.limit(1)) is not None


def locked(session: Session, application_id: ApplicationId) -> Application:
    """Read the application as it is now and hold its row until the transaction ends; raises NoResultFound.

    By select, not by get: that one would call it stale when somebody changed it since this transaction read it first.
    """
    return _locked(session, Application.id == application_id)


def locked_of(session: Session, request_id: int) -> Application:
    """Hold the row of the application a signing request belongs to, as `locked` does."""
    return _locked(session, Application.request_id == request_id)


def _locked(session: Session, which: ColumnElement[bool]) -> Application:
    query = select(Application).where(which).options(_WITH_REQUEST).with_for_update(of=Application)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def reg_nos(session: Session, ids: Collection[InstitutionId]) -> frozenset[str]:
    """Give the register numbers of these institutions."""
    return frozenset(session.scalars(select(Institution.reg_no).where(Institution.id.in_(ids))))


def expired(session: Session, at: datetime, *, limit: int = 200) -> tuple[ApplicationId, ...]:
    """List what has waited too long: drafts, unsigned applications, asked-for documents that never came."""
    waiting = (State.DRAFT, State.AWAITING_SIGNATURES, State.MORE_REQUESTED)
    query = (
        select(Application.id)
        .where(Application.expires_at <= at, Application.state.in_(waiting))
        .order_by(Application.id)
        .limit(limit)
    )
    return tuple(session.scalars(query))


_SINCE = func.coalesce(Application.in_review_at, Application.submitted_at)


def waiting(session: Session, *, sees: Visibility, on: date) -> list[tuple[str | None, datetime]]:
    """List who claimed what waits for a decision, and since when it waits."""
    waits = (Application.state == State.IN_REVIEW, visible(sees, on=on))
    query = select(Application.claimed_by, _SINCE).where(*waits)
    return [(claimed_by, since) for claimed_by, since in session.execute(query)]


def municipalities_waiting(session: Session, *, sees: Visibility, on: date) -> tuple[str, ...]:
    """Name the municipalities that something of waits, for the filter."""
    waits = (Application.state == State.IN_REVIEW, Application.municipality != "", visible(sees, on=on))
    query = select(Application.municipality).where(*waits)
    return tuple(sorted(set(session.scalars(query)), key=letters.sort_key))


class QueueOrder(StrEnum):
    """What the queue is sorted by."""

    SINCE = "since"
    NUMBER = "number"
    INSTITUTION = "institution"
    USER = "user"
    STATUS = "status"
    SIGNATURES = "signatures"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the queue is filtered by; empty means all. `before`: waiting for a decision since then or longer.

    `urgent` filters nothing: it names the kinds that come before others.
    """

    words: Collection[str]
    states: Collection[State]
    municipality: str
    assignee: str
    signed: Signed | None
    before: datetime | None
    urgent: Collection[str] = ()
    reference: str = ""


# What a line of the list says: neither what was typed nor what was signed is read for 50 of them.
_LISTED = (
    defer(Application.answers, raiseload=True),
    defer(Application.stated, raiseload=True),
    _WITH_REQUEST.load_only(SigningRequest.id, raiseload=True)
    .selectinload(SigningRequest.documents)
    .options(
        load_only(RequiredDocument.standing, RequiredDocument.notes, raiseload=True), raiseload(RequiredDocument.made)
    ),
)


def queued(
    session: Session,
    wanted: Wanted,
    *,
    sees: Visibility,
    on: date,
    order: QueueOrder = QueueOrder.SINCE,
    descending: bool = False,
    limit: int,
    offset: int,
) -> tuple[list[Application], int]:
    """List submitted applications that pass every filter, in that order, and count them.

    Of each, and of its documents, is read what a line says (`_LISTED`).
    Where the oldest come first, signed ones of urgent kinds that wait come before them.
    """
    conditions: list[ColumnElement[bool]] = [
        Application.submitted_at.is_not(None),
        visible(sees, on=on),
        *(Application.search_key.contains(word, autoescape=True) for word in wanted.words),
    ]
    if wanted.states:
        conditions.append(Application.state.in_(wanted.states))
    if wanted.municipality:
        conditions.append(Application.municipality == wanted.municipality)
    if wanted.assignee:
        nobodys = wanted.assignee == "-"
        conditions.append(Application.claimed_by.is_(None) if nobodys else Application.claimed_by == wanted.assignee)
    if wanted.signed is not None:
        conditions.append(_signed(wanted.signed))
    if wanted.before is not None:
        conditions += [Application.state == State.IN_REVIEW, wanted.before >= _SINCE]
    if wanted.reference:
        conditions.append(Application.reference == wanted.reference)
    total = session.scalar(select(func.count()).select_from(Application).where(*conditions)) or 0
    query = select(Application).options(*_LISTED)
    if (named := _NAMES.get(order)) is not None:
        # By the letters of Latvian: PostgreSQL sorts them only with ICU.
        pairs = session.execute(select(Application.id, named).where(*conditions)).all()
        by_name = sorted(pairs, key=lambda pair: (letters.sort_key(pair[1]), pair[0]), reverse=descending)
        chosen = [number for number, _ in by_name[offset : offset + limit]]
        found = {one.id: one for one in session.scalars(query.where(Application.id.in_(chosen)))}
        return [found[number] for number in chosen], total
    by = _KEYS[order]()
    first = [_hurries(wanted.urgent)] if order is QueueOrder.SINCE and not descending else []
    sorted_ = query.where(*conditions).order_by(*first, by.desc() if descending else by, _SINCE, Application.id)
    return list(session.scalars(sorted_.limit(limit).offset(offset))), total


def _hurries(urgent: Collection[str]) -> ColumnElement[int]:
    return case((and_(Application.kind.in_(urgent), Application.state.in_(ALL_SIGNED)), 0), else_=1)


_NAMES = {QueueOrder.INSTITUTION: Application.applicant_name, QueueOrder.USER: Application.user_name}
_KEYS: dict[QueueOrder, Callable[[], SQLColumnExpression[Any]]] = {
    QueueOrder.SINCE: lambda: _SINCE,
    QueueOrder.NUMBER: lambda: Application.reference,
    QueueOrder.STATUS: lambda: case(
        {state.value: number for number, state in enumerate(State)}, value=Application.state
    ),
    QueueOrder.SIGNATURES: lambda: case(*((_signed(how), number) for number, how in enumerate(Signed))),
    QueueOrder.TAKEN: lambda: func.coalesce(Application.claimed_by, ""),
}


_NO_SIGNATORY_NOTE = " && ".join(f'@.code != "{code}"' for code in sorted(SIGNATORY_NOTES))


def _signed(how: Signed) -> ColumnElement[bool]:
    """Say in SQL what `queue.signed` says of one application."""
    mine = select(RequiredDocument.id).where(RequiredDocument.request_id == Application.request_id)
    awaited = mine.where(RequiredDocument.standing.not_in((Standing.PROVEN, Standing.NEEDS_PERSON))).exists()
    unproven = mine.where(RequiredDocument.standing != Standing.PROVEN).exists()
    open_ = Application.signatory_open & Application.state.in_(OPEN)
    others = cast(f"$[*] ? ({_NO_SIGNATORY_NOTE})", JSONPATH)
    others_noted = func.jsonb_path_exists(RequiredDocument.notes, others)
    noted = mine.where(others_noted).exists()
    match how:
        case Signed.AWAITED:
            return awaited
        case Signed.PERSON:
            return ~awaited & unproven
        case Signed.SIGNATORY:
            return ~unproven & open_
        case Signed.NOTED:
            return ~unproven & ~open_ & noted
        case Signed.CLEAN:
            return ~unproven & ~open_ & ~noted


def oldest_unclaimed(session: Session, *, urgent: Collection[str], sees: Visibility, on: date) -> Application | None:
    """Lock the application that has waited longest and that nobody has claimed; of the `urgent` kinds before others."""
    return session.scalar(
        select(Application)
        .where(Application.state == State.IN_REVIEW, Application.claimed_by.is_(None), visible(sees, on=on))
        .order_by(_hurries(urgent), _SINCE, Application.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
