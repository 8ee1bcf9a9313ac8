"""What judging in the sandbox costs: from bytes to verdict in milliseconds, warm, and the guard's memory at its peak.

The figure to keep is 250 MB resident for a guard, with documents as large as may be uploaded. One JSON line last.
"""

import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pikepdf

from benchmarks._figures import Held, Machine, tell
from demo.pki import build, lv_list, person
from demo.signer import sign_asice, sign_edoc, sign_pdf
from signing import Report
from signing.trust import TrustStore, read_list
from workflows.evidence.judging import Judge

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
MIB = 2**20
RUNS = 15
MOST_MB = 250


def main() -> None:
    """Judge small and large files, and draw a page."""
    with TemporaryDirectory() as folder, Judge(seconds=60, memory_mb=192) as judge:
        pki = build(Path(folder), at=AT)
        who, trust = person("user"), TrustStore.of_anchors([], [read_list(lv_list(pki, at=AT))])
        files = {
            "edoc": sign_edoc([("letter.txt", b"x")], person=who, pki=pki, at=AT),
            "asice": sign_asice([("letter.txt", b"x")], person=person("head"), pki=pki, at=AT),
            "pdf": sign_pdf(_pdf(0), person=who, pki=pki, at=AT),
            "edoc_24MB": sign_edoc([("letter.bin", os.urandom(24 * MIB))], person=who, pki=pki, at=AT),
            "pdf_24MB": sign_pdf(_pdf(24 * MIB), person=who, pki=pki, at=AT),
        }
        begun = time.perf_counter()
        restrictions = judge.warm()
        start = time.perf_counter() - begun
        with Machine.watched() as machine, _peak() as peak:
            spent = {name: _milliseconds(judge, name, content, trust) for name, content in files.items()}
        held = {"guard_mb": Held(max(peak), MOST_MB)}
        tell(
            "guarded_judge", held, machine, start_s=round(start, 2), restrictions=dict(restrictions), milliseconds=spent
        )


def _milliseconds(judge: Judge, name: str, content: bytes, trust: TrustStore) -> Mapping[str, float]:
    spent = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        judgement = judge.judge(content, name=name, trust=trust, at=AT)
        spent.append((time.perf_counter() - begun) * 1000)
        if not isinstance(judgement, Report):
            raise SystemExit(f"{name}: {judgement}")
    return {"median": round(median(spent[1:]), 1), "max": round(max(spent[1:]), 1)}


@contextmanager
def _peak() -> Iterator[list[float]]:
    """Collect the resident size of guards and their children, whichever is largest, in MB."""
    seen, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            seen.extend(_resident(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _resident(process: Path) -> float:
    try:
        if b"workflows.evidence.guard.judge" not in (process / "cmdline").read_bytes():
            return 0.0
        found = re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def _pdf(size: int) -> bytes:
    made, out = pikepdf.new(), BytesIO()
    made.add_blank_page(page_size=(595, 842))
    made.Root.Ballast = pikepdf.Stream(made, os.urandom(size))
    made.save(out)
    return out.getvalue()


if __name__ == "__main__":
    main()
