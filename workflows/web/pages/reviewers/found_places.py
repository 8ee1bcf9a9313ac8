"""Places found by words of their names, for pages that ask for one."""

from datetime import date

from sqlalchemy.orm import Session

from iam import readable
from workflows.i18n import Words
from workflows.principal import Principal

__all__ = ["found_places"]

_MOST = 20


def found_places(
    session: Session, words: Words, sought: str, principal: Principal, day: date
) -> list[tuple[str, str, str | None]]:
    """Find municipalities and institutions by the same words: code, name, and what tells two apart."""
    found: list[tuple[str, str, str | None]] = []
    for id_, name, last in readable.municipalities(session, sought, sees=principal.sees, limit=_MOST):
        told = words("municipality")
        if last is not None and last < day:
            told = words("municipality until %(day)s", day=words.date(last))
        found.append((f"m-{id_}", name, told))
    hits = readable.institutions(session, sought, sees=principal.sees, on=day, limit=_MOST)
    for hit in hits:
        told = hit.municipality or ""
        if hit.closed is not None and hit.closed < day:
            told = f"{told}, {words('until %(day)s', day=words.date(hit.closed))}".removeprefix(", ")
        found.append((f"i-{hit.reg_no}", hit.name, told))
    return found
