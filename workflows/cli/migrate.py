"""`viis migrate`: the schema."""

from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from workflows.cli._common import failure, load_settings, unit
from workflows.database import revision
from workflows.migrating import migrate as bring_to

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: viis migrate")
def migrate(to: Annotated[str, typer.Option(help="Revision to stop at")] = "head") -> None:
    """Bring the database's schema to what this program works with; safe to repeat, and from two nodes at once."""
    settings = load_settings()
    with unit(settings) as session:
        before = revision(session)
    try:
        bring_to(settings.database_url, to=to)
    except OperationalError as away:
        failure(f"The database does not answer: {str(away.orig).strip()}", status=69)
    with unit(settings) as session:
        after = revision(session)
    typer.echo(f"Schema {after}" if before == after else f"Schema {before or 'empty'} → {after}")
