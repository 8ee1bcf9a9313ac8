"""How do the trusted lists stay fresh? A job of the worker's; nothing else imports what verifies lists."""

import hashlib
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from signing import Message, SigningError
from signing.pki.certificate_files import load_certificates
from signing.pki.certificates import Certificate
from signing.trust import TrustStore, load_lotl
from workflows.evidence.lookups import list_fetcher
from workflows.evidence.trust import accept, current_trust, keep_lists, note_failure
from workflows.jobs import Retry, Run, job

__all__ = ["load_pinned", "refresh"]

_log = logging.getLogger("viis.trust")


class _FetchedLists:
    """Fetches, and remembers by digest what it fetched: accepted lists are kept as they came."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch
        self.contents: dict[str, bytes] = {}

    def __call__(self, url: str) -> bytes:
        content = self._fetch(url)
        self.contents[hashlib.sha256(content).hexdigest()] = content
        return content


def refresh(
    sessions: sessionmaker[Session],
    *,
    url: str,
    signers: Sequence[Certificate],
    fetch: Callable[[str], bytes],
    at: datetime,
) -> TrustStore:
    """Fetch, verify and put in force; return the trust in force afterwards. A failure changes nothing but is noted."""
    with sessions.begin() as session:
        previous = current_trust(session)
    fetched = _FetchedLists(fetch)
    # Outside any transaction: thirty servers may take minutes.
    try:
        store = load_lotl(fetched(url), signers=signers, fetch=fetched, at=at, previous=previous, location=url)
    except (SigningError, OSError) as error:
        problem = _problem(error)
        _log.warning("the list of lists was not taken: %s", problem.code)
        with sessions.begin() as session:
            note_failure(session, url, problem, at=at)
            return current_trust(session)
    with sessions.begin() as session:
        keep_lists(session, store, fetched.contents, at=at)
        accept(session, store, at=at)
        for state in store.states:
            if state.problem is not None:
                _log.warning("the list of %s was not taken: %s", state.territory, state.problem.code)
        _tell_remarks(store, known=previous.digests)
        return current_trust(session)


def _tell_remarks(store: TrustStore, *, known: Collection[str]) -> None:
    """Log what could not be understood in lists that are new, a certificate that cannot be read among it."""
    for one in store.lists:
        for remark in one.remarks if one.sha256 not in known else ():
            _log.warning("the list of %s: %s", one.territory, remark)


def load_pinned(path: Path | None) -> tuple[Certificate, ...]:
    """Read the certificates that may sign the list of lists: a file or a folder of files, PEM or DER.

    Raises OSError or UnreadableCertificate: a pin that cannot be read must not become "no pin".
    """
    if path is None:
        return ()
    files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
    return tuple(certificate for file in files for certificate in load_certificates(file.read_bytes()))


@job("trust.refresh", queue="trust", every="*/20 * * * *", retry=Retry(times=3, first=timedelta(seconds=20)))
def _refresh(run: Run) -> None:
    settings = run.settings
    refresh(
        run.sessions,
        url=settings.lotl_url,
        signers=load_pinned(settings.lotl_signers),
        fetch=list_fetcher(settings),
        at=run.at,
    )


def _problem(error: SigningError | OSError) -> Message:
    if isinstance(error, SigningError):
        return Message(error.code, error.params)
    return Message.of("list.not-fetched", error=type(error).__name__)
