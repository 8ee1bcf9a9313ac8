"""What the form for a grant must say, group by group. Pure: what the register knows is handed in.

`check_group` returns the tidied answers and every objection, each at its field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iam.grants.models import Level
from workflows.application import telephone
from workflows.application.fields import Answers, CheckedGroup, Group
from workflows.application.kinds.applicant import read_head, read_institution
from workflows.application.kinds.grant.stated import Basis, ScopeLevel
from workflows.application.kinds.named_places import read_places
from workflows.i18n import later

if TYPE_CHECKING:
    from datetime import date

__all__ = ["GROUPS", "LONGEST_REASON", "Catalogue", "check_group"]

GROUPS = ("institution", "head", "user", "scope", "dates", "why")
"""The groups in the order people meet them."""

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What exists on the day: section codes, and the codes of places that could be found.

    A right may be asked for from `first_start` to `last_start`, by the policy of the day.
    """

    sections: frozenset[str]
    places: frozenset[str]
    first_start: date
    last_start: date


def check_group(name: str, given: Answers, *, catalogue: Catalogue, on: date) -> CheckedGroup:
    """Check one group of GROUPS as filled in on that day; raises KeyError for any other name."""
    group = Group(given)
    match name:
        case "institution":
            read_institution(group, catalogue.places)
        case "head":
            read_head(group)
        case "user":
            _user(group)
        case "scope":
            _scope(group, catalogue)
        case "dates":
            _dates(group, catalogue, on)
        case "why":
            _why(group)
        case _:
            raise KeyError(name)
    return group.checked()


def _user(group: Group) -> None:
    # A head who is the user has said name, code, position and e-mail already.
    if group.text("head_is_user") not in {"yes", "no"}:
        # The fields of another employee are shown once that is chosen: nothing is asked in them before.
        group.object("head_is_user", "head_is_user.missing", later("Choose who will work with VIIS"))
        for unasked in ("given_name", "surname", "personal_code", "position", "email"):
            group.text(unasked)
    elif group.text("head_is_user") == "no":
        group.person(
            given_name=later("Enter the user's given name"),
            surname=later("Enter the user's surname"),
            position=later("Enter the user's position"),
        )
    phone = group.text("phone")
    if phone and (wrong := telephone.what_is_wrong(phone)) is not None:
        sentence, said = wrong
        group.object("phone", "phone.shape", sentence, **said)


def _scope(group: Group, catalogue: Catalogue) -> None:
    level = group.needed("level", later("Choose where the user will work with data"))
    if level and level not in set(ScopeLevel):
        group.object("level", "level.unknown", later("Choose one of the levels"))
    too_many = later("Name at most %(most)s institutions; ask for the municipality's level if there are more")
    read_places(group, catalogue.places, too_many=too_many)
    chosen = 0
    for section in sorted(catalogue.sections):
        wish = group.text(f"section.{section}")
        if wish in set(Level):
            chosen += 1
        elif wish not in {"", "none"}:
            group.object(f"section.{section}", "section.level", later("Choose “No”, “View” or “Edit”"))
    if not chosen:
        group.object("sections", "sections.missing", later("Choose at least one section to view or edit"))


def _dates(group: Group, catalogue: Catalogue, on: date) -> None:
    since = group.day("since", later("Enter the day the rights begin"), needed=True)
    until = group.day("until", "", needed=False)
    if since and since < catalogue.first_start:
        sentence = later("The rights cannot begin before %(day)s")
        group.object("since", "since.past", sentence, day=f"{catalogue.first_start:%d.%m.%Y}")
    if since and since > catalogue.last_start:
        sentence = later("The rights must begin by %(day)s")
        group.object("since", "since.far", sentence, day=f"{catalogue.last_start:%d.%m.%Y}")
    if since and until and until < since:
        group.object("until", "until.before-since", later("The last day cannot be before the first"))
    elif until and until < on:
        group.object("until", "until.past", later("The last day is already over"))
    elif until:
        group.last_day("until", until, on=on)


def _why(group: Group) -> None:
    basis = group.needed("basis", later("Choose why the rights are needed"))
    if basis and basis not in set(Basis):
        group.object("basis", "basis.unknown", later("Choose one of the reasons"))
    if basis == Basis.REPLACES:
        group.needed("detail", later("Enter whom the user replaces"), longest=LONGEST_REASON)
    elif len(group.text("detail")) > LONGEST_REASON:
        group.too_long("detail", group.text("detail"), LONGEST_REASON)
