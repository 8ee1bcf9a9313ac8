"""A real worker that is killed (SIGKILL) at a statement drawn at random, again and again, until nothing is left to do.

Started as a process: URL of the database, moment (ISO), seed. It lives each life as a child of its own, which looks
after the job of the one before as upkeep does, and then does what is due. The number of deaths is printed last.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import Engine, event

import workflows.reorganisation.jobs
import workflows.rights.jobs  # noqa: F401 - declares the jobs
from workflows import clock
from workflows.jobs import worker
from workflows.jobs._procrastinate import rescue
from workflows.jobs.registry import definitions
from workflows.reorganisation import announcing, applying, undoing
from workflows.settings import Settings

_STATEMENTS = 70  # of one life at most: some two steps
_LIVES = 500


def main(url: str, moment: str, seed: str) -> None:
    """Live and die until the work is done."""
    settings = Settings.model_validate({"database_url": url})
    at = datetime.fromisoformat(moment)
    clock.now = lambda: at
    applying._CHUNK = undoing._CHUNK = announcing._CHUNK = 1
    random = Random(int(seed))  # noqa: S311 - the same deaths each time
    for deaths in range(_LIVES):
        if _life(settings, random.randrange(1, _STATEMENTS + deaths)):  # longer each time, so that it ends
            sys.stdout.write(f"{deaths}\n")
            return
    sys.exit("it never came to an end")


def _life(settings: Settings, statements: int) -> bool:
    """Live once; False when killed before the work was done."""
    child = os.fork()
    if child == 0:
        _die_after(statements)
        asyncio.run(_work(settings))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    if status != 0:
        sys.exit(f"it ended otherwise: {status}")
    return True


def _die_after(statements: int) -> None:
    left = statements

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


async def _work(settings: Settings) -> None:
    with worker._WorkerProcess(settings) as process:
        connector = process._connector()
        app = process._app(connector, definitions().values(), periodic=False)
        async with app.open_async():
            # Whoever had a job is dead: nobody waits here for the silence that shows it.
            await rescue(connector, silence=timedelta(0), at=datetime.now(UTC))
            process.queue(["reorganisation.go_on"])
            await worker._run(process._worker(app, ["default"], "mortal", 1, wait=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
