"""Who is signed in? Sessions live in PostgreSQL, so that every web process knows them and an end is an end.

(1) begin   login row: state, nonce, verifier, bound to the browser's visit; ten minutes, one use
(2) finish  code redeemed; a session with a new token, of staff or of the holder of an account
(3) find    at every request: neither idle nor open for longer than the policy lets it
(4) end     by the person, by Keycloak's back channel, by time
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from iam.grants.models import Account
from workflows import policy
from workflows.database import transaction
from workflows.principal import with_known
from workflows.sealing import BrokenSealError, Sealer
from workflows.staff import Staff
from workflows.web.identity.models import LoginAttempt, WebSession
from workflows.web.identity.oidc import IdToken, OidcError, Realm

__all__ = [
    "NotBegunHereError",
    "OpenSession",
    "authenticated_at",
    "begin",
    "end",
    "end_at_keycloak",
    "extend",
    "find",
    "finish",
    "forget_old",
    "open_session",
    "renew",
    "username_of",
]


_ATTEMPT = timedelta(minutes=10)
# A page a minute needs no more precise memory, and a read becomes a write only then.
_NOTED_EVERY = timedelta(minutes=1)


class NotBegunHereError(OidcError):
    """The answer of Keycloak belongs to no login this browser began, or to one used or too old."""


def begin(
    session: Session, realm: Realm, *, visit: str, then: str, language: str, at: datetime, fresh: bool = False
) -> str:
    """Remember a login that begins and return where the browser goes (1).

    `fresh` has Keycloak ask for the password and second factor though the person is signed in there.
    """
    state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    session.add(
        LoginAttempt(
            state_digest=_digest(state),
            visit_digest=_digest(visit),
            nonce=nonce,
            verifier=verifier,
            then=then,
            created_at=at,
        )
    )
    return realm.login_address(state=state, nonce=nonce, verifier=verifier, language=language, fresh=fresh)


def finish(
    sessions: sessionmaker[Session], realm: Realm, *, state: str, code: str, visit: str, at: datetime
) -> tuple[IdToken, str]:
    """Redeem the code of a login begun by this visit (2); returns the identity and the page asked for.

    The attempt is spent in one statement: of two answers with the same state only one finds it. That is committed
    before Keycloak is asked: whatever comes of the code, it is spent, and no connection waits for Keycloak.
    """
    with transaction(sessions) as session:
        spent = session.execute(
            delete(LoginAttempt)
            .where(
                LoginAttempt.state_digest == _digest(state),
                LoginAttempt.visit_digest == _digest(visit),
                LoginAttempt.created_at > at - _ATTEMPT,
            )
            .returning(LoginAttempt.nonce, LoginAttempt.verifier, LoginAttempt.then)
        ).one_or_none()
    if spent is None or not code:
        raise NotBegunHereError("no such login was begun in this browser, or it was cancelled")
    return realm.redeem(code, verifier=spent.verifier, nonce=spent.nonce, at=at), spent.then


def open_session(session: Session, identity: IdToken, *, at: datetime) -> str:
    """Open a session for whoever Keycloak says has signed in; returns its token, new at every login."""
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            token_digest=_digest(token),
            username=identity.username,
            subject=identity.subject,
            keycloak_session=identity.session,
            sealed_refresh=_seal(token, identity.refresh_token),
            created_at=at,
            authenticated_at=identity.authenticated_at,
            seen_at=at,
            ends_at=at + policy.on(session, at).session_absolute,
        )
    )
    return token


@dataclass(frozen=True, slots=True)
class OpenSession:
    """An open session: whose, since when, whom we know by that name, and the sealed refresh token."""

    digest: str
    username: str
    subject: str
    since: datetime
    member: Staff | None
    account: Account | None
    sealed: bytes = field(repr=False)

    def refresh(self, token: str) -> str | None:
        """Return the refresh token by which Keycloak knows the session; None where the browser's does not open it."""
        return _unseal(token, self.sealed)


_FOUND = with_known(select(WebSession), WebSession.username.expression).where(
    WebSession.token_digest == bindparam("digest"),
    WebSession.seen_at > bindparam("seen_after"),
    WebSession.ends_at > bindparam("at"),
)


def find(session: Session, token: str, *, at: datetime) -> OpenSession | None:
    """Return the session the token opens (3), None once it has ended, and note that it was used."""
    asked = {"digest": _digest(token), "seen_after": at - policy.on(session, at).session_idle, "at": at}
    row = session.execute(_FOUND, asked).one_or_none()
    if row is None:
        return None
    found, member, account = row
    if at - found.seen_at > _NOTED_EVERY and not extend(session, token, at=at):
        return None  # ended between the two statements
    return OpenSession(
        digest=found.token_digest,
        username=found.username,
        subject=found.subject,
        since=found.created_at,
        member=member,
        account=account,
        sealed=found.sealed_refresh,
    )


def authenticated_at(session: Session, token: str) -> datetime | None:
    """Say when the person of this session last proved to Keycloak who they are; None where that is not known."""
    found = session.get(WebSession, _digest(token))
    return None if found is None else found.authenticated_at


def renew(session: Session, token: str, refresh: str) -> None:
    """Keep the refresh token Keycloak gave in the place of the last one."""
    session.execute(
        update(WebSession).where(WebSession.token_digest == _digest(token)).values(sealed_refresh=_seal(token, refresh))
    )


def username_of(session: Session, token: str, *, at: datetime) -> str | None:
    """Return whose session the token opens (3), None once it has ended, and note that it was used."""
    found = find(session, token, at=at)
    return None if found is None else found.username


def extend(session: Session, token: str, *, at: datetime) -> bool:
    """Note that somebody is there; False once the session has ended."""
    changed = session.execute(
        update(WebSession).where(*_open(session, token, at)).values(seen_at=at).returning(WebSession.username)
    )
    return changed.one_or_none() is not None


def end(session: Session, token: str) -> str | None:
    """End the session of this browser (4); returns Keycloak's refresh token, None if there was none."""
    sealed = session.scalar(
        delete(WebSession).where(WebSession.token_digest == _digest(token)).returning(WebSession.sealed_refresh)
    )
    return None if sealed is None else _unseal(token, sealed)


def end_at_keycloak(session: Session, *, keycloak_session: str | None, subject: str | None) -> int:
    """End what Keycloak says has ended: one of its sessions, or all of a person; returns how many of ours."""
    if keycloak_session is not None:
        which = WebSession.keycloak_session == keycloak_session
    else:
        which = WebSession.subject == subject
    return len(session.execute(delete(WebSession).where(which).returning(WebSession.username)).all())


def forget_old(session: Session, *, at: datetime) -> None:
    """Delete sessions and logins that time has ended."""
    idle = policy.on(session, at).session_idle
    session.execute(delete(WebSession).where(or_(WebSession.seen_at <= at - idle, WebSession.ends_at <= at)))
    session.execute(delete(LoginAttempt).where(LoginAttempt.created_at <= at - _ATTEMPT))


def _open(session: Session, token: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    idle = policy.on(session, at).session_idle
    return WebSession.token_digest == _digest(token), WebSession.seen_at > at - idle, WebSession.ends_at > at


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _sealer(token: str) -> Sealer:
    """Return the sealer whose key only the browser holds: a copied table opens nothing."""
    return Sealer("viis web session: refresh token", token.encode())


def _seal(token: str, refresh: str) -> bytes:
    return _sealer(token).seal(refresh.encode())


def _unseal(token: str, sealed: bytes) -> str | None:
    try:
        return _sealer(token).open(sealed).decode()
    except BrokenSealError:
        return None
