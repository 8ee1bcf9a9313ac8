"""What becomes of a form that was sent after its session had ended? What was typed is kept and shown in it again.

The login expired, was ended, or another tab signed in anew: the form is not carried out, then or later by itself. It is
kept for the person it was shown to, in the browser it was shown in, for half an hour; once they are signed in again the
page shows it filled in, with a token of the new session, and they press the button themselves.

    (1) owner    whom the form was shown to, as its own signed mark says: nobody else can make one
    (2) keep     sealed with a key made from the browser's visit, under the page that shows the form
    (3) find     for whoever is signed in now, in this browser: another person's marks differ, so nothing is found
    (4) drop     after the next attempt, whatever came of it, or by time

What is typed when the reader changes the language is kept likewise, by the same key and as long, for the same login.
Texts are kept, and never a decision: nobody is one press away from what they once meant to do.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from starlette.requests import Request

from workflows.sealing import BrokenSealError, Sealer
from workflows.web.http.csrf import Csrf
from workflows.web.identity.models import KeptForm

__all__ = ["drop", "find", "find_typed", "forget_old", "keep", "keep_typed", "page_of"]

_KEPT_FOR = timedelta(minutes=30)
_MOST_BYTES = 64 * 1024
_LONGEST_PAGE = 300
_LANGUAGE = "language"
_DECIDED = frozenset({"decision", "confirmed"})
_CHOSEN = frozenset({"decision", "confirmed", "address", "when", "cause", "count", "seen"})

# Forms with something typed in them, and the page that shows each.
_TYPED = (
    (re.compile(r"(/review/[^/]+)/decide"), r"\1"),
    (re.compile(r"(/review/[^/]+)/confirm"), r"\1?tab=signatures"),
    (re.compile(r"(/review/[^/]+/compare/\d+)/confirm"), r"\1"),
    (re.compile(r"(/people/[^/]+/end/\d+(?:,\d+)*)"), r"\1"),
    (re.compile(r"(/people/[^/]+/name)"), r"\1"),
    (re.compile(r"(/proposals/\d+)/(?:decide|withdraw)"), r"\1"),
    (re.compile(r"(/reorganise/new)"), r"\1"),
)
# Buttons alone: nothing to keep, but a page to come back to.
_BUTTONS = (
    (re.compile(r"(/review/[^/]+)/(?:claim|release|reveal)"), r"\1"),
    (re.compile(r"(/people/[^/]+/password)"), r"\1"),
)


def page_of(path: str) -> str | None:
    """Say which page shows the form that is sent to `path`; None where there is none to come back to."""
    return _page(path, _TYPED + _BUTTONS)


def keep(
    session: Session, csrf: Csrf, request: Request, values: Mapping[str, str], *, at: datetime, owner: str | None = None
) -> bool:
    """Keep what was typed into the form sent by `request`; False when it is none of ours, or has nothing typed.

    The owner is whom the form was shown to, unless the caller knows who is signed in.
    """
    owner = owner or csrf.shown_to(request, values.get(Csrf.field, ""))  # (1)
    page = _page(request.url.path, _TYPED)
    typed = {name: value for name, value in values.items() if name != Csrf.field and name not in _CHOSEN}
    if owner is None or page is None:
        return False
    return _write(session, csrf, request, typed, page=page, owner=owner, at=at)  # (2)


def find(session: Session, csrf: Csrf, request: Request, *, page: str, owner: str, at: datetime) -> dict[str, str]:
    """Return what this person typed into the form of that page in this browser (3); empty when nothing is kept."""
    visit = csrf.visit_of(request).value
    row = session.get(KeptForm, (_owner(visit, owner), page))
    if row is None or row.kept_at <= at - _KEPT_FOR:
        return {}
    try:
        opened = _sealer(visit).open(row.sealed)
    except BrokenSealError:
        return {}
    return {str(name): str(value) for name, value in json.loads(opened).items()}


def keep_typed(
    session: Session, csrf: Csrf, request: Request, values: Mapping[str, str], *, path: str, at: datetime
) -> bool:
    """Keep what is typed into the form of the page at `path`, while its reader changes the language.

    For this browser and login alone. False where it is more than any form of ours holds.
    """
    typed = {name: value for name, value in values.items() if name != Csrf.field and name not in _DECIDED}
    return _write(session, csrf, request, typed, page=f"{_LANGUAGE} {path}", owner=csrf.login_of(request), at=at)


def find_typed(session: Session, csrf: Csrf, request: Request, *, at: datetime) -> dict[str, str]:
    """Return what `keep_typed` kept of the page that is asked for; empty when nothing is kept."""
    page = f"{_LANGUAGE} {request.url.path}"
    return find(session, csrf, request, page=page, owner=csrf.login_of(request), at=at)


def _write(
    session: Session,
    csrf: Csrf,
    request: Request,
    typed: Mapping[str, str],
    *,
    page: str,
    owner: str,
    at: datetime,
) -> bool:
    text = json.dumps(typed, ensure_ascii=False).encode()
    if len(text) > _MOST_BYTES or len(page) > _LONGEST_PAGE:
        return False
    visit = csrf.visit_of(request).value
    row = {
        "owner_digest": _owner(visit, owner),
        "page": page,
        "sealed": _sealer(visit).seal(text),
        "kept_at": at,
    }
    made = insert(KeptForm).values(row)
    session.execute(
        made.on_conflict_do_update(
            index_elements=["owner_digest", "page"],
            set_={"sealed": made.excluded.sealed, "kept_at": made.excluded.kept_at},
        )
    )
    return True


def drop(session: Session, csrf: Csrf, request: Request, *, owner: str) -> None:
    """Forget what was kept of the form that `request` has sent anew (4); a button forgets nothing."""
    page = _page(request.url.path, _TYPED)
    visit = csrf.visit_of(request).value
    session.execute(delete(KeptForm).where(KeptForm.owner_digest == _owner(visit, owner), KeptForm.page == page))


def forget_old(session: Session, *, at: datetime) -> None:
    """Delete what has been kept long enough (4)."""
    session.execute(delete(KeptForm).where(KeptForm.kept_at <= at - _KEPT_FOR))


def _page(path: str, forms: Iterable[tuple[re.Pattern[str], str]]) -> str | None:
    return next((found.expand(page) for form, page in forms if (found := form.fullmatch(path))), None)


def _owner(visit: str, username: str) -> str:
    return hashlib.sha256(f"viis kept form: owner\0{visit}\0{username}".encode()).hexdigest()


def _sealer(visit: str) -> Sealer:
    """Return the sealer whose key only the browser holds."""
    return Sealer("viis kept form: text", visit.encode())
