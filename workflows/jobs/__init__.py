"""What happens after the commit, and what when it fails?

Procrastinate on our own PostgreSQL, wrapped once; nothing else in the service knows its name. A job is a function that
is given a `Run` and the arguments it was deferred with::

    @job("mail.send", queue="mail", retry=Retry(times=8, first=timedelta(seconds=30)))
    def send(run: Run, *, mail_id: int) -> None:
        with run.transaction() as session:
            ...

    defer(session, "mail.send", mail_id=mail.id)  # part of the caller's transaction: no commit, no job

Every job may run twice (killed between its effect and its end), so each of its steps must be safe to repeat: `Run.once`
marks a step as done in the step's own transaction. `Run.transaction` refuses to commit for a worker that lost its job.
"""

from workflows.jobs.errors import GiveUp, JobsError, Superseded, UnknownJob
from workflows.jobs.failures import LastFailure, last_failure, last_failure_about
from workflows.jobs.models import JobError, JobStep
from workflows.jobs.queue import Waiting, defer, defer_all, retry_now, unfinished, waiting
from workflows.jobs.registry import Retry, job
from workflows.jobs.run import Run, Tools
from workflows.jobs.worker import Drained, drain, run_worker

__all__ = [
    "Drained",
    "GiveUp",
    "JobError",
    "JobStep",
    "JobsError",
    "LastFailure",
    "Retry",
    "Run",
    "Superseded",
    "Tools",
    "UnknownJob",
    "Waiting",
    "defer",
    "defer_all",
    "drain",
    "job",
    "last_failure",
    "last_failure_about",
    "retry_now",
    "run_worker",
    "unfinished",
    "waiting",
]
