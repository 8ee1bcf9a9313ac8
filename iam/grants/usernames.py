"""Usernames: given.surname in ASCII, with a number when taken; never changed, never used again. Pure."""

from collections.abc import Collection
from itertools import count

from iam.letters import words

__all__ = ["MAX_LENGTH", "first_free", "wished"]

MAX_LENGTH = 60
_LEAST = 3  # Keycloak's user profile takes no shorter one


def wished(given_name: str, surname: str) -> str:
    """Return the username of a name, before any number.

    The first given name and the whole surname; a name whose letters all are unknown gives "user", and one that is too
    short for Keycloak begins with that.

    >>> wished("Anna Marija", "Kalniņa-Bērziņa")
    'anna.kalnina-berzina'
    >>> wished("Ņikita", "Šķēle")
    'nikita.skele'
    >>> wished("王", "Li"), wished("王", "王")
    ('user.li', 'user')
    """
    given, family = words(given_name), words(surname)
    parts = [*given[:1], "-".join(family)]
    name = ".".join(part for part in parts if part)[:MAX_LENGTH].rstrip(".-")
    return name if len(name) >= _LEAST else ".".join(part for part in ("user", name) if part)


def first_free(wish: str, taken: Collection[str]) -> str:
    """Return the wish itself, or with the lowest number from 2 that nobody ever had.

    >>> first_free("anna.ozola", {"anna.ozola", "anna.ozola2"})
    'anna.ozola3'
    """
    if wish not in taken:
        return wish
    return next(name for number in count(2) if (name := f"{wish}{number}") not in taken)
