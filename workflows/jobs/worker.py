"""Who does the waiting jobs, and what becomes of them when a worker, a server or a job dies?

A worker process runs four workers on one loop: one for documents, whose jobs keep a processor busy for as long as a
hostile file likes; one for mails, so that the end of a right waits for no mail server; one for all other queues, so
that a password link waits for neither; and one for "upkeep" alone, so that the rescue of dead workers' jobs never waits
behind the work that killed them. Jobs are plain functions in threads.

When PostgreSQL goes away the worker ends (exit status 0) and its supervisor starts it again: nothing it knew is worth
keeping. What was in hand is rescued when its heartbeat has been silent for a while.
"""

import asyncio
import logging
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias, cast

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ProcrastinateException
from procrastinate.job_context import JobContext
from procrastinate.jobs import DeleteJobCondition
from procrastinate.worker import Worker
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from workflows import clock, database
from workflows.jobs._procrastinate import AttentiveWorker, FencedManager, Patience, forget_old, keep_alive, rescue
from workflows.jobs.errors import Superseded
from workflows.jobs.models import JobError
from workflows.jobs.queue import defer
from workflows.jobs.registry import JobDefinition, Retry, definitions
from workflows.jobs.run import Run, Tools
from workflows.logging import mask, request_id_scope
from workflows.settings import Settings

if TYPE_CHECKING:
    from procrastinate.tasks import Task

__all__ = ["UPKEEP", "Drained", "drain", "run_worker"]

UPKEEP = "upkeep"
_DOCUMENTS = frozenset({"judging", "drawing"})
# While as many as may be are being judged, one more is being read, or written down.
_BESIDE_JUDGING = 1
_MAILS = "mail"
_MAILS_AT_ONCE = 2
# Jobs of the other queues mostly wait for Keycloak.
_OTHER_JOBS = 4

ToolMaker: TypeAlias = Callable[[Settings], AbstractContextManager[object]]

_log = logging.getLogger("viis.jobs")

# Seconds the pool waits for a connection, so also until a worker sees that the database is gone.
_DATABASE_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Drained:
    """What `drain` did: attempts by how they ended."""

    succeeded: int
    failed: int


def run_worker(settings: Settings, *, at_start: Sequence[str] = (), warm: Sequence[ToolMaker] = ()) -> None:
    """Do jobs until told to stop (SIGTERM, SIGINT: the running ones are finished) or until PostgreSQL goes away.

    The periodic jobs named in `at_start` are queued first, unless they wait already: after a pause they should not
    wait for their minute. Tools in `warm` are made meanwhile, before a job asks for them.
    """
    with _WorkerProcess(settings) as process:
        process.prepare(warm)
        try:
            process.queue(at_start)
            asyncio.run(process.work())
        except (SQLAlchemyError, ProcrastinateException) as away:
            # Exit status 0 all the same: whoever supervises starts us again, and then it may be back.
            _log.error("the worker ends: %s", mask(str(away)))


def drain(settings: Settings, *, tools: Tools | None = None) -> Drained:
    """Do what is due, one job after the other, until nothing is; for tests and the journey.

    Nothing is queued by the clock. Tools that are given stay open.
    """
    with _WorkerProcess(settings, tools=tools) as process:
        asyncio.run(process.catch_up())
        return Drained(process.succeeded, process.failed)


