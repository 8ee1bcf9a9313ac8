"""The audit's words for carrying plans out. They are never renamed and never used for anything else."""

from iam.audit import AuditTag

__all__ = ["PlanTag"]


class PlanTag(AuditTag):
    """What is done with a plan as a whole; its orders and rights have entries of their own."""

    CAP_RAISED = "plan:cap_raised"
    PAUSED = "plan:paused"
    RESUMED = "plan:resumed"
