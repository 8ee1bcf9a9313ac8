"""The audit's words for proposals. They are never renamed and never used for anything else."""

from iam.audit import AuditTag

__all__ = ["ProposalTag"]


class ProposalTag(AuditTag):
    """What is done with a proposal. The entry's evidence is the digest of what was seen."""

    MADE = "proposal:made"
    CONFIRMED = "proposal:confirmed"
    REFUSED = "proposal:refused"
    WITHDRAWN = "proposal:withdrawn"
    EXPIRED = "proposal:expired"
    OUTDATED = "proposal:outdated"
