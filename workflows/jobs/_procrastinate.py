"""The one door to Procrastinate's worker side: what we add to it, and why.

1. **A dead worker's jobs are rescued** (`rescue`), and a job whose workers die again and again is failed in the end.
   Each death is kept among the job's errors.
2. **A worker that was taken for dead cannot touch the job any more** (`FencedManager`): Procrastinate ends a job by its
   number alone, so a paused worker that wakes up would end the attempt of its successor.
3. **A retry never collides with a twin queued meanwhile** (`FencedManager.retry_job`): Procrastinate would raise and
   leave the job "doing" for ever.
4. **The heartbeat goes on while a job is finished during shutdown** (`keep_alive`): Procrastinate stops it first, and a
   long last job would be given to somebody else.
5. **A case does not end with its job** (`FencedManager.finish_job`): the statement that fails a job for good queues the
   one that comes after its failure.
6. **What waits for a lock starts when it falls** (`FencedManager.finish_job`, `AttentiveWorker`): Procrastinate
   announces a job when it is queued, and forgets what it hears while it fetches; the next one would wait for a poll.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from procrastinate.connector import BaseAsyncConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job, Notification, Status
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker

from workflows.jobs.errors import GiveUp, Superseded
from workflows.jobs.registry import Retry, defined, definitions

__all__ = ["AttentiveWorker", "FencedManager", "Patience", "forget_old", "keep_alive", "rescue"]

_log = logging.getLogger("viis.jobs")

# The job that the lock kept waiting is announced as a new one is, to whichever worker has its queue.
_ANNOUNCE_NEXT = """
(SELECT pg_notify('procrastinate_queue_v1#' || queue_name,
                  json_build_object('type', 'job_inserted', 'job_id', next.id)::text)
   FROM procrastinate_jobs AS next
  WHERE next.lock = ours.lock AND next.status = 'todo' AND (next.scheduled_at IS NULL OR next.scheduled_at <= now())
  ORDER BY next.priority DESC, next.id LIMIT 1)
"""
_FINISH = f"""
SELECT procrastinate_finish_job_v1(id, %(status)s, %(delete_job)s), {_ANNOUNCE_NEXT}
  FROM (SELECT id, lock FROM procrastinate_jobs
         WHERE id = %(job_id)s AND status = 'doing' AND attempts = %(attempts)s
           AND worker_id IS NOT DISTINCT FROM %(worker_id)s
           FOR UPDATE) AS ours
"""  # noqa: S608 - put together of constants
# Without the job's lock: what brings a case before a person waits for nothing else of that case.
_FAIL = f"""
SELECT procrastinate_finish_job_v1(id, 'failed', %(delete_job)s), {_ANNOUNCE_NEXT},
       procrastinate_defer_jobs_v1(ARRAY[
           ROW(%(queue)s, %(after)s, priority, NULL, NULL, args, NULL)]::procrastinate_job_to_defer_v1[])
  FROM (SELECT id, lock, priority, args FROM procrastinate_jobs
         WHERE id = %(job_id)s AND status = 'doing' AND attempts = %(attempts)s
           AND worker_id IS NOT DISTINCT FROM %(worker_id)s
           FOR UPDATE) AS ours
"""  # noqa: S608 - put together of constants
_RETRY = """
SELECT procrastinate_retry_job_v2(id, %(retry_at)s, %(priority)s, %(queue)s, %(lock)s)
  FROM (SELECT id FROM procrastinate_jobs
         WHERE id = %(job_id)s AND status = 'doing' AND attempts = %(attempts)s
           AND worker_id IS NOT DISTINCT FROM %(worker_id)s
           FOR UPDATE) AS ours
"""
# Once an attempt, however many rescuers see it; the row of the job keeps them apart.
_DIED = """
INSERT INTO job_errors (job_id, job, attempt, at, error, traceback)
SELECT id, task_name, attempts + 1, %(at)s, %(error)s, ''
  FROM (SELECT id, task_name, attempts FROM procrastinate_jobs
         WHERE id = %(job_id)s AND status = 'doing' AND attempts = %(attempts)s
           AND worker_id IS NOT DISTINCT FROM %(worker_id)s
           FOR UPDATE) AS ours
 WHERE NOT EXISTS (SELECT FROM job_errors AS kept WHERE kept.job_id = ours.id AND kept.attempt = ours.attempts + 1)
"""
_DEATHS = """
SELECT count(DISTINCT attempt) AS deaths FROM job_errors WHERE job_id = %(job_id)s AND error = %(error)s
"""
_DEATH = "WorkerDied: its worker died, or was silent for too long"
_FINISHED_KEPT = timedelta(days=7)
_FAILED_KEPT = timedelta(days=90)
# A step is asked about by its own job alone.
_FORGET_STEPS = """
DELETE FROM job_steps AS step
 WHERE NOT EXISTS (SELECT FROM procrastinate_jobs AS entry WHERE entry.id = step.job_id)
"""
_FORGET_ERRORS = """
DELETE FROM job_errors AS old
 WHERE old.at < %(before)s
   AND (EXISTS (SELECT FROM job_errors AS newer
                 WHERE newer.job_id = old.job_id AND (newer.at, newer.id) > (old.at, old.id))
        OR NOT EXISTS (SELECT FROM procrastinate_jobs AS entry
                        WHERE entry.id = old.job_id AND entry.status IN ('todo', 'doing')))
