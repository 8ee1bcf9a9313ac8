"""Whom has no mail about an order reached? Staff tell them in another way."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants.models import Account, Grant
from iam.ids import EvidenceId, OrderId
from iam.institutions.models import Signatory
from iam.orders import service as orders
from workflows.application import places_ended
from workflows.application.models import Application
from workflows.application.parties import parties_of
from workflows.mail import Mail, MailState, as_kept, mailbox_of
from workflows.proposals.models import Proposal
from workflows.reorganisation.applying import Approved
from workflows.reorganisation.approving import orders_in
from workflows.reorganisation.decided import decided_about
from workflows.reorganisation.entitled import entitled, own_addresses
from workflows.rights.askers import askers_of

__all__ = ["Unmailed", "unmailed"]

_MAILS = (
    "order_ahead",
    "rights_ended",
    "rights_ended_asker",
    "rights_again",
    "rights_again_asker",
    "order_taken_back",
    "application_order",
)


@dataclass(frozen=True, slots=True, order=True)
class Unmailed:
    """Somebody no mail has reached: the holder of an account by username, a signatory by name, an asker by reference.

    Whoever is named in an application about a place that ends goes by its reference as `named_in`. `address` is where
    it could not be sent; "" where none is known.
    """

    account: str = ""
    name: str = ""
    reference: str = ""
    address: str = ""
    named_in: str = ""

    def __str__(self) -> str:
        """Name whom it is, with the address."""
        who = self.account or self.name or self.reference or self.named_in
        return f"{who} <{self.address}>" if self.address else who


def unmailed(session: Session, proposal: Proposal, approved: Approved) -> tuple[Unmailed, ...]:
    """List whom no mail about the plan has reached, since two people first decided so, and signatories without address.

    A later decision of the same kind about the same orders adds to the first.
    """
    ids = orders_in(proposal.subject)
    decided = [one.ended_at for one in (proposal, *decided_about(session, *ids)) if one.kind == proposal.kind]
    since = min(one for one in decided if one is not None)
    failed = select(Mail.to_address).where(
        Mail.state == MailState.FAILED, Mail.queued_at >= since, Mail.template.in_(_MAILS)
    )
    mailboxes = {mailbox_of(address) for address in session.scalars(failed)}
    signing = _signatories(session, ids, approved)
    found = {one for one in signing if not one.address}
    if mailboxes:
        concerned = defaultdict[str, set[Unmailed]](set)
        for one in (*signing, *_holders_and_askers(session, approved), *_named_in_applications(session, ids)):
            concerned[mailbox_of(as_kept(one.address))].add(one)
        found |= {one for mailbox in mailboxes for one in concerned.get(mailbox, ())}
    return tuple(sorted(found))


def _signatories(session: Session, ids: Collection[OrderId], approved: Approved) -> list[Unmailed]:
    """Name whose entitlement ends, by the latest word about them: an entry may have been corrected since."""
    rows = [orders.order_with(session, one) for one in ids]
    ending = [one.signatory for one in entitled(session, rows, approved.signatories) if one.approved]
    seen = session.scalars(select(Signatory).where(Signatory.id == any_of(approved.signatories)))
    people = {(one.person_id, one.scope_id) for one in (*seen, *ending)}
    entries = (
        select(Signatory)
        .where(Signatory.scope_id == any_of({scope for _, scope in people}))
        .order_by(func.lower(Signatory.recorded), Signatory.id)
    )
    latest = {(one.person_id, one.scope_id): one for one in session.scalars(entries)} if people else {}
    own = own_addresses(session, {person for person, _ in people})
    return [
        Unmailed(name=latest[key].person.full_name, address=own.get(key[0]) or latest[key].email or "")
        for key in people
    ]


def _named_in_applications(session: Session, ids: Collection[OrderId]) -> list[Unmailed]:
    """Name the people of submitted applications who were told of the orders."""
    told = places_ended.concerned_by(session, ids)
    found = select(Application).where(Application.id == any_of(told), Application.submitted_at.is_not(None))
    return [
        Unmailed(named_in=application.reference, address=email)
        for application in (session.scalars(found) if told else ())
        for _, email in parties_of(application)
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
