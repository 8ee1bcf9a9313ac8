"""What applications state, under one name: the facts all kinds share, and those of a grant."""

from workflows.application.facts import Facts, Place, StatedPerson
from workflows.application.kinds.grant.stated import Basis, ScopeLevel, SectionWish, Stated

__all__ = ["Basis", "Facts", "Place", "ScopeLevel", "SectionWish", "Stated", "StatedPerson"]
