"""Thirty national lists the size of Latvia's behind one list of lists: verified, read, asked. One JSON line last."""

from __future__ import annotations

import json
import pickle
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from builders.signing.trusted_lists import (
    EIDAS,
    Entry,
    ListText,
    Party,
    ServiceEntry,
    authority,
    pointer,
    qualifier,
    sign,
    uses,
    when,
)
from signing.pki.certificate_files import load_certificates
from signing.trust import load_lotl

LISTS, SERVICES, RUNS = 30, 37, 3
NOW = when("2026-04-01")
# Latvia's list of 2023: 212 KB, 29 services with 50 entries of history, 37 certificates of some 2 KB.
PADDING = "x" * 600


def national(number: int, operator: Party) -> bytes:
    """One list: services with a history each, qualifiers in every entry, prose as lists carry it."""
    extensions = (uses("ForeSignatures"), qualifier("QCWithQSCD"))
    services = []
    for service in range(SERVICES):
        ca = authority(f"CA {number}-{service}", key=service)
        current = Entry("granted", EIDAS, certificates=(ca.certificate,), extensions=extensions)
        history = (
            Entry("accredited", when("2012-01-01"), extensions=extensions),
            Entry("undersupervision", when("2010-01-01"), extensions=extensions),
        )
        services.append(ServiceEntry(f"CA {number}-{service} {PADDING}", current, history))
    return sign(ListText(services=tuple(services), territory=f"{number:02}").xml(), operator)


def make(folder: Path) -> None:
    """Write the lists into a folder."""
    operator = authority("Operator")
    pointers = []
    for number in range(LISTS):
        (folder / f"{number:02}.xml").write_bytes(national(number, operator))
        pointers.append(pointer(f"{number:02}.xml", [operator.certificate], territory=f"{number:02}"))
    lotl = ListText(kind="EUlistofthelists", territory="EU", pointers=tuple(pointers))
    (folder / "lotl.xml").write_bytes(sign(lotl.xml(), operator))
    (folder / "operator.der").write_bytes(operator.certificate.der)


def resident_megabytes() -> tuple[float, float]:
    """Give memory resident now and at its highest, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    values = {line.split(":")[0]: line.split() for line in lines}
    return int(values["VmRSS"][1]) / 1024, int(values["VmHWM"][1]) / 1024


def measure(folder: Path) -> dict[str, float]:
    """Load everything once, in a process of its own."""
    signers = load_certificates((folder / "operator.der").read_bytes())
    lotl = (folder / "lotl.xml").read_bytes()
    before, _ = resident_megabytes()
    start = time.perf_counter()
    store = load_lotl(lotl, signers=signers, fetch=lambda name: (folder / name).read_bytes(), at=NOW)
    seconds = time.perf_counter() - start
    after, highest = resident_megabytes()
    if any(state.problem for state in store.states):
        raise SystemExit("a list was not accepted")
    start = time.perf_counter()
    packed = pickle.dumps(store)
    pickle.loads(packed)  # noqa: S301 - our own bytes
    return {
        "seconds": seconds,
        "megabytes": after - before,
        "megabytes_at_most": highest - before,
        "pickle_seconds": time.perf_counter() - start,
        "pickle_megabytes": len(packed) / 1e6,
    }


def main() -> None:
    """Measure several times, each in a fresh process."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(Path(sys.argv[1]))))
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        make(folder)
        size = sum(file.stat().st_size for file in folder.glob("[0-9]*.xml")) / LISTS
        runs = []
        for _ in range(RUNS):
            command = [sys.executable, "-m", "benchmarks.trust_lists", name]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
            runs.append(json.loads(done.stdout.splitlines()[-1]))
    medians = {key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]}
    print(json.dumps({"benchmark": "trust_lists", "lists": LISTS, "kilobytes_each": round(size / 1000), **medians}))


if __name__ == "__main__":
    main()
