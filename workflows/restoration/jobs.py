"""Importing this module declares every job of restorations: what a worker process needs to know."""

from datetime import timedelta

from workflows import policy
from workflows.jobs import Retry, Run, job
from workflows.restoration import deciding, repository
from workflows.restoration.answering import answer, move
from workflows.restoration.states import RestorationEvent

__all__ = ["answer", "deciding", "forget"]


@job("restoration.forget", queue="default", every="*/10 * * * *", retry=Retry(times=3, first=timedelta(minutes=1)))
def forget(run: Run) -> None:
    """Let requests lapse whose link was not used in time, and delete those that led to nothing long ago."""
    with run.transaction() as session:
        for request in repository.lapsed(session, at=run.at):
            move(request, RestorationEvent.LAPSED)
        session.flush()
        kept = policy.on(session, run.at).reset_requests_kept
        repository.delete_forgotten(session, before=run.at - kept)
