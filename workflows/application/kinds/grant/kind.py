"""The kind of application that asks for a right to use VIIS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.application.kinds.about_user import UserKind
from workflows.application.kinds.grant import answers as answered
from workflows.application.kinds.grant import approval as approved
from workflows.application.kinds.grant import documents, filling_in, showing
from workflows.application.kinds.grant import steps as asked
from workflows.application.kinds.grant.forms import edition_on
from workflows.application.kinds.grant.objections import SENTENCES
from workflows.application.kinds.grant.presenting import presented
from workflows.application.kinds.grant.stated import ScopeLevel, Stated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from workflows.application.facts import StatedFacts
    from workflows.application.fields import Answers, CheckedGroup
    from workflows.application.kinds.filling import Alike, Card, Shown, Step, StepPage
    from workflows.application.kinds.kind import Approval, ApprovalResult, Presented, Required, Review
    from workflows.application.kinds.rights_kind import Holder, RightsKind, Wish
    from workflows.application.models import Application
    from workflows.i18n import Language
    from workflows.proposals.content import FactText

__all__ = ["GRANT"]


class _Grant(UserKind[Stated]):
    """An application for a grant (`kinds.kind.Kind`)."""

    name = "grant"
    texts = showing.TEXTS
    takes_address = True
    sentences = SENTENCES
    blank_forms = documents.BLANK_FORMS

    def steps(self, answers: Mapping[str, Answers]) -> tuple[Step, ...]:
        del answers  # all are asked, whatever was answered
        return asked.STEPS

    def step_page(
        self, session: Session, step: str, answers: Mapping[str, Answers], *, language: Language, on: date
    ) -> StepPage:
        return asked.step_page(session, step, answers, language=language, on=on)

    def check(
        self, session: Session, step: str, given: Answers, answers: Mapping[str, Answers], *, on: date
    ) -> CheckedGroup:
        return answered.checked(session, step, given, answers, on=on)

    def review(self, session: Session, answers: Mapping[str, Answers], *, on: date) -> Review:
        return answered.reviewed(session, answers, on=on)

    def cards(self, session: Session, facts: StatedFacts, *, language: Language) -> tuple[Card, ...]:
        return showing.cards(session, self.own(facts), language=language)

    def next_steps(self, facts: StatedFacts, *, within: str) -> tuple[FactText, ...]:
        return showing.next_steps(self.own(facts), within=within)

    def alike(self, answers: Mapping[str, Answers]) -> Alike | None:
        return showing.alike(answers)

    def documents(self, facts: StatedFacts) -> tuple[Required, ...]:
        return documents.required(self.own(facts))

    def invitation(self, facts: StatedFacts, party: str) -> str:
        return documents.invitation(self.own(facts), party)

    def shown(self, session: Session, facts: StatedFacts, *, language: Language) -> Shown:
        return showing.shown(session, self.own(facts), language=language)

    def make(self, reference: str, facts: StatedFacts, *, at: datetime) -> tuple[bytes, ...]:
        return documents.made(reference, self.own(facts), at=at)

    def blank(self, session: Session, name: str, *, on: date) -> bytes:
        return documents.blank_form(session, name, on=on)

    def edition(self, on: date) -> str:
        return edition_on(on).name

    def is_wide(self, facts: StatedFacts) -> bool:
        return self.own(facts).level is not ScopeLevel.INSTITUTION or super().is_wide(facts)

    def presented(
        self,
        session: Session,
        facts: StatedFacts,
        account: Account | None,
        *,
        signed_at: datetime | None,
        keep_address: str,
        at: datetime,
    ) -> Presented:
        del signed_at  # what is given does not depend on it
        return presented(session, self.own(facts), account, keep_address=keep_address, at=at)

    def approve(
        self, session: Session, application: Application, facts: StatedFacts, approval: Approval
    ) -> ApprovalResult:
        return approved.approve(session, application, self.own(facts), approval)

    def filled_in(self, wish: Wish) -> dict[str, Answers]:
        return filling_in.filled_in(wish)

    def with_more(self, answers: Mapping[str, Answers], wish: Wish) -> dict[str, Answers]:
        return filling_in.with_more(answers, wish)

    def with_head(self, answers: Mapping[str, Answers], *, given_name: str, surname: str) -> dict[str, Answers]:
        return filling_in.with_head(answers, given_name=given_name, surname=surname)

    def with_holder(self, answers: Mapping[str, Answers], holder: Holder) -> dict[str, Answers]:
        return filling_in.with_holder(answers, holder)

    def without_code(self, answers: Mapping[str, Answers]) -> dict[str, Answers]:
        return filling_in.without_code(answers)


GRANT: RightsKind = _Grant(Stated)
"""The one instance."""