"""


class FencedManager(JobManager):
    """Ends and retries a job only for the worker and attempt that still have it."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - Procrastinate's signature
        """End the attempt; when the job is somebody else's by now, only say so."""
        definition = definitions().get(job.task_name)
        after = definition.after_failure if definition is not None and status is Status.FAILED else None
        if after is None:
            ended = await self.connector.execute_query_all_async(
                _FINISH, status=status.value, delete_job=delete_job, **_identity(job)
            )
        else:
            ended = await self.connector.execute_query_all_async(
                _FAIL, after=after, queue=defined(after).queue, delete_job=delete_job, **_identity(job)
            )
        if not ended:
            _log.warning("%s is another worker's by now: its end is left to that one", job.call_string)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Queue the job again; give way to a waiting job with the same key."""
        try:
            again = await self.connector.execute_query_all_async(
                _RETRY,
                retry_at=retry_at or datetime.now(UTC),
                priority=priority,
                queue=queue,
                lock=lock,
                **_identity(job),
            )
        except UniqueViolation:
            # A twin with the same key waits already and will do the same work: this one ends here.
            await self.finish_job(job, Status.ABORTED, delete_job=False)
            return
        if not again:
            _log.warning("%s is another worker's by now: its retry is left to that one", job.call_string)


def _identity(job: Job) -> dict[str, int | None]:
    return {"job_id": job.id, "attempts": job.attempts, "worker_id": job.worker_id}


@dataclass(frozen=True)
class Patience(BaseRetryStrategy):
    """Our `Retry` in Procrastinate's terms."""

    retry: Retry

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Say when to try again; None: never. Procrastinate's `attempts` counts the earlier ones."""
        attempt = job.attempts + 1
        if isinstance(exception, GiveUp) or self.retry.exhausted(attempt):
            return None
        # A worker that lost its job decides nothing about it; the fence ignores the answer anyway.
        wait = timedelta() if isinstance(exception, Superseded) else self.retry.wait(attempt)
        return RetryDecision(retry_at=datetime.now(UTC) + wait)


class AttentiveWorker(Worker):
    """Looks once more after fetching if a job was announced meanwhile."""

    _heard = False

    async def _handle_notification(self, *, channel: str, notification: Notification) -> None:
        self._heard = True
        await super()._handle_notification(channel=channel, notification=notification)

    async def _fetch_and_process_jobs(self) -> None:
        self._heard = False
        await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call]  # Procrastinate's
        if self._heard:
            self._new_job_event.set()


def keep_alive(every: float) -> Callable[[Callable[[], Awaitable[object]], JobContext, Worker], Awaitable[object]]:
    """Return a middleware that sends the worker's heartbeat as long as any job runs, shutting down or not."""

    async def beat(worker: Worker) -> None:
        while worker.worker_id is not None:
            await asyncio.sleep(every)
            # A database that is away shows elsewhere (the listener ends the worker); the next beat may succeed.
            with suppress(Exception):
                await worker.app.job_manager.update_heartbeat(worker.worker_id)

    async def around(proceed: Callable[[], Awaitable[object]], _context: JobContext, worker: Worker) -> object:
        heart = asyncio.create_task(beat(worker), name="heartbeat while working")
        try:
            return await proceed()
        finally:
            heart.cancel()

    return around


async def forget_old(connector: BaseAsyncConnector, *, at: datetime) -> None:
    """Delete what ended long ago: finished jobs after a week, failed ones and what went wrong after 90 days.

    The latest error of a job that is still to be done stays, however old: it is what staff read of it.
    """
    manager = FencedManager(connector)
    await manager.delete_old_jobs(nb_hours=_hours(_FINISHED_KEPT))
    await manager.delete_old_jobs(
        nb_hours=_hours(_FAILED_KEPT), include_failed=True, include_cancelled=True, include_aborted=True
    )
    await connector.execute_query_async(_FORGET_STEPS)
    await connector.execute_query_async(_FORGET_ERRORS, before=at - _FAILED_KEPT)


def _hours(span: timedelta) -> int:
    return int(span.total_seconds() // 3600)


async def rescue(connector: BaseAsyncConnector, *, silence: timedelta, at: datetime) -> tuple[int, ...]:
    """Queue again what workers had in hand that have been silent for `silence`; return the numbers of those jobs.

    A job over which more workers died than its patience allows is failed instead: it may be what kills them.
    """
    manager = FencedManager(connector)
    rescued = []
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=silence.total_seconds()):
        definition = definitions().get(job.task_name)
        retry = Retry() if definition is None else definition.retry
        attempt = job.attempts + 1
        deaths = await _note_death(connector, job, at=at)
        if retry.hopeless(attempt, deaths=deaths):
            _log.error("%s: its worker died at attempt %d, which was the last", job.call_string, attempt)
            await manager.finish_job(job, Status.FAILED, delete_job=False)
        else:
            _log.warning("%s: its worker died, queued again", job.call_string)
            await manager.retry_job(job, retry_at=at)
        rescued.append(cast("int", job.id))
    return tuple(rescued)


async def _note_death(connector: BaseAsyncConnector, job: Job, *, at: datetime) -> int:
    """Keep that a worker died over the job; return how many have."""
    await connector.execute_query_async(_DIED, error=_DEATH, at=at, **_identity(job))
    (row,) = await connector.execute_query_all_async(_DEATHS, error=_DEATH, job_id=job.id)
    return int(row["deaths"])
