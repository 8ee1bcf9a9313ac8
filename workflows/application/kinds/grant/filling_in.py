"""Answer the form for a grant with what is known of somebody whose rights end and who goes on elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.application.kinds.grant.rules import LONGEST_REASON
from workflows.application.kinds.grant.stated import Basis, ScopeLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.application.fields import Answers
    from workflows.application.kinds.rights_kind import Holder, Wish

__all__ = ["filled_in", "with_holder", "with_more", "without_code"]


def filled_in(wish: Wish) -> dict[str, Answers]:
    """Fill in the user, the scope, the days and why; the head, the user's position and code are left open here."""
    whole = wish.place.startswith("m-")
    return {
        "institution": {"place": wish.place},
        "user": {
            "head_is_user": "no",
            "given_name": wish.given_name,
            "surname": wish.surname,
            "personal_code": "",
            "position": "",
            "email": wish.email,
            "phone": wish.phone,
        },
        "scope": {
            "level": (ScopeLevel.MUNICIPALITY if whole else ScopeLevel.INSTITUTION).value,
            "places": [],
            **{f"section.{section}": level.value for section, level in sorted(wish.sections.items())},
        },
        "dates": {
            "since": wish.since.isoformat(),
            "until": "" if wish.until is None else wish.until.isoformat(),
        },
        "why": {"basis": (Basis.REFORM if whole else Basis.REORGANISATION).value, "detail": _fitting(wish.reason)},
    }


def _fitting(reason: str) -> str:
    return reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 1]}…"


def with_more(answers: Mapping[str, Answers], wish: Wish) -> dict[str, Answers]:
    """Answer the same, with the sections of the wish that were left open."""
    asked = answers.get("scope", {})
    more = {f"section.{section}": level.value for section, level in sorted(wish.sections.items())}
    return {**answers, "scope": {**more, **{name: value for name, value in asked.items() if value != ""}}}


def with_head(answers: Mapping[str, Answers], *, given_name: str, surname: str) -> dict[str, Answers]:
    """Answer the same, with the head's name where nothing was answered about the head."""
    if any(answers.get("head", {}).values()):
        return dict(answers)
    told = {"given_name": given_name, "surname": surname, "personal_code": "", "position": "", "email": ""}
    return {**answers, "head": told}


def with_holder(answers: Mapping[str, Answers], holder: Holder) -> dict[str, Answers]:
    """Answer the same, with the user's name, address and personal code as the account says them."""
    told = {
        "given_name": holder.given_name,
        "surname": holder.surname,
        "personal_code": holder.personal_code,
        "email": holder.email,
    }
    return {**answers, "user": {**answers.get("user", {}), **told}}


def without_code(answers: Mapping[str, Answers]) -> dict[str, Answers]:
    """Answer the same without the user's personal code."""
    return {**answers, "user": {**answers.get("user", {}), "personal_code": ""}}
