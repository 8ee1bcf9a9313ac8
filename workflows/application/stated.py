"""A place that applies, under the name it had before there were kinds: programs outside the repository import it."""

from workflows.application.facts import Place

__all__ = ["Place"]
