"""`viis import-institutions` and `viis import-signatories`: registers kept elsewhere, taken over again and again."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from iam.audit import Door, Origin
from iam.errors import BadFile
from iam.institutions.register import ImportReport, import_institutions
from iam.institutions.signatory_file import import_signatories
from workflows import clock
from workflows.cli._common import failure, load_settings, operator, unit

__all__ = ["institutions", "signatories"]

institutions = typer.Typer(add_completion=False)
signatories = typer.Typer(add_completion=False)

_SHOWN = 20


@institutions.command(epilog="Example: viis import-institutions institutions2020.csv")
def _institutions(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The register, CSV")],
) -> None:
    """Take over the register of institutions: all of the file or nothing of it.

    May be repeated: it says what is new and what changed. Nobody's rights change by it; an institution that is missing
    in the file stays and is named.
    """
    console = Console(stderr=True)
    bar = Progress(TextColumn("Institutions"), BarColumn(), MofNCompleteColumn(), console=console, transient=True)
    try:
        with unit(load_settings()) as session, bar:
            task = bar.add_task("", total=None)
            report = import_institutions(
                session,
                file,
                origin=Origin(operator(), Door.CLI),
                at=clock.now(),
                progress=lambda done, of: bar.update(task, completed=done, total=of),
            )
    except BadFile as bad:
        failure(str(bad))
    _tell(report)


def _tell(report: ImportReport) -> None:
    typer.echo(
        f"{report.rows} rows: {len(report.added)} added, {len(report.changed)} changes, {report.unchanged} unchanged; "
        f"{report.municipalities_added} municipalities added"
    )
    _some("Changed", report.changed)
    _some("Without a municipality", report.without_municipality)
    _some("Known here, not in the file (nothing was closed)", report.not_in_file)


def _some(heading: str, things: tuple[object, ...]) -> None:
    if things:
        typer.echo(f"{heading}: {len(things)}")
        for thing in things[:_SHOWN]:
            typer.echo(f"  {thing}")
        if len(things) > _SHOWN:
            typer.echo(f"  … and {len(things) - _SHOWN} more")


@signatories.command(epilog="Example: viis import-signatories heads.csv")
def _signatories(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV; columns below")],
) -> None:
    """Take over who may sign for whom: all of the file or nothing of it.

    Columns: scope;person_code;name;capacity;from;until;email;source. May be repeated; somebody recorded and missing in
    the file stays.
    """
    try:
        with unit(load_settings()) as session:
            origin = Origin(operator(), Door.CLI)
            done = import_signatories(session, file.read_bytes(), origin=origin, at=clock.now())
    except BadFile as bad:
        failure(str(bad))
    typer.echo(f"{done.recorded} recorded, {done.changed} changed, {done.unchanged} unchanged")
