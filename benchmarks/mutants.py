"""Valid signed files, changed at random by the thousand: is anything accepted that should not be, and how long at most?

    python -m benchmarks.mutants [COUNT [SEED]]

A mutant that still passes must be unchanged in all that was signed: the set of data files with their names and bytes;
in a PDF the bytes under the signature and every page as a viewer shows it. Anything raised but the errors of `signing`
counts as a crash. One JSON line last; the seed makes a run repeatable.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
import sys
import time
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pypdfium2  # type: ignore[import-untyped] # it has no types
import typst
from rich.progress import track

from demo.pki import build, lv_list, person
from demo.signer import Level, sign_again, sign_asice, sign_edoc, sign_pdf
from signing import Indication, SigningError, TrustStore, verify
from signing.trust import read_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
COUNT = 2000
SLOW = 2.0
_FILES = [("iesniegums.pdf", b"%PDF-1.7 " + b"iesniegums " * 40), ("saistibu raksts.txt", b"saistibu raksts " * 40)]
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)")

Entries = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Original:
    """A valid file, and what of it a passing mutant must still have."""

    name: str
    content: bytes
    essence: tuple[object, ...]

    @classmethod
    def of(cls, name: str, content: bytes) -> Original:
        """Remember what is essential in a valid file."""
        return cls(name, content, _essence(content, content))


def _essence(content: bytes, original: bytes) -> tuple[object, ...]:
    if original.startswith(b"%PDF"):
        return (_signed_part(content, original), *_pictures(content))
    return tuple(sorted(_data_files(content)))


def _signed_part(content: bytes, original: bytes) -> bytes:
    """Give the bytes under the first signature: later ones, and archive stamps, may break without harming it."""
    found = _RANGE.search(original)
    start, size, second, tail = map(int, found.groups()) if found else (0, len(original), 0, 0)
    return hashlib.sha256(content[start : start + size] + content[second : second + tail]).digest()


def _pictures(content: bytes) -> Iterator[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        document.init_forms()
        for page in document:
            yield hashlib.sha256(bytes(page.render(scale=0.3).buffer)).hexdigest()
    finally:
        document.close()


def _data_files(content: bytes) -> Entries:
    return [(name, data) for name, data in _entries(content) if name != "mimetype" and not name.startswith("META-INF/")]


def _entries(content: bytes) -> Entries:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def _packed(entries: Entries) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # duplicate names are one of the points
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in entries:
                archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def _flipped(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.choice((1, 1, 1, 2, 5, 20))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _spliced(content: bytes, dice: random.Random) -> bytes:
    start, end = sorted((dice.randrange(len(content)), dice.randrange(len(content))))
    end = min(end, start + dice.choice((1, 8, 200, 5000)))
    put = dice.choice((b"", content[start:end] * 2, dice.randbytes(end - start), content[:64]))
    return content[:start] + put + content[end:]


def _any_file_changed(content: bytes, dice: random.Random) -> bytes:
    entries = _entries(content)
    at = dice.randrange(len(entries))
    name, data = entries[at]
    entries[at] = (name, dice.choice((_flipped, _spliced))(data, dice) if len(data) > 1 else b"x")
    return _packed(entries)


def _files_exchanged(content: bytes, dice: random.Random) -> bytes:
    entries = _entries(content)
    one, two = dice.sample(range(len(entries)), 2)
    (name, data), (other, more) = entries[one], entries[two]
    entries[one], entries[two] = (name, more), (other, data)
    return _packed(entries)


def _set_of_files_changed(content: bytes, dice: random.Random) -> bytes:
    entries = _entries(content)
    at = dice.randrange(len(entries))
    name, data = entries[at]
    match dice.randrange(5):
        case 0:
            entries.pop(at)
        case 1:
            new = dice.choice((name.upper(), f"./{name}", f"{name} ", name.replace(" ", "%20"), f"x/{name}", "../x"))
            entries[at] = (new, data)
        case 2:
            entries.insert(at, (dice.choice(("new.txt", "META-INF/x.txt", "mimetype", name)), dice.randbytes(20)))
        case 3:
            entries.append((name, data))
        case _:
            dice.shuffle(entries)
    return _packed(entries)


def _revision_appended(content: bytes, dice: random.Random) -> bytes:
    """Append a revision that redefines a random object, with a table a reader accepts."""
    numbers = [int(found) for found in re.findall(rb"(?m)^(\d+) 0 obj", content)]
    number = dice.choice(numbers)
    body = dice.choice(
        (
            b"<< /Type /Page /MediaBox [0 0 200 200] >>",
            b"<< /Length 5 >>\nstream\nq Q q\nendstream",
            b"<< /Type /Catalog >>",
            b"null",
            b"[ ]",
        )
    )
    previous = int(content[content.rindex(b"startxref") + 9 :].split()[0])
    start = len(content) + 1
    new = b"\n%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
    root = re.findall(rb"/Root\s+(\d+ 0 R)", content)
    trailer = b"trailer\n<< /Size %d /Prev %d /Root %s >>\n" % (
        max(numbers) + 1,
        previous,
        root[-1] if root else b"1 0 R",
    )
    return content + new + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(content) + len(new))


_ANY: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flipped, _spliced)
_CONTAINER = (*_ANY, _any_file_changed, _any_file_changed, _files_exchanged, _set_of_files_changed)
_PDF = (*_ANY, _revision_appended)


def originals(folder: Path) -> tuple[list[Original], TrustStore]:
    """Sign valid files of each kind, by the demo's people."""
    pki = build(folder / "pki", at=AT, base_url="http://127.0.0.1:9")
    head, user = person("head"), person("user")
    source = folder / "form.typ"
    source.write_text("= Iesniegums\n#lorem(80)\n#pagebreak()\n#lorem(80)", encoding="utf-8")
    form = typst.compile(source)
    edoc = sign_edoc(_FILES, person=head, pki=pki, at=AT)
    pdf = sign_pdf(form, person=head, pki=pki, at=AT)
    made = {
        "one.edoc": edoc,
        "two.edoc": sign_again(edoc, person=user, pki=pki, at=AT + timedelta(minutes=1)),
        "archive.asice": sign_asice(_FILES, person=user, pki=pki, at=AT, level=Level.LTA),
        "one.pdf": pdf,
        "two.pdf": sign_again(pdf, person=user, pki=pki, at=AT + timedelta(minutes=1)),
        "archive.pdf": sign_pdf(form, person=user, pki=pki, at=AT, level=Level.LTA),
    }
    trust = TrustStore.of_anchors((), (read_list(lv_list(pki, at=AT)),))
    return [Original.of(name, content) for name, content in made.items()], trust


