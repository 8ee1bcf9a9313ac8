"""What the form asks of names and addresses before Keycloak does: the rules of the realm's user profile."""

from uuid import uuid4

import pytest

from demo.servers import Keycloak
from iam.errors import KeycloakRefused
from iam.keycloak.desired import DesiredUser
from iam.keycloak.profile import DEFAULT, EMAIL, GIVEN_NAME, SURNAME, read_profile
from tests.iam.doors import open_door

NAMES = (
    *(f"Anna {letter} Liepa" for letter in "/()[]{}<>&\"$%!#?§;*~|^=\\'\u2019-.·_,:@+"),
    "Anna\tLiepa",
    "Олена",
    "Ā" * 255,
    "Ā" * 256,
    "\N{LATIN SMALL LETTER A}" + "\U0001d51e" * 128,
)


def test_names_with_letters_that_accounts_do_not_take_are_named() -> None:
    (refusal,) = DEFAULT.refusals({GIVEN_NAME: "Anna/Berta (Lielā)", SURNAME: "O\u2019Brien-Šķēle"})
    assert (refusal.attribute, refusal.rule, refusal.letters) == (GIVEN_NAME, "letters", "/()")


def test_the_rules_of_the_realm_are_read_whatever_they_are() -> None:
    profile = read_profile(
        {
            "attributes": [
                {"name": "firstName", "validations": {"length": {"min": "2", "max": 5}, "options": {"options": []}}},
                {"name": "lastName", "validations": {"pattern": {"pattern": "[A-Z].*"}, "pattern2": {}}},
                {"name": "email", "validations": {"email": {"max-local-length": 8}}},
                {"name": "viis_grants"},
            ]
        }
    )
    found = profile.refusals({GIVEN_NAME: "A", SURNAME: "liepa", EMAIL: "anna.liepa@alda.example"})
    assert [(one.attribute, one.rule, one.number) for one in found] == [
        (GIVEN_NAME, "too_short", 2),
        (SURNAME, "pattern", 0),
        (EMAIL, "local_too_long", 8),
    ]
    assert not profile.refusals({GIVEN_NAME: "Annas", SURNAME: "Liepa", EMAIL: "a@b.lv"})


def test_a_pattern_that_only_java_reads_is_left_to_keycloak() -> None:
    profile = read_profile({"attributes": [{"name": "firstName", "validations": {"pattern": {"pattern": "\\p{Lu}+"}}}]})
    assert not profile.refusals({GIVEN_NAME: "anna"})


def test_what_is_no_profile_is_said() -> None:
    with pytest.raises(ValueError, match="no attributes"):
        read_profile({"error": "unknown"})


@pytest.mark.keycloak
def test_the_form_refuses_exactly_the_names_that_keycloak_refuses(keycloak: Keycloak) -> None:
    with open_door(keycloak) as door:
        profile = door.user_profile()
        differing = []
        for name in NAMES:
            mark = uuid4().hex[:12]
            user = DesiredUser(
                username=f"profils.{mark}",
                email=f"{mark}@alda.example",
                given_name=name,
                surname="Liepa",
                enabled=True,
                rights=frozenset(),
                grants=frozenset(),
                digest="0",
            )
            try:
                door.create(user)
                taken = True
            except KeycloakRefused:
                taken = False
            if taken == bool(profile.refusals({GIVEN_NAME: name})):
                differing.append((name, taken))
    assert not differing
