"""Requests to restore rights, as their holders and staff meet them, without pages; the people are the demo's."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

import workflows.mail.service
import workflows.restoration.jobs
import workflows.rights.jobs  # noqa: F401 - each declares what is queued
from demo.reform import GULBENE, Holder, seed_reform
from demo.servers import GreenMail
from demo.servers.greenmail import Letter
from iam.audit import Actor, ActorKind, Door
from iam.grants import service as grants
from iam.grants.models import Account, Level
from iam.grants.rules import HeldGrant
from iam.periods import riga_day
from workflows import staff
from workflows.application.decisions import Reviewer
from workflows.jobs import Tools, drain
from workflows.mail import Mail
from workflows.proposals import service as proposals
from workflows.proposals.models import Proposal
from workflows.proposals.service import SecondPerson
from workflows.restoration import asking, deciding
from workflows.restoration.asking import LinkStatus
from workflows.restoration.models import RestorationRequest
from workflows.settings import Settings
from workflows.staff import Role

__all__ = ["INESE", "VALDIS", "ZANE", "Desk", "opened"]

INESE = Reviewer("inese.kalna", "Inese Kalna")
ZANE = Reviewer("zane.kalna", "Zane Siliņa")
VALDIS = Reviewer("valdis.upe", "Valdis Upe")
_SYSTEM = Actor(ActorKind.SYSTEM, "test")
_KEY = re.compile(r"/restore/confirm\?key=([\w-]+)")


@dataclass
class Desk:
    """Inese and Zane decide, Valdis is the second person; `now` is the clock."""

    settings: Settings
    sessions: sessionmaker[Session]
    post: GreenMail
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def ask(self, holder: Holder = GULBENE, *, username: str = "", name: str = "", description: str = "") -> int:
        """Ask as the page does, and return the number of the request."""
        given_name, _, surname = (name or holder.name).partition(" ")
        with self.sessions.begin() as session:
            asking.ask(
                session,
                username=username or holder.username,
                given_name=given_name,
                surname=surname,
                description=description or "Pēc reformas pazuda tiesības",
                network="192.0.2.0/24",
                language="lv",
                at=self.now,
            )
            return session.scalars(select(RestorationRequest.id).order_by(RestorationRequest.id.desc())).first() or 0

    def work(self) -> None:
        """Let a worker do everything that is due."""
        # In a thread of its own: a browser of the session keeps an event loop running in this one.
        with Tools(self.settings) as tools, ThreadPoolExecutor(1) as thread:
            thread.submit(drain, self.settings, tools=tools).result()

    def letters(self, holder: Holder = GULBENE) -> tuple[Letter, ...]:
        """Return the mails in somebody's registered mailbox, in order."""
        return self.post.letters(holder.email)

    def key(self, holder: Holder = GULBENE) -> str:
        """Return the secret of the newest mail that asks to confirm."""
        found = [one for letter in self.letters(holder) for one in _KEY.findall(letter.text)]
        if not found:
            raise LookupError("no mail asks to confirm")
        return str(found[-1])

    def confirm(self, key: str | None = None) -> LinkStatus:
        """Confirm by a mailed link."""
        with self.sessions.begin() as session:
            return asking.confirm(session, key or self.key(), at=self.now)

    def confirmed(self, holder: Holder = GULBENE, **otherwise: str) -> int:
        """Ask, answer and confirm."""
        request = self.ask(holder, **otherwise)
        self.work()
        self.confirm(self.key(holder))
        return request

    def seen(self, request: int) -> str:
        """Return what the reviewer's page carries."""
        with self.sessions() as session:
            return deciding.seen_now(session, session.get_one(RestorationRequest, request), at=self.now)

    def decide(self, request: int, *, by: Reviewer = INESE, seen: str = "") -> int | None:
        """Restore or propose; return the number of the proposal."""
        with self.sessions.begin() as session:
            made = deciding.restore_or_propose(
                session, request, seen=seen or self.seen(request), by=by, base_url=self.settings.base_url, at=self.now
            )
            return None if made is None else made.id

    def refuse(self, request: int, reason: str = "Persona vairs nestrādā", *, by: Reviewer = INESE) -> None:
        """Refuse with a reason."""
        with self.sessions.begin() as session:
            deciding.refuse(
                session,
                request,
                seen=self.seen(request),
                reason=reason,
                by=by,
                base_url=self.settings.base_url,
                at=self.now,
            )

    def second(self, proposal: int, *, by: Reviewer = VALDIS) -> None:
        """Confirm a proposal as the second person."""
        with self.sessions.begin() as session:
            proposals.confirm(
                session,
                proposal,
                seen=session.get_one(Proposal, proposal).seen_digest,
                by=SecondPerson(by.username, self.now),
                base_url=self.settings.base_url,
                at=self.now,
            )

    def held(self, holder: Holder = GULBENE) -> dict[str, Level]:
        """Return level by section, as held on the day."""
        today = riga_day(self.now)
        return {one.section: one.level for one in self.history(holder) if one.holds_on(today)}

    def history(self, holder: Holder = GULBENE) -> list[HeldGrant]:
        """Return every right of somebody as known now."""
        with self.sessions() as session:
            return grants.history(session, self.account(holder).id)

    def account(self, holder: Holder = GULBENE) -> Account:
        """Return somebody's account."""
        with self.sessions() as session:
            found = grants.account_called(session, holder.username)
            if found is None:
                raise LookupError(holder.username)
            return found

    def request(self, number: int) -> RestorationRequest:
        """Return a request as it stands."""
        with self.sessions() as session:
            return session.get_one(RestorationRequest, number)

    def mails(self) -> list[tuple[str, str]]:
        """Return address and template of every mail, in order."""
        with self.sessions() as session:
            return [(one.to_address, one.template) for one in session.scalars(select(Mail).order_by(Mail.id))]

    def later(self, step: timedelta) -> None:
        """Let time pass."""
        self.now += step


def opened(settings: Settings, sessions: sessionmaker[Session], post: GreenMail) -> Desk:
    """Seed the demo's two users into a migrated database, and the staff who decide."""
    desk = Desk(settings, sessions, post)
    with sessions.begin() as session:
        seed_reform(session, at=desk.now - timedelta(days=30))
        for who, role in ((INESE, Role.REVIEWER), (ZANE, Role.REVIEWER), (VALDIS, Role.APPROVER)):
            staff.add(session, who.username, name=who.name, roles=[role], by=_SYSTEM, door=Door.CLI, at=desk.now)
    return desk