def passes(name: str, content: bytes, trust: TrustStore) -> bool:
    """Whether any signature of the file is accepted."""
    report = verify(content, name=name, trust=trust, at=AT + timedelta(hours=1))
    return any(one.indication is Indication.TOTAL_PASSED and not one.counter_signature for one in report.signatures)


def unchanged(mutant: bytes, original: Original) -> bool:
    """Whether all that was signed, and what is shown, is what it was."""
    try:
        return _essence(mutant, original.content) == original.essence
    except (zipfile.BadZipFile, pypdfium2.PdfiumError, ValueError, RuntimeError, EOFError, KeyError):
        return False


def main(count: int, seed: int) -> None:
    """Make and judge mutants, keep every bad one beside the results, and tell the figures."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    outcomes: Counter[str] = Counter()
    slowest, spent, bad = 0.0, 0.0, []
    with TemporaryDirectory() as scratch:
        valid, trust = originals(Path(scratch))
        if not all(passes(one.name, one.content, trust) for one in valid):
            raise SystemExit("an unchanged file does not pass")
        for number in track(range(count), description="Mutants", disable=not sys.stderr.isatty()):
            original = dice.choice(valid)
            change = dice.choice(_PDF if original.name.endswith(".pdf") else _CONTAINER)
            mutant = change(original.content, dice)
            begun = time.process_time()
            try:
                passed = passes(original.name, mutant, trust)
                outcome = "passed" if passed else "not passed"
            except SigningError:
                passed, outcome = False, "refused"
            except Exception as error:  # noqa: BLE001 - anything else is what is looked for
                passed, outcome = False, "crash"
                bad.append(f"{number} {original.name} {change.__name__}: {error!r}")
            taken = time.process_time() - begun
            spent, slowest = spent + taken, max(slowest, taken)
            if passed and not unchanged(mutant, original):
                outcome = "false acceptance"
                bad.append(f"{number} {original.name} {change.__name__}: accepted")
            if taken > SLOW:
                bad.append(f"{number} {original.name} {change.__name__}: {taken:.1f} s")
            outcomes[outcome] += 1
    figures = {
        "what": "mutants of valid files",
        "samples": count,
        "seed": seed,
        **dict(sorted(outcomes.items())),
        "false_acceptances": outcomes["false acceptance"],
        "crashes": outcomes["crash"],
        "slowest_s": round(slowest, 3),
        "mean_ms": round(1000 * spent / count, 2),
        "bad": bad[:20],
        "held_against": {"false_acceptances": 0, "crashes": 0, "slowest_s": SLOW},
    }
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT, int(sys.argv[2]) if len(sys.argv) > 2 else 1)  # noqa: PLR2004
