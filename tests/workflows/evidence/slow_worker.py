"""A worker whose judge takes a second longer than it needs, so that a test can catch it judging."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from workflows import logging
from workflows.evidence import judging
from workflows.evidence.judging import Judge
from workflows.jobs import run_worker
from workflows.settings import Settings
from workflows.validation import service as validation


class _SlowJudge(Judge):
    def judge(self, *words: object, **named: object) -> judging.Judgement:
        time.sleep(1)
        return super().judge(*words, **named)  # type: ignore[arg-type]  # handed on as they came


@contextmanager
def _open_slow_judge(settings: Settings) -> Iterator[Judge]:
    with _SlowJudge(seconds=settings.guard_seconds, memory_mb=settings.guard_memory_mb) as judge:
        judge.warm()
        yield judge


if __name__ == "__main__":
    validation.open_judge = _open_slow_judge  # type: ignore[attr-defined]  # the name its job looks up
    loaded = Settings.load()
    logging.configure(loaded)
    run_worker(loaded)
