"""`viis settings`: what can be set, how it stands."""

import os
from typing import Annotated

import typer
from pydantic import SecretStr

from workflows.settings import PREFIX, Settings, unknown_variables

__all__ = ["app", "as_markdown"]

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: viis settings --markdown")
def settings(
    *, markdown: Annotated[bool, typer.Option("--markdown", help="As the table of docs/operations.md")] = False
) -> None:
    """List every setting with its default and meaning; a star marks those the environment sets. No secret is shown."""
    if markdown:
        typer.echo(as_markdown(), nl=False)
        return
    for name, field in Settings.model_fields.items():
        variable = f"{PREFIX}{name.upper()}"
        given = "*" if variable in os.environ or f"{variable}_FILE" in os.environ else " "
        typer.echo(f"{given} {variable}  [{_default(name)}]\n      {field.description}")
    for stranger in unknown_variables():
        typer.echo(f"? {stranger} is set but means nothing: a slip?", err=True)


def as_markdown() -> str:
    """Return the table of settings as it stands in the documentation."""
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows, ""])


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if field.is_required():
        return "must be set"
    match field.default:
        case SecretStr() | None | () | "":
            return "none"
        case bool() as truth:
            return "yes" if truth else "no"
        case value:
            return str(value)
