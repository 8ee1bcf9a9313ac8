"""Whoever is signed in, as the process of applications knows them."""

from workflows.application.decisions import Reviewer
from workflows.principal import Principal

__all__ = ["as_reviewer"]


def as_reviewer(principal: Principal) -> Reviewer:
    """Return the same person as a reviewer."""
    return Reviewer(principal.username, principal.name)
