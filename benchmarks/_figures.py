"""Results of measurements: samples, median, p95, the limit they are held against, and the load of the machine."""

import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Held", "Machine", "p95", "spread", "tell"]


@dataclass(frozen=True, slots=True)
class Held:
    """A measured value and the most it may be."""

    measured: float
    at_most: float

    @property
    def met(self) -> bool:
        """Whether it is as it should be."""
        return self.measured <= self.at_most


@dataclass(slots=True)
class Machine:
    """The load of the machine during a measurement, of all processes together."""

    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    load_after: float = 0.0
    busy: float = 0.0  # share of all cores' time, 0 to 1

    @classmethod
    @contextmanager
    def watched(cls) -> Iterator["Machine"]:
        """Watch it for as long as the block runs."""
        machine = cls()
        busy, total = _times()
        yield machine
        busy_after, total_after = _times()
        machine.busy = (busy_after - busy) / max(total_after - total, 1)
        machine.load_after = os.getloadavg()[0]


def p95(values: Sequence[float]) -> float:
    """Give the value that 95 of 100 do not exceed."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def spread(values: Sequence[float], unit: str) -> dict[str, float]:
    """Summarise samples; `unit` ends the names of the figures."""
    said = {"median": statistics.median(values), "p95": p95(values), "max": max(values)}
    return {"samples": len(values), **{f"{name}_{unit}": round(value, 3) for name, value in said.items()}}


def tell(name: str, held: dict[str, Held], machine: Machine, **more: object) -> None:
    """Print the result as one JSON line, the last one a benchmark prints."""
    print(
        json.dumps(
            {
                "benchmark": name,
                "met": all(one.met for one in held.values()),
                "held": {key: [round(one.measured, 3), one.at_most] for key, one in held.items()},
                **more,
                "machine": {
                    "cores": os.cpu_count(),
                    "load_before": round(machine.load_before, 2),
                    "load_after": round(machine.load_after, 2),
                    "busy": round(machine.busy, 2),
                },
            }
        )
    )


def milliseconds(since: float) -> float:
    """Give the milliseconds since a moment of `time.perf_counter`."""
    return (time.perf_counter() - since) * 1000


def _times() -> tuple[int, int]:
    """Give the ticks all cores were busy, and all ticks (proc(5), stat)."""
    numbers = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
    idle = numbers[3] + numbers[4]
    return sum(numbers) - idle, sum(numbers)
