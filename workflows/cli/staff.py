"""`viis staff`: who works here. Members of staff are added and ended here alone; no page does it yet."""

from typing import Annotated

import typer

from iam.audit import Door
from iam.errors import Unknown
from iam.institutions.service import scope_by_code
from workflows import clock, staff
from workflows.cli._common import failure, load_settings, operator, unit
from workflows.staff import Role

__all__ = ["app"]

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Members of staff, and what each may do.")


@app.command(epilog="Example: viis staff add inese.kalna --name 'Inese Kalna' --role reviewer --role auditor")
def add(
    username: Annotated[str, typer.Argument(help="As in Keycloak")],
    name: Annotated[str, typer.Option(help="Given name and surname")],
    role: Annotated[list[Role], typer.Option(help="What they may do; may be given several times")],
    municipality: Annotated[str | None, typer.Option(help="A consultant's own municipality, as m-NUMBER")] = None,
) -> None:
    """Add a member of staff, or give one these roles in place of those held.

    The account itself is made in Keycloak, by whoever manages accounts of the ministry: this service may not.
    """
    if (Role.CONSULTANT in role) != (municipality is not None):
        failure("A consultant needs --municipality, and only a consultant does.", status=2)
    with unit(load_settings()) as session:
        try:
            number = None if municipality is None else scope_by_code(session, municipality).municipality_id
        except Unknown as unknown:
            failure(str(unknown))
        member = staff.add(
            session,
            username,
            name=name,
            roles=role,
            municipality_id=number,
            by=operator(),
            door=Door.CLI,
            at=clock.now(),
        )
        typer.echo(f"{member.username}: {', '.join(member.roles)}")


@app.command(epilog="Example: viis staff end inese.kalna")
def end(username: Annotated[str, typer.Argument(help="As in Keycloak")]) -> None:
    """End somebody's work here, at once; what they did stays recorded as theirs."""
    with unit(load_settings()) as session:
        try:
            staff.end(session, username, by=operator(), door=Door.CLI, at=clock.now())
        except LookupError:
            failure(f"{username} is not on the staff.")
    typer.echo(f"{username}: ended")


@app.command("list", epilog="Example: viis staff list")
def show() -> None:
    """List everybody, those who left included."""
    with unit(load_settings()) as session:
        for member in staff.everybody(session):
            left = "" if member.ended_at is None else f"  (until {member.ended_at:%Y-%m-%d})"
            typer.echo(f"{member.username:28} {member.name:28} {', '.join(member.roles)}{left}")
