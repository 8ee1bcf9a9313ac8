"""`viis demo …`: sign files as an invented person, and see who there is."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Never, assert_never

import typer

from demo.errors import DemoError, MissingFile, NotAContainer, NotAPdf
from demo.pki import PEOPLE, Person, Pki, build, load, person
from demo.reform import HOLDERS
from demo.servers.folders import state_dir
from demo.signer import Level, sign_again, sign_asice, sign_edoc, sign_pdf

__all__ = ["app", "pki_folder"]

app = typer.Typer(no_args_is_help=True, help="Sign files as an invented person; nothing here has legal effect.")


class Format(StrEnum):
    """What a signed file is."""

    EDOC = "edoc"
    ASICE = "asice"
    PDF = "pdf"


def pki_folder() -> Path:
    """Where the demo keeps its PKI: in the folder of a system, as for all of `viis`, that system's; else the usual."""
    here = Path("pki")
    return here if (here / "pki.json").is_file() else state_dir() / "pki"


@app.command()
def people() -> None:
    """List the demo's persons, their addresses and what each is for; who holds an account, by username.

    Example: viis demo people.
    """
    for each in PEOPLE:
        typer.echo(f"{each.key:18} {each.name:24} {each.code or '-':14} {each.email:28} {each.purpose}")
    for holder in HOLDERS:
        typer.echo(f"{holder.username:18} {holder.name:24} {holder.code:14} {holder.email:28} {holder.purpose}")


@app.command()
def sign(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="What to sign; a container is signed once more.")
    ],
    signer: Annotated[str, typer.Option("--as", help="Who signs, such as head or user (see: viis demo people).")],
    as_format: Annotated[Format, typer.Option("--format", help="One container, or each PDF by itself.")] = Format.EDOC,
    out: Annotated[Path, typer.Option(help="Folder for what is signed.")] = Path(),
    level: Annotated[Level, typer.Option(help="Baseline level.")] = Level.LT,
    at: Annotated[datetime | None, typer.Option(help="Claimed and stamped time, UTC; now when not given.")] = None,
    pki: Annotated[Path | None, typer.Option(help="Folder of another demo PKI.")] = None,
) -> None:
    """Sign files as a demo person. Example: viis demo sign --as head --format edoc application.pdf."""
    try:
        moment = at.replace(tzinfo=UTC) if at else datetime.now(UTC)
        who = person(signer)
        contents = [_read(path) for path in files]
        folder, now = pki or pki_folder(), datetime.now(UTC)
        # A running demo may have had to take another port. Its PKI is used as it is, never built for the usual address.
        authorities = load(folder, at=now) if pki or (folder / "pki.json").exists() else build(folder, at=now)
        out.mkdir(parents=True, exist_ok=True)
        for name, octets in _signed(contents, who, authorities, moment, as_format, level):
            path = _free(out / name)
            path.write_bytes(octets)
            typer.echo(f"{path}  signed by {who.name} ({who.code or 'no personal code'}), level {level}")
    except DemoError as sentence:
        _end(sentence)


def _signed(
    contents: list[tuple[str, bytes]], who: Person, pki: Pki, at: datetime, as_format: Format, level: Level
) -> list[tuple[str, bytes]]:
    first, octets = contents[0]
    stem = Path(first).stem
    match as_format:
        case Format.PDF:
            for name, content in contents:
                if not content.startswith(b"%PDF-"):
                    raise NotAPdf(name)
            return [
                (f"{Path(name).stem}-signed.pdf", sign_pdf(content, person=who, pki=pki, at=at, level=level))
                for name, content in contents
            ]
        case Format.EDOC | Format.ASICE if len(contents) == 1 and Path(first).suffix in {".edoc", ".asice"}:
            try:
                return [(first, sign_again(octets, person=who, pki=pki, at=at, level=level))]
            except NotAContainer:
                raise NotAContainer(first) from None
        case Format.EDOC:
            return [(f"{stem}.edoc", sign_edoc(contents, person=who, pki=pki, at=at, level=level))]
        case Format.ASICE:
            return [(f"{stem}.asice", sign_asice(contents, person=who, pki=pki, at=at, level=level))]
        case _:
            assert_never(as_format)


def _read(path: Path) -> tuple[str, bytes]:
    if not path.is_file():
        raise MissingFile(path)
    return path.name, path.read_bytes()


def _free(path: Path) -> Path:
    """The path, or with a number when something is there: nothing is written over."""
    number, candidate = 2, path
    while candidate.exists():
        candidate = path.with_stem(f"{path.stem}-{number}")
        number += 1
    return candidate


def _end(sentence: DemoError) -> Never:
    typer.echo(str(sentence), err=True)
    raise typer.Exit(2)
