"""What do the tests of proposals lean on? Staff, a kind invented for them, and a thing it is about."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from iam.audit import Actor, ActorKind, Door, Origin
from iam.ids import ScopeId
from iam.institutions.models import Scope
from workflows import database, staff
from workflows.i18n import later
from workflows.proposals import kinds, service
from workflows.proposals.content import Fact, Json, ProposalContent, data, on_day, say
from workflows.proposals.models import Proposal
from workflows.proposals.service import SecondPerson
from workflows.staff import Role

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
URL = "https://viis.test"
SYSTEM = Actor(ActorKind.SYSTEM, "test")
SUBJECT = "lamp:1"


class Lamps(kinds.ProposalKind):
    """A lamp that only two people together may switch on: the shortest kind there is."""

    name = "lamps.switch"
    title = later("Institution")
    counted = True
    changed: ClassVar[Mapping[str, str]] = {"lamp": later("Status")}

    def present(self, session: Session, subject: str, payload: Json, *, at: datetime) -> ProposalContent:
        del session
        facts = tuple(Fact(say("Institution"), data(name), data("off")) for name in payload["lamps"])
        day = (Fact(say("Institution"), on_day(at.date())),) if payload.get("dated") else ()
        return ProposalContent((*facts, *day, Fact(say("Status"), data(subject))), count=len(facts))

    def rests_on(self, session: Session, subject: str, payload: Json) -> Mapping[str, str]:
        del subject, payload
        return {"lamp": str(session.scalar(text("SELECT state FROM lamps")))}

    def scope(self, session: Session, subject: str) -> ScopeId | None:
        del subject
        return session.scalar(select(Scope.id).where(Scope.institution_id.is_not(None)).order_by(Scope.id).limit(1))

    def parties(self, session: Session, subject: str, payload: Json) -> Collection[str]:
        del session, subject
        return tuple(payload.get("parties", ()))

    def hold(self, session: Session, subject: str) -> None:
        del subject
        session.execute(text("SELECT 1 FROM lamps FOR UPDATE"))

    def carry_out(self, session: Session, proposal: Proposal, *, origin: Origin, base_url: str, at: datetime) -> None:
        del base_url, at
        session.execute(
            text("INSERT INTO switched VALUES (:proposal, :who)"), {"proposal": proposal.id, "who": str(origin.actor)}
        )

    def address(self, session: Session, subject: str) -> str:
        del session
        return f"/lamps/{subject.partition(':')[2]}"


@dataclass
class Bench:
    """Two proposers, two approvers and a lamp."""

    sessions: sessionmaker[Session]
    now: datetime = AT
    payload: dict[str, object] = field(default_factory=lambda: {"lamps": ["red", "green"]})

    def propose(self, by: str = "inese.kalna", *, seen: str | None = None) -> Proposal:
        with self.sessions.begin() as session:
            prepared = service.prepare(session, Lamps.name, subject=SUBJECT, payload=self.payload, at=self.now)
            origin = Origin(Actor(ActorKind.STAFF, by), Door.REVIEW)
            digest = prepared.digest if seen is None else seen
            return service.propose(session, prepared, seen=digest, by=by, origin=origin, at=self.now, reason="tumšs")

    def confirm(
        self, proposal: Proposal, by: str = "valdis.upe", *, seen: str | None = None, count: int | None = 2
    ) -> Proposal:
        second = SecondPerson(by, self.now - timedelta(minutes=1))
        with self.sessions.begin() as session:
            return service.confirm(
                session,
                proposal.id,
                seen=proposal.seen_digest if seen is None else seen,
                count=count,
                by=second,
                base_url=URL,
                at=self.now,
            )

    def switched(self) -> list[tuple[int, str]]:
        with self.sessions() as session:
            return [(number, who) for number, who in session.execute(text("SELECT * FROM switched"))]

    def state(self, proposal: Proposal) -> str:
        with self.sessions() as session:
            return session.get_one(Proposal, proposal.id).state.value

    def run(self, statement: str) -> None:
        with self.sessions.begin() as session:
            session.execute(text(statement))


@pytest.fixture
def bench(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(kinds, "_KINDS", {})
    kinds.register(Lamps())
    engine = database.engine(database_url)
    made = Bench(database.session_factory(engine))
    made.run("CREATE TABLE lamps (state text)")
    made.run("INSERT INTO lamps VALUES ('off')")
    made.run("CREATE TABLE switched (proposal bigint, who text)")
    with made.sessions.begin() as session:
        for username, roles in (
            ("inese.kalna", {Role.REVIEWER, Role.APPROVER}),
            ("anna.liepa", {Role.REVIEWER}),
            ("valdis.upe", {Role.APPROVER}),
            ("dace.ozola", {Role.APPROVER}),
        ):
            staff.add(session, username, name=username, roles=roles, by=SYSTEM, door=Door.CLI, at=AT)
    yield made
    engine.dispose()
