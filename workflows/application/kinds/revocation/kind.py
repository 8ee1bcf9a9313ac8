"""The kind of application that ends rights to use VIIS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.application.kinds.about_user import UserKind
from workflows.application.kinds.revocation import answers as answered
from workflows.application.kinds.revocation import approval as approved
from workflows.application.kinds.revocation import documents, forms, presenting, showing
from workflows.application.kinds.revocation import steps as asked
from workflows.application.kinds.revocation.objections import SENTENCES
from workflows.application.kinds.revocation.stated import Stated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.grants.models import Account
    from workflows.application.facts import Difference, StatedFacts
    from workflows.application.fields import Answers, CheckedGroup
    from workflows.application.kinds.filling import Card, Shown, Step, StepPage
    from workflows.application.kinds.kind import Approval, ApprovalResult, Kind, Presented, Required, Review
    from workflows.application.models import Application
    from workflows.i18n import Language
    from workflows.proposals.content import FactText

__all__ = ["REVOCATION"]


class _Revocation(UserKind[Stated]):
    """An application for revocation (`kinds.kind.Kind`)."""

    name = "revocation"
    texts = showing.TEXTS
    urgent = True
    follows_place = False  # rights in the place end with it; whoever takes it over is another matter
    sentences = SENTENCES
    blank_forms = documents.BLANK_FORMS

    def steps(self, answers: Mapping[str, Answers]) -> tuple[Step, ...]:
        return asked.steps(answers)

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

    def documents(self, facts: StatedFacts) -> tuple[Required, ...]:
        self.own(facts)
        return (documents.REQUIRED,)

    def invitation(self, facts: StatedFacts, party: str) -> str:
        del facts, party  # the head alone is asked
        return documents.INVITATION

    def shown(self, session: Session, facts: StatedFacts, *, language: Language) -> Shown:
        return showing.shown(session, self.own(facts), language=language)

    def differences(self, facts: StatedFacts, account: Account | None) -> tuple[Difference, ...]:
        return presenting.differences(self.own(facts), account)

    def make(self, reference: str, facts: StatedFacts, *, at: datetime) -> tuple[bytes, ...]:
        return (forms.make(reference, self.own(facts), at=at),)

    def blank(self, session: Session, name: str, *, on: date) -> bytes:
        del session  # it lists no sections
        return documents.blank_form(name, on=on)

    def edition(self, on: date) -> str:
        return forms.EDITIONS.on(on)

    def ends_at_once(self, facts: StatedFacts, *, on: date) -> bool:
        return self.own(facts).last_day < on

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
        del keep_address  # no address changes
        return presenting.presented(session, self.own(facts), account, signed_at=signed_at, at=at)

    def approve(
        self, session: Session, application: Application, facts: StatedFacts, approval: Approval
    ) -> ApprovalResult:
        return approved.approve(session, application, self.own(facts), approval)


REVOCATION: Kind = _Revocation(Stated)
"""The one instance."""
