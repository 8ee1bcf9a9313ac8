"""An office that plans, approves, carries out and undoes orders, on an invented register; no Keycloak, no pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from builders.iam.register import BY_REVIEWER, imported, person
from builders.workflows.policy_numbers import set_numbers
from iam.audit import Actor, ActorKind, Door
from iam.grants import service as grants
from iam.grants.evidence import TakenOver
from iam.grants.models import Account, Level
from iam.ids import OrderId
from iam.institutions import service as institutions
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows import staff
from workflows.mail import Mail
from workflows.proposals import service as proposals
from workflows.proposals.models import Proposal
from workflows.proposals.service import SecondPerson
from workflows.reorganisation import announcing, applying, approving, jobs, taking_back, undo_approving, undoing
from workflows.reorganisation.carrier import CARRIES_OUT
from workflows.reorganisation.checking import checked
from workflows.reorganisation.order_files import read_orders
from workflows.reorganisation.undo_changes import UndoForeseen
from workflows.reorganisation.undo_foreseen import foresee_undo
from workflows.staff import Role

AT = datetime(2026, 8, 20, 8, tzinfo=UTC)
DAY = date(2026, 9, 1)
URL = "https://viis.test"
HEADER = "reference,legal_basis,effective,change,sources,targets,new_name,new_code\n"
JOINED = "1-3/7,Domes lēmums,2026-09-01,joined,4113900001,4213900003,,\n"
JOBS = jobs  # declares what an approval queues
SYSTEM = Actor(ActorKind.SYSTEM, "test")


@dataclass
class Office:
    """Inese proposes, Valdis confirms; `now` is the clock."""

    sessions: sessionmaker[Session]
    now: datetime = AT

    def open(self, folder: Path) -> None:
        with self.sessions.begin() as session:
            imported(session, folder, at=AT)
            set_numbers(session, plan_cap_accounts=100)
            for username, roles in (
                ("inese.kalna", {Role.REVIEWER}),
                ("valdis.upe", {Role.APPROVER}),
                ("dace.ozola", {Role.APPROVER, Role.REVIEWER}),
            ):
                staff.add(session, username, name=username, roles=roles, by=SYSTEM, door=Door.CLI, at=AT)

    def account(self, name: str) -> Account:
        with self.sessions.begin() as session:
            made = grants.open_account(
                session,
                person=person(session, name),
                email=f"{name.split(maxsplit=1)[0].lower()}@skola.example",
                phone="",
                language="lv",
                because=None,
                origin=BY_REVIEWER,
                at=AT,
            )
            session.flush()
            session.refresh(made)
            return made

    def give(
        self,
        account: Account,
        place: str,
        *sections: str,
        since: date = date(2026, 1, 1),
        until: date | None = None,
    ) -> None:
        with self.sessions.begin() as session:
            for section in sections or ("learners",):
                grants.give(
                    session,
                    section,
                    Level.EDIT,
                    to=account,
                    at_scope=institutions.scope_by_code(session, place).id,
                    since=since,
                    until=until,
                    because=TakenOver("story", "0" * 64),
                    origin=BY_REVIEWER,
                    at=self.now,
                )

    def record(self, lines: str) -> list[OrderId]:
        with self.sessions.begin() as session:
            said = checked(session, read_orders((HEADER + lines).encode())).orders
            return [OrderId(row.id) for row in orders.draft(session, said, origin=BY_REVIEWER, at=self.now)]

    def propose(self, ids: list[OrderId], by: str = "inese.kalna") -> int:
        with self.sessions.begin() as session:
            return approving.propose(session, ids, by=by, origin=BY_REVIEWER, at=self.now, reason="rīkojums").id

    def propose_undo(self, ids: list[OrderId]) -> int:
        with self.sessions.begin() as session:
            made = undo_approving.propose(
                session,
                ids,
                by="inese.kalna",
                origin=BY_REVIEWER,
                at=self.now,
                reason="kļūda",
                seen=self.foreseen_undoing(session, ids).digest,
            )
            return made.id

    def foreseen_undoing(self, session: Session, ids: list[OrderId]) -> UndoForeseen:
        rows = sorted((session.get_one(Order, one) for one in ids), key=lambda row: (row.effective, row.id))
        return foresee_undo(session, rows, today=riga_day(self.now))

    def confirm(self, proposal: int, by: str = "valdis.upe") -> None:
        with self.sessions.begin() as session:
            kept = session.get_one(Proposal, proposal)
            proposals.confirm(
                session,
                proposal,
                seen=kept.seen_digest,
                count=kept.count,
                by=SecondPerson(by, self.now),
                base_url=URL,
                at=self.now,
            )

    def approved(self, lines: str) -> tuple[list[OrderId], int]:
        """Record, propose and confirm."""
        ids = self.record(lines)
        proposal = self.propose(ids)
        self.confirm(proposal)
        return ids, proposal

    def carry_out(self, proposal: int, *, most: int = 1000) -> int:
        """Do steps until nothing is to be done; return how many."""
        return self.steps(proposal, applying.step, most)

    def tell(self, proposal: int, *, most: int = 1000) -> int:
        """Tell people beforehand until nobody is left; return in how many steps."""
        return self.steps(proposal, announcing.step, most)

    def take_back(self, ids: Sequence[OrderId]) -> int:
        """Tell again whoever was told of these orders, until everybody knows; return in how many steps."""
        return sum(self.steps(one, taking_back.step, 1000) for one in ids)

    def undo(self, proposal: int, *, most: int = 1000) -> int:
        return self.steps(proposal, undoing.step, most)

    def held(self, day: date | None = None) -> set[tuple[str, str, str, str]]:
        """Who holds what on the day (None: today)."""
        on = day or riga_day(self.now)
        return self.held_on_days([on])[on]

    def held_on_days(self, days: Sequence[date]) -> dict[date, set[tuple[str, str, str, str]]]:
        """Who holds what on each of these days."""
        with self.sessions() as session:
            known = [
                (account.username, held)
                for account in session.scalars(select(Account))
                for held in grants.history(session, account.id)
            ]
        return {
            day: {(name, one.scope, one.section, one.level) for name, one in known if one.holds_on(day)} for day in days
        }

    def states(self) -> dict[str, OrderState]:
        with self.sessions() as session:
            return {row.reference: row.state for row in session.scalars(select(Order).order_by(Order.id))}

    def mails(self, template: str) -> list[str]:
        with self.sessions() as session:
            return sorted(session.scalars(select(Mail.to_address).where(Mail.template == template)))

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)

    def steps(self, proposal: int, step: Callable[..., bool], most: int = 1000) -> int:
        """Do steps until nothing is to be done; return how many."""
        for done in range(most):
            with self.sessions.begin() as session:
                if not step(session, proposal, base_url=URL, origin=CARRIES_OUT, at=self.now):
                    return done
        return most
