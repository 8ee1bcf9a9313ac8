"""Delete what time has ended: sessions, logins on their way, counts of requests.

No web framework here: the worker imports this module for its job.
"""

from datetime import timedelta

from sqlalchemy import delete

from workflows.jobs import Run, job
from workflows.web.http.models import Rate
from workflows.web.identity import kept_forms, sessions

__all__: list[str] = []

_COUNTS_KEPT = timedelta(days=1)


@job("web.forget", every="*/5 * * * *")
def _forget(run: Run) -> None:
    with run.transaction() as session:
        sessions.forget_old(session, at=run.at)
        kept_forms.forget_old(session, at=run.at)
        session.execute(delete(Rate).where(Rate.window < run.at - _COUNTS_KEPT))
