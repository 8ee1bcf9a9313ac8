"""The sentences of a restoration that mails, proposals and pages share."""

from collections.abc import Mapping

from iam.grants.models import Level
from workflows.i18n import later
from workflows.restoration.rules import Obstacle

__all__ = ["ANEW", "OBSTACLES", "RIGHTS"]

ANEW = later(
    "If you need these rights for your work, an application signed by the head"
    " and your own commitment letter are needed."
)
RIGHTS: Mapping[Level, str] = {Level.VIEW: later("view"), Level.EDIT: later("edit")}

OBSTACLES: Mapping[Obstacle, str] = {
    Obstacle.NOT_MUNICIPAL: later("The right was not one for a whole municipality."),
    Obstacle.CHANGED: later("The reform changed this municipality: in a new municipality rights are given anew."),
    Obstacle.ENDED: later("The municipality is no more; in the new one rights are given anew."),
    Obstacle.NOT_HELD: later("The right was not held on the day before it ended."),
    Obstacle.OVER: later("The right would have ended by itself by now."),
    Obstacle.NO_SECTION: later("The section is no longer there."),
    Obstacle.RESTORED: later("The right was given back before; what became of it then was decided by people."),
    Obstacle.DECIDED_SINCE: later(
        "After the reform people decided anew about this section: their decision goes first."
    ),
    Obstacle.HELD: later("The same or more is held now."),
    Obstacle.HELD_LONGER: later("A lower right is held now, and lasts longer than the former one would have."),
}