class _WorkerProcess:
    """The jobs, their shared tools and the connections of one process."""

    def __init__(self, settings: Settings, *, tools: Tools | None = None) -> None:
        self.settings = settings
        self._documents = settings.worker_concurrency + _BESIDE_JUDGING
        self._jobs = self._documents + _MAILS_AT_ONCE + _OTHER_JOBS
        self.succeeded = 0
        self.failed = 0
        self._ends = ExitStack()
        self._tools = tools or self._ends.enter_context(Tools(settings))
        self._engine = database.engine(
            settings.database_url,
            pool_size=self._jobs + 1,
            application="viis-worker",
        )
        self._sessions = database.session_factory(self._engine)

        self._ends.callback(self._engine.dispose)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ends.close()

    def queue(self, names: Sequence[str]) -> None:
        """Queue the periodic jobs `names` now."""
        with self._sessions.begin() as session:
            for name in names:
                defer(session, name, key=_periodic_key(name))

    def prepare(self, makers: Sequence[ToolMaker]) -> None:
        """Make tools in the background; one that cannot be made is told by the job that needs it."""

        def make_all() -> None:
            with suppress(Exception):
                for make in makers:
                    self._tools.use(make)

        threading.Thread(target=make_all, name="tools", daemon=True).start()

    async def work(self) -> None:
        """Run until the end of the process."""
        connector = self._connector()
        others = self._app(connector, definitions().values(), periodic=True)
        documents = self._app(connector, definitions().values(), periodic=False)
        mails = self._app(connector, definitions().values(), periodic=False)
        upkeep = self._upkeep(connector)
        async with others.open_async():
            queues = {definition.queue for definition in definitions().values()}
            workers = [
                self._worker(documents, sorted(_DOCUMENTS), "documents", self._documents),
                self._worker(mails, [_MAILS], "mails", _MAILS_AT_ONCE),
                self._worker(others, sorted(queues - _DOCUMENTS - {_MAILS}), "others", _OTHER_JOBS),
                self._worker(upkeep, [UPKEEP], UPKEEP, 1),
            ]
            await self._run_together(workers)

    async def catch_up(self) -> None:
        """Run what is due and end."""
        app = self._app(self._connector(), definitions().values(), periodic=False)
        async with app.open_async():
            await _run(self._worker(app, None, "drain", 1, wait=False))

    async def _run_together(self, workers: list[Worker]) -> None:
        loop = asyncio.get_running_loop()
        # Two more threads than jobs: the pool is also what errors are written from.
        loop.set_default_executor(ThreadPoolExecutor(self._jobs + 2, "job"))

        def stop() -> None:
            for worker in workers:
                worker.stop()  # type: ignore[no-untyped-call]  # Procrastinate's

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        tasks = [asyncio.create_task(_run(worker), name=f"worker {worker.worker_name}") for worker in workers]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        stop()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                _log.error("the worker ends: %s", mask(str(ended)) or type(ended).__name__)

    def _connector(self) -> PsycopgConnector:
        return PsycopgConnector(
            conninfo=database.libpq_url(self.settings.database_url),
            min_size=1,
            max_size=7,  # each of the four workers listens on one
            timeout=_DATABASE_PATIENCE,
            reconnect_timeout=_DATABASE_PATIENCE,
            kwargs={"application_name": "viis-worker", "connect_timeout": 5, "options": "-c timezone=UTC"},
        )

    def _app(self, connector: PsycopgConnector, declared: Iterable[JobDefinition], *, periodic: bool) -> App:
        app = App(connector=connector)
        app.job_manager = FencedManager(connector)
        for definition in declared:
            self._declare(app, definition, periodic=periodic)
        return app

    def _declare(self, app: App, definition: JobDefinition, *, periodic: bool) -> None:
        def perform(context: JobContext, /, **arguments: object) -> None:
            if definition.every is not None:
                arguments.pop("timestamp", None)  # Procrastinate's; a job asks `run.at`
            self._perform(definition, context, arguments)

        task = app.task(
            name=definition.name, queue=definition.queue, retry=Patience(definition.retry), pass_context=True
        )(perform)
        if definition.every is not None and periodic:
            # One waits at a time: a queue that stands still does not fill with the same job.
            app.periodic(cron=definition.every, queueing_lock=_periodic_key(definition.name))(
                cast("Task[[JobContext], None, [int]]", task)
            )

    def _perform(self, definition: JobDefinition, context: JobContext, arguments: dict[str, object]) -> None:
        entry = context.job
        run = Run(
            job_id=entry.id or 0,
            job=definition.name,
            attempt=entry.attempts + 1,
            last=definition.retry.exhausted(entry.attempts + 1),
            at=clock.now(),
            settings=self.settings,
            tools=self._tools,
            sessions=self._sessions,
            worker_id=entry.worker_id,
        )
        with request_id_scope(f"job-{run.job_id}-{run.attempt}"), self._kept_errors(run):
            definition.function(run, **arguments)

    @contextmanager
    def _kept_errors(self, run: Run) -> Iterator[None]:
        try:
            yield
        except Superseded:
            self.failed += 1
            raise
        except Exception as error:
            self.failed += 1
            _log.warning("%s failed at attempt %d: %s", run.job, run.attempt, mask(str(error)))
            _keep(self._sessions, run, error)
            raise
        self.succeeded += 1

    def _worker(self, app: App, queues: list[str] | None, name: str, concurrency: int, *, wait: bool = True) -> Worker:
        settings = self.settings
        # Upkeep runs every few seconds; its successes are not kept.
        kept = DeleteJobCondition.SUCCESSFUL if name == UPKEEP else DeleteJobCondition.NEVER
        return AttentiveWorker(
            app,
            queues=queues,
            name=name,
            concurrency=concurrency,
            wait=wait,
            fetch_job_polling_interval=settings.worker_poll_seconds,
            listen_notify=wait,
            delete_jobs=kept,
            install_signal_handlers=False,
            update_heartbeat_interval=settings.worker_heartbeat_seconds,
            stalled_worker_timeout=settings.worker_stalled_seconds,
            worker_middleware=[keep_alive(settings.worker_heartbeat_seconds)],
        )

    def _upkeep(self, connector: PsycopgConnector) -> App:
        """Return the app whose jobs maintain the queue itself; they are coroutines and touch no table of ours."""
        app = App(connector=connector)
        app.job_manager = FencedManager(connector)
        silence = timedelta(seconds=self.settings.worker_stalled_seconds)

        async def rescue_stalled(timestamp: int) -> None:
            del timestamp
            # The dead one's row goes first: rescued jobs then cannot point at it, and a sleeper that wakes up ends.
            await app.job_manager.prune_stalled_workers(silence.total_seconds())
            await rescue(connector, silence=silence, at=clock.now())

        async def forget_finished(timestamp: int) -> None:
            del timestamp
            await forget_old(connector, at=clock.now())

        patience = Patience(Retry(times=1))
        for cron, name, function in (
            ("* * * * * */5", "upkeep.rescue_stalled", rescue_stalled),
            ("17 3 * * *", "upkeep.forget_finished", forget_finished),
        ):
            task = app.task(name=name, queue=UPKEEP, retry=patience)(function)
            app.periodic(cron=cron, queueing_lock=_periodic_key(name))(task)
        return app


async def _run(worker: Worker) -> None:
    await worker.run()  # type: ignore[no-untyped-call]  # Procrastinate's


def _periodic_key(name: str) -> str:
    return f"every:{name}"


def _keep(sessions: sessionmaker[Session], run: Run, error: Exception) -> None:
    """Keep the error's text, codes masked; with the database away the log has to do."""
    text = mask("".join(traceback.format_exception_only(error)).strip())
    try:
        with sessions.begin() as session:
            session.add(
                JobError(
                    job_id=run.job_id,
                    job=run.job,
                    attempt=run.attempt,
                    at=clock.now(),
                    error=text,
                    traceback=mask("".join(traceback.format_exception(error))),
                )
            )
    except SQLAlchemyError:
        _log.exception("the error of job %d could not be kept: %s", run.job_id, text)
