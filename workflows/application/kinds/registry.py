"""Every kind of application by its name, and what an application of it states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.application.errors import NoSuchApplication
from workflows.application.kinds.grant.kind import GRANT
from workflows.application.kinds.revocation.kind import REVOCATION
from workflows.signed_forms import sentences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workflows.application.facts import StatedFacts
    from workflows.application.kinds.kind import Kind, Required
    from workflows.application.kinds.rights_kind import RightsKind
    from workflows.application.models import Application

__all__ = ["abouts", "all_kinds", "facts_of", "for_rights", "kind_of", "named", "register", "required_of", "urgent"]

_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind and its objections known. Raises ValueError for a name or a code that is taken."""
    if _KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"there is a kind named {kind.name!r} already")
    sentences.add(kind.sentences)


for _kind in (GRANT, REVOCATION):
    register(_kind)


def all_kinds() -> Sequence[Kind]:
    """List every kind that is known; with the first one people begin who do not choose."""
    return tuple(_KINDS.values())


def abouts() -> Mapping[str, str]:
    """Give for each kind the role of the person whom an application of it is about."""
    return {name: kind.about for name, kind in _KINDS.items()}


def urgent() -> frozenset[str]:
    """Name the kinds whose applications come before others."""
    return frozenset(name for name, kind in _KINDS.items() if kind.urgent)


def named(name: str) -> Kind:
    """Give the kind of that name; raises LookupError."""
    try:
        return _KINDS[name]
    except KeyError:
        raise LookupError(f"no kind of application is named {name!r}") from None


def for_rights() -> RightsKind:
    """Give the kind by which rights are asked for."""
    return GRANT


def kind_of(application: Application) -> Kind:
    """Give the kind of an application."""
    return named(application.kind)


def facts_of(application: Application) -> StatedFacts:
    """Give what a submitted application states. Raises NoSuchApplication for a draft."""
    if application.stated is None:
        raise NoSuchApplication
    return kind_of(application).read(application.stated)


def required_of(application: Application) -> Sequence[Required]:
    """List the documents a submitted application needs signed. Raises NoSuchApplication for a draft."""
    return kind_of(application).documents(facts_of(application))
