"""What ``make check`` looks at beside format, lint, types and arrows. Run as ``python -m tests.check [NAME…]``.

Each check is a function that returns sentences: what is wrong, where, and what to do. One that cannot be made here
raises `NotRunError`, which is no success: the last line counts it. ``translations --update`` takes new sentences of the
code over into the catalogues.
"""

import filecmp
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = ROOT / "workflows"
CATALOGUES = WORKFLOWS / "translations"
STATIC = WORKFLOWS / "web" / "static"
FRONTEND = ROOT / "frontend"

KEYWORDS = {"_": None, "words": None, "later": None, "plural": (1, 2), "gettext": None, "html": None}
PLURALS = {
    "lv": "nplurals=3; plural=(n%10==0 || n%100>=11 && n%100<=19) ? 0 : (n%10==1 && n%100!=11) ? 1 : 2;",
    "en": "nplurals=2; plural=(n != 1);",
}
UNFINISHED = 4

# Built so that this file does not find itself.
FORBIDDEN = re.compile(
    r"(?:registry\.npmjs|pypi|files\.pythonhosted|repo\d?\.maven|deb\.debian)\.(?:org|com|apache)|"
    r"(?<![\w.])/(?:work|root|home)/\w"
)
GENERATED = {".woff2", ".ttf", ".mo", ".png", ".pdf", ".css", ".js", ".edoc", ".asice", ".jar"}


class NotRunError(Exception):
    """The check could not be made here, and why."""


def translations() -> Iterator[str]:
    """Every sentence of the code stands in both catalogues, translated, not fuzzy; the compiled ones are up to date."""
    used = _extracted()
    for language in PLURALS:
        folder = CATALOGUES / language / "LC_MESSAGES"
        catalogue = _read(language)
        for key, message in used.items():
            found = catalogue.get(key)
            if found is None:
                yield f"{language}: new sentence {key!r} ({_where(message)}): run with --update and translate it"
        for message in catalogue:
            if message.id and (fault := _fault(message, used)):
                yield f"{language}: {fault}"
        if (folder / "messages.mo").read_bytes() != _compiled(catalogue):
            yield f"{language}: messages.mo is older than messages.po: run with --update"


def update_translations() -> None:
    """Take new sentences over, drop those no longer used, compile. English says what the id says."""
    used = _extracted()
    for language, plurals in PLURALS.items():
        folder = CATALOGUES / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        old = _read(language) if (folder / "messages.po").exists() else Catalog(locale=language)
        new = Catalog(locale=language, project="viis-iam", charset="utf-8", header_comment="# VIIS access rights")
        for key, message in used.items():
            known = old.get(key)
            string = known.string if known is not None else ""
            if language == "en":
                string = message.id if isinstance(message.id, tuple) else str(message.id)
            new.add(message.id, string, locations=message.locations)
        with (folder / "messages.po").open("wb") as file:
            write_po(file, new, width=0, sort_output=True, no_location=True, omit_header=False)
        text = (folder / "messages.po").read_text("utf-8")
        # No dates and no tool versions: the same words make the same file.
        kept = [
            line
            for line in text.splitlines()
            if not re.match(
                r'"(?:POT-Creation|PO-Revision|Generated-By|Last-Translator|Language-Team|Report-Msgid)', line
            )
        ]
        text = re.sub(r'"Plural-Forms: .*"', f'"Plural-Forms: {plurals}\\\\n"', "\n".join(kept) + "\n")
        (folder / "messages.po").write_text(text, "utf-8")
        (folder / "messages.mo").write_bytes(_compiled(_read(language)))


def assets() -> Iterator[str]:
    """What stands in static/ is what the sources in frontend/ make; nothing in it is GOV.UK's own."""
    for path in STATIC.glob("main.*"):
        text = path.read_text("utf-8")
        for word in ("#1d70b8", "GDS Transport", "crown"):
            if word in text:
                yield f"{path.name} contains {word!r}, which belongs to GOV.UK"
    if shutil.which("node") is None:
        raise NotRunError("there is no node here: the assets were not rebuilt")
    if not (FRONTEND / "node_modules").is_dir() and not _npm_ci():
        raise NotRunError("npm reaches no packages here: the assets were not rebuilt")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", "build.mjs", folder], cwd=FRONTEND, check=True, capture_output=True)
        names = sorted({path.name for path in Path(folder).iterdir()} | {path.name for path in STATIC.iterdir()})
        _, differing, missing = filecmp.cmpfiles(folder, STATIC, names, shallow=False)
        for name in (*differing, *missing):
            yield f"static/{name} is not what frontend/ builds: run `npm run build` in frontend/"


