"""What should stand in Keycloak for an account on a day. Pure: told, not asked.

One multivalued attribute holds all rights as `<scope>:<section>:<level>`, another the digest of the whole list.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from iam.grants.models import Account, AccountStatus
from iam.grants.rules import HeldGrant, held_on

__all__ = ["ASK_THE_API", "MOST_IN_TOKEN", "DesiredUser", "desired", "values_of"]

# 300 rights make a token of 12.5 kB. Above this many the token says only that VIIS must ask the access API.
MOST_IN_TOKEN = 40
ASK_THE_API = "@api"


@dataclass(frozen=True, slots=True)
class DesiredUser:
    """A user as Keycloak should show them. `enabled` is written only where the account's status changed."""

    username: str
    email: str
    given_name: str
    surname: str
    enabled: bool
    rights: frozenset[str]  # all of them
    grants: frozenset[str]  # what the attribute holds
    digest: str  # of all of them


def desired(account: Account, grants: Iterable[HeldGrant], on: date) -> DesiredUser:
    """Return what Keycloak should show of the account on the day: the rights held then, none if the account is shut."""
    active = account.status == AccountStatus.ACTIVE
    values = values_of(held_on(grants, on)) if active else frozenset()
    return DesiredUser(
        username=account.username,
        email=account.email.lower(),
        given_name=account.person.given_name,
        surname=account.person.surname,
        enabled=active,
        rights=values,
        grants=values if len(values) <= MOST_IN_TOKEN else frozenset({ASK_THE_API}),
        digest=hashlib.sha256("\n".join(sorted(values)).encode()).hexdigest(),
    )


def values_of(grants: Iterable[HeldGrant]) -> frozenset[str]:
    """Write rights as the values of the attribute, whatever their number."""
    return frozenset(f"{grant.scope}:{grant.section}:{grant.level}" for grant in grants)
