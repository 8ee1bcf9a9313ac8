"""Importing this module declares every job of lost passwords: what a worker process needs to know."""

from datetime import timedelta

from workflows import policy
from workflows.jobs import Retry, Run, job
from workflows.password_reset import repository
from workflows.password_reset.answering import answer, give_up
from workflows.password_reset.redeeming import finish, settle

__all__ = ["answer", "finish", "forget", "give_up", "settle"]

# The job that answers is tried for six and a half hours.
_GIVEN_UP = timedelta(days=1)


@job("reset.forget", queue="default", every="*/10 * * * *", retry=Retry(times=3, first=timedelta(minutes=1)))
def forget(run: Run) -> None:
    """Delete codes that have ended, counts of past hours, and old requests; settle those given up."""
    with run.transaction() as session:
        repository.forget(
            session, at=run.at, requests_kept=policy.on(session, run.at).reset_requests_kept, given_up=_GIVEN_UP
        )
