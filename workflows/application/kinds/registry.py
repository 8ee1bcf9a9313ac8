"""Every kind of application by its name, and what an application of it states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.application.errors import NoSuchApplication
from workflows.application.kinds.grant.kind import GRANT
from workflows.signed_forms import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflows.application.facts import Facts
    from workflows.application.kinds.kind import Kind, Required
    from workflows.application.models import Application

__all__ = ["all_kinds", "facts_of", "kind_of", "named", "register", "required_of"]

_KINDS: dict[str, Kind] = {GRANT.name: GRANT}


def register(kind: Kind) -> None:
    """Make a kind and its objections known. Raises ValueError for a name or a code that is taken."""
    if _KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"there is a kind named {kind.name!r} already")
    sentences.add(kind.sentences)


def all_kinds() -> Sequence[Kind]:
    """List every kind that is known."""
    return tuple(_KINDS.values())


def named(name: str) -> Kind:
    """Give the kind of that name; raises LookupError."""
    try:
        return _KINDS[name]
    except KeyError:
        raise LookupError(f"no kind of application is named {name!r}") from None


def kind_of(application: Application) -> Kind:
    """Give the kind of an application."""
    return named(application.kind)


def facts_of(application: Application) -> Facts:
    """Give what a submitted application states. Raises NoSuchApplication for a draft."""
    if application.stated is None:
        raise NoSuchApplication
    return kind_of(application).read(application.stated)


def required_of(application: Application) -> Sequence[Required]:
    """List the documents a submitted application needs signed. Raises NoSuchApplication for a draft."""
    return kind_of(application).documents(facts_of(application))
