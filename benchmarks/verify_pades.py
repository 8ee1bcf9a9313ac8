"""How long a signed PDF takes from bytes to report, at each level, with more signatures and more pages.

Files are made here by the demo's signer; figures are medians of warm runs in processor time. One JSON line last.
"""

from __future__ import annotations

import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typst

from demo.pki import build, lv_list, person
from demo.signer import Level, sign_again, sign_pdf
from signing import Indication, TrustStore, verify
from signing.trust import read_list

if TYPE_CHECKING:
    from demo.pki import Pki

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
RUNS = 15


def form(folder: Path, pages: int) -> bytes:
    """Make a PDF with that many pages of text."""
    source = folder / f"{pages}.typ"
    source.write_text("#pagebreak()\n".join(["= Saistību raksts\n#lorem(250)\n"] * pages), encoding="utf-8")
    return typst.compile(source)


def median_ms(document: bytes, trust: TrustStore) -> float:
    """Measure a few runs after a warm one; a file that does not pass is a mistake of the benchmark."""
    spent = []
    for _ in range(RUNS + 1):
        begun = time.process_time()
        report = verify(document, name="form.pdf", trust=trust, at=AT + timedelta(hours=1))
        spent.append((time.process_time() - begun) * 1000)
        if any(signature.indication is Indication.TOTAL_FAILED for signature in report.signatures):
            raise SystemExit("a signature failed")
    return round(statistics.median(spent[1:]), 2)


def measure(pki: Pki, folder: Path) -> dict[str, float]:
    """Measure levels, then signatures, then pages."""
    trust = TrustStore.of_anchors([], [read_list(lv_list(pki, at=AT))])
    one_page = form(folder, 1)
    figures = {
        f"{level.lower()}_ms": median_ms(sign_pdf(one_page, person=person("head"), pki=pki, at=AT, level=level), trust)
        for level in Level
    }
    signed = sign_pdf(one_page, person=person("head"), pki=pki, at=AT, level=Level.LT)
    for number in range(2, 6):
        moment = AT + timedelta(minutes=number)
        signed = sign_again(signed, person=person("user"), pki=pki, at=moment, level=Level.LT)
        if number in {2, 5}:
            figures[f"lt_{number}_signatures_ms"] = median_ms(signed, trust)
    for pages in (10, 40):
        long = sign_pdf(form(folder, pages), person=person("head"), pki=pki, at=AT, level=Level.LTA)
        figures[f"lta_{pages}_pages_ms"] = median_ms(long, trust)
    return figures


def main() -> None:
    """Print each figure, then all of them as one line."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        figures = measure(build(folder / "pki", at=AT), folder)
    for key, value in figures.items():
        print(f"{key:24} {value}")
    print(json.dumps({"benchmark": "verify_pades", **figures}))


if __name__ == "__main__":
    main()
