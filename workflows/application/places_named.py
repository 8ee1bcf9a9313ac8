"""Which applications nobody has decided on name certain places?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Text, bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from iam.institutions.models import ScopeKind
from workflows.application.facts import Place
from workflows.application.kinds.registry import named as kind_named
from workflows.application.models import Application
from workflows.application.states import OPEN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

__all__ = ["NamesPlaces", "open_naming"]

_NUMBER = re.compile(r"[0-9]{10}")
# Where a form names places: in what was typed, and in what was submitted.
_TYPED = ("$.institution.place", "$.scope.places[*]")
_STATED = ("$.applicant.code", "$.scope[*].code")


@dataclass(frozen=True, slots=True)
class NamesPlaces:
    """An application and every place it names: who applies, and where rights are asked for.

    `follows_place` says that as a draft it may go on for the successor of a place (`kinds.kind.Kind`).
    """

    reference: str
    places: frozenset[str]
    submitted: bool
    follows_place: bool


def open_naming(session: Session, places: Collection[str]) -> list[NamesPlaces]:
    """List open applications that name one of these places, by their number; a draft names what was typed so far.

    Places go by the codes of their scopes (`i-…`, `m-…`).
    """
    wanted = [text for place in places for text in (place, place.partition("-")[2])]
    texts = bindparam(None, wanted, ARRAY(Text()))
    named = [
        func.jsonb_path_query_array(said, cast(path, JSONPATH), type_=JSONB).has_any(texts)
        for said, paths in ((Application.answers, _TYPED), (Application.stated, _STATED))
        for path in paths
    ]
    query = (
        select(Application.reference, Application.kind, Application.stated, Application.answers)
        .where(Application.state.in_(sorted(OPEN)), or_(*named))
        .order_by(Application.id)
    )
    found = [
        NamesPlaces(
            reference,
            _stated(said) if said is not None else _typed(answers),
            submitted=said is not None,
            follows_place=kind_named(kind).follows_place,
        )
        for reference, kind, said, answers in session.execute(query)
    ]
    return [one for one in found if one.places & set(places)]


def _stated(said: Mapping[str, Any]) -> frozenset[str]:
    """Name the places of a submitted application; a kind of application that lists none has one that applies."""
    named = [said["applicant"], *said.get("scope", ())]
    return frozenset(
        Place(ScopeKind(one["kind"]), one["code"], one["name"]).scope_code for one in named if isinstance(one, dict)
    )


def _typed(answers: Mapping[str, Any]) -> frozenset[str]:
    """Name the places of a draft, as far as what was typed is a number or a code."""
    lines = answers.get("scope", {}).get("places", ())
    typed = [answers.get("institution", {}).get("place", ""), *([lines] if isinstance(lines, str) else lines)]
    texts = (text.strip().lower() for text in typed if isinstance(text, str))
    return frozenset(f"i-{text}" if _NUMBER.fullmatch(text) else text for text in texts if text)
