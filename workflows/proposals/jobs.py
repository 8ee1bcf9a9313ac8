"""Periodic jobs of proposals. Importing this module declares the job."""

from datetime import timedelta

from workflows.jobs import Retry, Run, job
from workflows.proposals import repository, service

__all__ = ["expire_what_waited"]


@job("proposals.expire", queue="default", every="23 * * * *", retry=Retry(times=3, first=timedelta(minutes=1)))
def expire_what_waited(run: Run) -> None:
    """End proposals whose time is over, one transaction each."""
    with run.transaction() as session:
        over = repository.expired(session, at=run.at)
    for proposal_id in over:
        with run.transaction() as session:
            service.expire(session, proposal_id, at=run.at)