def addresses() -> Iterator[str]:
    """No committed file names a package registry or a folder of somebody's machine."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or path.suffix in GENERATED or path.resolve() == Path(__file__).resolve() or not path.is_file():
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for found in FORBIDDEN.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{name}:{line}: {found.group()!r} belongs to one machine, not to the project"
        if name.endswith("package-lock.json") and '"resolved"' in text:
            yield f"{name}: has resolved addresses: npm install --omit-lockfile-registry-resolved"


def audit() -> Iterator[str]:
    """No locked dependency has a known vulnerability. Raises NotRunError where that was not asked of every one."""
    command = [
        "-m",
        "pip_audit",
        "--requirement",
        "requirements/runtime.txt",
        "--disable-pip",
        "--progress-spinner=off",
        "--format=json",
    ]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, check=False, capture_output=True, text=True)
    yield from audited(done.stdout, done.stderr, locked=_locked())


def audited(out: str, said: str, *, locked: AbstractSet[str]) -> Iterator[str]:
    """Read pip-audit's JSON: a dependency it says nothing of, or skipped, was not audited."""
    try:
        shown = {_canonical(one["name"]): one for one in json.loads(out)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        why = said.strip().splitlines()
        raise NotRunError(f"pip-audit does not reach its data here: {why[-1] if why else 'it says nothing'}") from None
    for name, one in sorted(shown.items()):
        for known in one.get("vulns", ()):
            mended = ", ".join(known.get("fix_versions", ())) or "no version yet"
            yield f"{name} {one.get('version', '')}: {known['id']}, mended in {mended}"
    missed = sorted(name for name in locked if "vulns" not in shown.get(name, {}))
    if missed:
        raise NotRunError(f"{len(missed)} of {len(locked)} dependencies were not audited: {', '.join(missed[:5])}")


def _locked() -> AbstractSet[str]:
    text = (ROOT / "requirements" / "runtime.txt").read_text("utf-8")
    return {_canonical(name) for name in re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==", text, re.MULTILINE)}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "translations": translations,
    "assets": assets,
    "addresses": addresses,
    "audit": audit,
}


def main(arguments: list[str]) -> int:
    """Run the named checks, all without a name; return how many found something."""
    if "--update" in arguments:
        update_translations()
        arguments = [argument for argument in arguments if argument != "--update"]
    failed = not_run = 0
    names = arguments or list(CHECKS)
    for name in names:
        findings, why = made(CHECKS[name])
        word = f"{len(findings)} found" if findings else "ok" if not why else "not run"
        print(f"{name}: {word}{f' ({why})' if why else ''}")  # noqa: T201 - a check's output is its result
        for finding in findings:
            print(f"  {finding}")  # noqa: T201 - likewise
        failed += bool(findings)
        not_run += bool(why)
    print(f"{len(names)} checks: {failed} found something, {not_run} not run or not in full")  # noqa: T201 - likewise
    return failed


def made(check: Callable[[], Iterator[str]]) -> tuple[list[str], str]:
    """Make a check: what it found, and why it was not made or not in full."""
    findings = []
    try:
        for finding in check():
            findings.append(finding)  # noqa: PERF402 - what was found before it could not go on counts
    except NotRunError as not_run:
        return findings, str(not_run)
    return findings, ""


def _extracted() -> dict[str, Message]:
    with (CATALOGUES / "babel.cfg").open() as file:
        method_map, options_map = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel leaves it so
    found = Catalog()
    for name, line, message, _comments, _context in extract_from_dir(
        WORKFLOWS, method_map=method_map, options_map=options_map, keywords=KEYWORDS
    ):
        found.add(message, locations=[(f"workflows/{name}", line)])
    return {_key(message): message for message in found if message.id}


def _key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else str(message.id)


def _where(message: Message) -> str:
    return ", ".join(f"{name}:{line}" for name, line in message.locations[:2])


def _read(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _compiled(catalogue: Catalog) -> bytes:
    # The header holds dates; without fixed ones the same words would make another file each minute.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def _fault(message: Message, used: dict[str, Message]) -> str | None:
    if message.fuzzy:
        return f"fuzzy: {message.id!r}"
    if not _complete(message):
        return f"not translated: {message.id!r}"
    if _key(message) not in used:
        return f"no longer used: {message.id!r}: run with --update"
    return _placeholders_differ(message)


def _complete(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def _placeholders_differ(message: Message) -> str | None:
    """Say which filled-in parts a translation lost or invented; a plural form may leave the number out."""
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    wanted = {name for text in ids for name in re.findall(r"%\((\w+)\)s", str(text))}
    for text in strings:
        has = set(re.findall(r"%\((\w+)\)s", str(text)))
        if has - wanted or wanted - has - {"n"}:
            return f"{message.id!r} needs {sorted(wanted)}, its translation has {sorted(has)}"
    return None


def _npm_ci() -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FRONTEND, check=False, capture_output=True
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
