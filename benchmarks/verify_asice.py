"""How long one file takes from bytes to report, and how that grows with files, signatures and bytes.

Files are made here by the demo's signer; figures are medians of warm runs on one core. One JSON line last.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from demo.pki import build, lv_list, person
from demo.signer import sign_again, sign_asice
from signing import TooLarge, TrustStore, verify
from signing.trust import read_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
MEGABYTE = 1024 * 1024
_MOST_OF_CHILD = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def median_ms(work: Callable[[], object], runs: int, *, clock: Callable[[], float] = time.process_time) -> float:
    """Measure a few runs after a warm one, in processor time: judging is one thread and waits for nothing."""
    work()
    spent = []
    for _ in range(runs):
        begun = clock()
        work()
        spent.append((clock() - begun) * 1000)
    return round(statistics.median(spent), 2)


def peak_megabytes(work: Callable[[], object]) -> float:
    """Measure what one run allocates at most, the document itself left out."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return round(peak / MEGABYTE, 2)


def main() -> None:
    """Print each figure, then all of them as one line."""
    with TemporaryDirectory() as folder:
        figures = measure(build(Path(folder) / "pki", at=AT), Path(folder))
    for name, value in figures.items():
        print(f"{name:32} {value}")
    print(json.dumps({"benchmark": "verify_asice", **figures}))


def measure(pki: Pki, folder: Path) -> dict[str, float]:
    """Make the files and judge them."""
    latvian = lv_list(pki, at=AT)
    trust = TrustStore.of_anchors([], [read_list(latvian)])
    head = person("head")

    def judging(document: bytes) -> Callable[[], object]:
        return lambda: verify(document, name="x.asice", trust=trust, at=AT + timedelta(hours=1))

    def made(files: list[tuple[str, bytes]], signatures: int = 1) -> bytes:
        document = sign_asice(files, person=head, pki=pki, at=AT)
        for _ in range(signatures - 1):
            document = sign_again(document, person=head, pki=pki, at=AT)
        return document

    small = made([("a.txt", b"x")])
    figures = {"one_signature_ms": median_ms(judging(small), 60)}
    figures["one_signature_peak_mb"] = peak_megabytes(judging(small))
    for count in (2, 10, 100):
        document = made([("a.txt", b"x")], count)
        figures[f"{count}_signatures_ms"] = median_ms(judging(document), 40 if count == 2 else 3)  # noqa: PLR2004
    for count in (10, 100, 1000):
        document = made([(f"{number}.txt", b"x") for number in range(count)])
        figures[f"{count}_references_ms"] = median_ms(judging(document), 5)
    for size in (1, 10, 100):
        document = made([("a.bin", os.urandom(size * MEGABYTE))])
        figures[f"{size}_mb_ms"] = median_ms(judging(document), 3)
        figures[f"{size}_mb_peak_mb"] = peak_megabytes(judging(document))
    figures["command_100_mb_mb"] = command_megabytes(folder, document, latvian)
    bomb = made([("a.bin", b"\0" * 100 * MEGABYTE)])
    figures["zip_bomb_ms"] = median_ms(lambda: refused(judging(bomb)), 3)
    figures["cold_command_s"] = cold_seconds(folder, small, latvian)
    return figures


def refused(work: Callable[[], object]) -> None:
    """Insist on a refusal."""
    try:
        work()
    except TooLarge:
        return
    raise SystemExit("a bomb was opened")


def command_megabytes(folder: Path, document: bytes, trusted_list: bytes) -> float:
    """Measure all the memory that `viis verify` of this container takes at most."""
    (folder / "large.asice").write_bytes(document)
    (folder / "list.xml").write_bytes(trusted_list)
    command = [sys.executable, "-m", "signing", "--trust", str(folder / "list.xml"), str(folder / "large.asice")]
    # Asked of a small process between: a child counts what its parent held before it became another program.
    between = [sys.executable, "-c", _MOST_OF_CHILD, *command]
    return round(int(run(between, check=True, capture_output=True).stdout) / 1024, 1)  # noqa: S603 - our own command


def cold_seconds(folder: Path, document: bytes, trusted_list: bytes) -> float:
    """Start the command afresh, as a person does."""
    (folder / "x.asice").write_bytes(document)
    (folder / "list.xml").write_bytes(trusted_list)
    command = [sys.executable, "-m", "signing", "--trust", str(folder / "list.xml"), str(folder / "x.asice")]
    return round(median_ms(lambda: run(command, check=True, capture_output=True), 3, clock=time.perf_counter) / 1000, 3)  # noqa: S603 - our own command


if __name__ == "__main__":
    main()
