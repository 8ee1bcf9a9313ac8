"""Every sentence that people read stands in both catalogues, translated."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.check.findings import ROOT

__all__ = ["CATALOGUES", "translations", "update_translations"]

WORKFLOWS = ROOT / "workflows"
CATALOGUES = WORKFLOWS / "translations"

KEYWORDS = {"_": None, "words": None, "later": None, "plural": (1, 2), "gettext": None, "html": None}
PLURALS = {
    "lv": "nplurals=3; plural=(n%10==0 || n%100>=11 && n%100<=19) ? 0 : (n%10==1 && n%100!=11) ? 1 : 2;",
    "en": "nplurals=2; plural=(n != 1);",
}


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
