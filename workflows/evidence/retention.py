"""Which evidence is deleted by the clock?"""

from datetime import timedelta

from workflows.evidence.records import delete_unused_answers
from workflows.jobs import Retry, Run, job

__all__ = ["drop_unused_answers"]


@job("evidence.drop_answers", queue="default", every="53 3 * * *", retry=Retry(times=3, first=timedelta(minutes=1)))
def drop_unused_answers(run: Run) -> None:
    """Delete answers of revocation servers whose last verification was deleted."""
    with run.transaction() as session:
        delete_unused_answers(session, at=run.at)
