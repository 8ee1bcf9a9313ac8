"""What can go wrong with a proposal.

    ProposalError
    ├── NoSuchProposal       nothing under that number
    ├── NotOpen              it has been decided, has expired, or was withdrawn
    ├── AlreadyProposed      another proposal about the same thing waits; carries its number
    ├── SeenOtherwise        what was on the page is not what is proposed
    ├── RestsOnChanged       what it rests on has changed since; carries the names of what
    ├── Miscounted           the count that was typed is not that of the proposal
    ├── MayNotDecide         this person may not
    │   ├── SamePerson       they proposed it
    │   ├── IsParty          they are a party
    │   └── NotApprover      they do not have the role of an approver, or no longer
    ├── NotTheProposer       only whoever proposed it may withdraw it
    ├── SignInAgain          the decision needs a fresh sign-in
    └── ReasonMissing        a refusal or withdrawal says why

None of them knows HTTP.
"""

__all__ = [
    "AlreadyProposed",
    "IsParty",
    "MayNotDecide",
    "Miscounted",
    "NoSuchProposal",
    "NotApprover",
    "NotOpen",
    "NotTheProposer",
    "ProposalError",
    "ReasonMissing",
    "RestsOnChanged",
    "SamePerson",
    "SeenOtherwise",
    "SignInAgain",
]


class ProposalError(Exception):
    """Everything below."""


class NoSuchProposal(ProposalError):
    """Nothing under that number."""


class NotOpen(ProposalError):
    """It has ended."""


class AlreadyProposed(ProposalError):
    """Another proposal about the same thing waits for its second person."""

    def __init__(self, proposal_id: int) -> None:
        super().__init__(f"proposal {proposal_id} waits already")
        self.proposal_id = proposal_id


class SeenOtherwise(ProposalError):
    """What was on the page is not what is proposed."""


class RestsOnChanged(ProposalError):
    """What it rests on has changed since; `names` are those of the kind's `rests_on`."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"changed since: {', '.join(names)}")
        self.names = names


class Miscounted(ProposalError):
    """The count that was typed is not that of the proposal."""


class MayNotDecide(ProposalError):
    """This person may not decide on it."""


class SamePerson(MayNotDecide):
    """They proposed it themselves."""


class IsParty(MayNotDecide):
    """It is about them."""


class NotApprover(MayNotDecide):
    """They do not have the role of an approver."""


class NotTheProposer(ProposalError):
    """Only whoever proposed it may withdraw it."""


class SignInAgain(ProposalError):
    """The decision needs a fresh sign-in (ASVS 5.0, 7.5.3)."""


class ReasonMissing(ProposalError):
    """A refusal or withdrawal says why."""
