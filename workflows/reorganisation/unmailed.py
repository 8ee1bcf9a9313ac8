"""Whom has no mail about an order reached? Staff tell them in another way."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants.models import Account, Grant
from iam.ids import EvidenceId
from iam.institutions.models import Signatory
from iam.people.models import Person
from workflows.mail import Mail, MailState, as_kept, mailbox_of
from workflows.proposals.models import Proposal
from workflows.reorganisation.applying import Approved
from workflows.rights.askers import askers_of

__all__ = ["Unmailed", "unmailed"]

_MAILS = ("order_ahead", "rights_ended", "rights_ended_asker", "rights_again", "rights_again_asker", "order_taken_back")


@dataclass(frozen=True, slots=True, order=True)
class Unmailed:
    """Somebody no mail has reached: the holder of an account by username, a signatory by name, an asker by reference.

    `address` is where it could not be sent; "" where none is known.
    """

    account: str = ""
    name: str = ""
    reference: str = ""
    address: str = ""

    def __str__(self) -> str:
        """Name whom it is, with the address."""
        who = self.account or self.name or self.reference
        return f"{who} <{self.address}>" if self.address else who


def unmailed(session: Session, proposal: Proposal, approved: Approved) -> tuple[Unmailed, ...]:
    """List whom no mail about the plan has reached, since two people decided on it, and signatories without address."""
    failed = select(Mail.to_address).where(
        Mail.state == MailState.FAILED, Mail.queued_at >= proposal.ended_at, Mail.template.in_(_MAILS)
    )
    mailboxes = {mailbox_of(address) for address in session.scalars(failed)}
    signing = _signatories(session, approved)
    found = {one for one in signing if not one.address}
    if mailboxes:
        concerned = defaultdict[str, set[Unmailed]](set)
        for one in (*signing, *_holders_and_askers(session, approved)):
            concerned[mailbox_of(as_kept(one.address))].add(one)
        found |= {one for mailbox in mailboxes for one in concerned.get(mailbox, ())}
    return tuple(sorted(found))


def _signatories(session: Session, approved: Approved) -> list[Unmailed]:
    rows = (
        select(Person.given_name, Person.surname, Signatory.email, Account.email)
        .select_from(Signatory)
        .join(Person, Person.id == Signatory.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Signatory.id == any_of(approved.signatories))
    )
    return [
        Unmailed(name=f"{given_name} {surname}", address=email or own or "")
        for given_name, surname, email, own in session.execute(rows)
    ]


def _holders_and_askers(session: Session, approved: Approved) -> list[Unmailed]:
    rows = session.execute(
        select(Account.username, Account.email, Grant.evidence_id)
        .join(Grant, Grant.account_id == Account.id)
        .where(Grant.id == any_of(approved.ends))
    ).all()
    askers = askers_of(session, {EvidenceId(evidence) for _, _, evidence in rows})
    return [
        *(Unmailed(account=username, address=email) for username, email, _ in rows),
        *(Unmailed(reference=one.reference, address=one.email) for one in askers.values()),
    ]
