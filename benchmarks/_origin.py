"""Who acts in a benchmark, and through which door?"""

from iam.audit import Actor, ActorKind, Door, Origin

__all__ = ["ORIGIN"]

ORIGIN = Origin(Actor(ActorKind.SYSTEM, "benchmark"), Door.CLI)
