"""`viis policy`: the dated numbers, and a new one from a day on."""

from datetime import datetime
from typing import Annotated

import typer

from iam.audit import Door, Origin
from workflows import clock, policy
from workflows.cli._common import failure, load_settings, operator, unit
from workflows.policy import UnknownNumber, UnusableValue

__all__ = ["app"]

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Deadlines, limits and caps: dated rows.")


@app.command("list", epilog="Example: viis policy list")
def show() -> None:
    """List every number with all of its rows: value, from which day, who set it, and why."""
    with unit(load_settings()) as session:
        rows = policy.history(session)
    for name, number in policy.numbers().items():
        typer.echo(f"{name}  ({number.unit})  {number.meaning}{_unused(name)}")
        for row in rows:
            if row.name == name:
                typer.echo(f"    {row.value:>10}  from {row.since}  {row.set_by}: {row.source}")


@app.command("set", epilog="Example: viis policy set evidence_most 40000 --from 2027-01-15 --because 'disk of 60 GB'")
def change(
    name: Annotated[str, typer.Argument(help="As viis policy list names it")],
    value: Annotated[int, typer.Argument(help="In the number's unit")],
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day on which it holds")],
    because: Annotated[str, typer.Option(help="Where the number comes from: a law, an order, a reason")],
) -> None:
    """Let a number hold from a day on. Rows are added, none is changed; the audit says who and why."""
    with unit(load_settings()) as session:
        try:
            row = policy.change(
                session,
                name,
                value,
                since=since.date(),
                source=because,
                origin=Origin(operator(), Door.CLI),
                at=clock.now(),
            )
        except UnknownNumber:
            failure(f"There is no number {name}. See viis policy list.")
        except UnusableValue as wrong:
            failure(str(wrong))
        typer.echo(f"{row.name}: {row.value} {row.unit} from {row.since}{_unused(name)}")


def _unused(name: str) -> str:
    return "" if policy.numbers()[name].used else " (not used by this version)"
