"""Which trusted lists are in force, and how old are they?

(1) A periodic job (`refresh`) fetches the list of lists and what it points to; `signing.trust` verifies them by the
    pinned signers, refuses a rollback, and keeps for each list that is not to be had the copy accepted last.
(2) Every accepted list is kept for ever under its digest (`TrustListCopy`): verdicts name the lists they were made by.
(3) `TrustPlace` says for each address which copy is in force, and why a newer one was not taken.
(4) `current_trust` rebuilds the store from these rows, so that every worker judges by the same lists, and a worker that
    starts while the world is away judges by the last good ones, whose age shows in every report.

What stale means is not decided here: `TrustStore.state(at)` says it, and a policy reads it in the report.
"""

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, Text, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from iam.base import Base
from signing import Message
from signing.trust import ListState, TrustedList, TrustStore, read_list

__all__ = ["TrustListCopy", "TrustPlace", "accept", "current_trust", "keep_lists", "note_failure", "places"]


class TrustListCopy(Base):
    """A trusted list as it was received and accepted."""

    __tablename__ = "trust_lists"
    __table_args__ = (CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),)

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    territory: Mapped[str] = mapped_column(Text)
    sequence_number: Mapped[int] = mapped_column(BigInteger)
    issued_at: Mapped[datetime]
    next_update: Mapped[datetime | None]
    fetched_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class TrustPlace(Base):
    """An address that a list comes from; position 0 is the list of lists."""

    __tablename__ = "trust_sources"
    __table_args__ = (CheckConstraint("current IS NOT NULL OR problem IS NOT NULL", name="missing_has_a_reason"),)

    url: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int]
    territory: Mapped[str] = mapped_column(Text)
    current: Mapped[str | None] = mapped_column(ForeignKey("trust_lists.sha256"))
    problem: Mapped[Mapping[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    tried_at: Mapped[datetime]
    refreshed_at: Mapped[datetime | None]


class _Remembered:
    """The store built last and the lists in it: reading thirty of them takes seconds, so it happens on a change."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.key: object = None
        self.store = TrustStore.of_lists((), ())
        self.parsed: dict[str, TrustedList] = {}


_remembered = _Remembered()


def places(session: Session) -> tuple[TrustPlace, ...]:
    """Return every address with how its list stands, the list of lists first."""
    return tuple(session.scalars(select(TrustPlace).order_by(TrustPlace.position, TrustPlace.url)))


def current_trust(session: Session) -> TrustStore:
    """Return the trust in force. It is empty, and its state "missing", before the first refresh succeeded.

    The same store object is returned until a refresh changes something.
    """
    known = places(session)
    key = tuple((place.url, place.position, place.current, str(place.problem)) for place in known)
    with _remembered.lock:
        if _remembered.key != key:
            _remembered.parsed = {
                place.current: _remembered.parsed.get(place.current) or _parse(session, place.current)
                for place in known
                if place.current is not None
            }
            states = [_state(place, _remembered.parsed) for place in known]
            _remembered.store = TrustStore.of_lists(_remembered.parsed.values(), states)
            _remembered.key = key
        return _remembered.store


def keep_lists(session: Session, store: TrustStore, contents: Mapping[str, bytes], *, at: datetime) -> None:
    """Keep the lists of `store` that are not kept yet; `contents` holds what was fetched, by SHA-256."""
    for state in store.states:
        if state.sha256 in contents and state.issued is not None:
            session.execute(
                insert(TrustListCopy)
                .values(
                    sha256=state.sha256,
                    url=state.location,
                    territory=state.territory,
                    sequence_number=state.sequence,
                    issued_at=state.issued,
                    next_update=state.next_update,
                    fetched_at=at,
                    content=contents[state.sha256],
                )
                .on_conflict_do_nothing()
            )


def accept(session: Session, store: TrustStore, *, at: datetime) -> None:
    """Put `store` in force: its lists have been kept, addresses it does not name any more are forgotten."""
    before = {place.url: place for place in places(session)}
    for position, state in enumerate(store.states):
        place = before.pop(state.location, None) or TrustPlace(url=state.location, refreshed_at=None)
        place.position, place.territory, place.tried_at = position, state.territory, at
        place.current = state.sha256 or None
        place.problem = None if state.problem is None else _words(state.problem)
        if state.problem is None:
            place.refreshed_at = at
        session.add(place)
    for gone in before.values():
        session.delete(gone)
    session.flush()


def note_failure(session: Session, url: str, problem: Message, *, at: datetime) -> None:
    """Say that the list of lists at `url` was not taken this time, and why; what was in force stays."""
    place = session.get(TrustPlace, url) or TrustPlace(url=url, position=0, territory="EU", refreshed_at=None)
    place.tried_at = at
    place.problem = _words(problem)
    session.add(place)
    session.flush()


def _parse(session: Session, sha256: str) -> TrustedList:
    # Verified when it was accepted; the database is trusted as much as the program beside it.
    return read_list(session.scalars(select(TrustListCopy.content).where(TrustListCopy.sha256 == sha256)).one())


def _state(place: TrustPlace, parsed: Mapping[str, TrustedList]) -> ListState:
    problem = None if place.problem is None else Message(place.problem["code"], place.problem["params"])
    if place.current is None:
        return ListState(place.territory, place.url, "none", problem=problem)
    copy = parsed[place.current]
    if problem is None:
        return ListState.of(copy, location=place.url, source="lotl")
    return ListState.of(copy, location=place.url, source="previous", problem=problem)


def _words(message: Message) -> dict[str, Any]:
    return {"code": message.code, "params": dict(message.params)}
