"""The end of a right is never held up by a mail: whom none reaches is named to staff."""

import pytest
from sqlalchemy import select, text

from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, JOINED, Office
from workflows.mail import Mail, MailState
from workflows.proposals.models import Proposal
from workflows.reorganisation.progress import progress_of

A = "i-4113900001"


def unmailed(office: Office, proposal: int) -> tuple[str, ...]:
    with office.sessions() as session:
        return progress_of(session, session.get_one(Proposal, proposal)).unmailed


@pytest.mark.parametrize("unusable", ["zane@skola", "Zane Kalna <zane@skola.example>", "zāne@skola.example"])
def test_an_address_nobody_can_write_to_holds_nothing_up(office: Office, unusable: str) -> None:
    for name in ("Anna Bērziņa", "Zane Kalna"):
        office.give(office.account(name), A)
    with office.sessions.begin() as session:
        known = "UPDATE accounts SET email = :unusable WHERE username = 'zane.kalna'"
        session.execute(text(known), {"unusable": unusable})
    before = office.held()
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert unmailed(office, proposal) == ("zane.kalna",)
    office.now = midnight_in_riga(DAY)
    assert office.carry_out(proposal) > 0
    assert office.states() == {"1-3/7": OrderState.APPLIED}
    assert office.held() == set()
    office.pass_days(1)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert office.held() == before
    assert unmailed(office, back) == ("zane.kalna",)
    with office.sessions() as session:
        mails = session.scalars(select(Mail).order_by(Mail.id)).all()
    states = {(one.to_address.partition("@")[0][:2], one.state, one.reason) for one in mails}
    assert states == {("an", MailState.QUEUED, None), (unusable[:2], MailState.FAILED, "not a mail address")}


def test_a_mail_the_server_refuses_is_named_too_and_other_mails_are_not(office: Office) -> None:
    for name in ("Anna Bērziņa", "Zane Kalna"):
        office.give(office.account(name), A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert unmailed(office, proposal) == ()
    with office.sessions.begin() as session:
        (mail,) = session.scalars(select(Mail).where(Mail.to_address == "anna@skola.example"))
        mail.settle(MailState.FAILED, at=office.now, reason="550 no such user")
    assert unmailed(office, proposal) == ("anna.berzina",)
