"""Where the acts of an application's parties come from: who they are in the audit, and the door they came through."""

from iam.audit import Actor, ActorKind, Door, Origin
from workflows.application.models import Application

__all__ = ["of_applicant"]


def of_applicant(application: Application, door: Door, party: str = "") -> Origin:
    """Return the origin of an act by who holds a link of the application: as a party, or who filled it in."""
    who = f"{application.reference}/{party}" if party else application.reference
    return Origin(Actor(ActorKind.APPLICANT, who), door)
