"""`python -m demo run` and `python -m demo journey`: what `make run` and `make journey` call."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from demo import journey as the_journey
from demo.run import await_end, run, running
from demo.servers import ServerError, state_dir

_app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)

_State = Annotated[Path | None, typer.Option("--state", help="Folder for data, logs and passwords.")]


@_app.command("run")
def run_(state: _State = None) -> None:
    """Start the whole system and leave it open until Ctrl-C. Example: python -m demo run."""
    run(state or state_dir("run"), console=Console(highlight=False))


@_app.command()
def journey(
    state: _State = None,
    *,
    keep_running: Annotated[bool, typer.Option(help="Leave the system open afterwards, until Ctrl-C.")] = False,
) -> None:
    """Play the main job from form to token on a fresh system. Example: python -m demo journey."""
    console = Console(highlight=False)
    begun = time.monotonic()
    with running(state or state_dir("journey"), console=console, afresh=True) as stack:
        came_true = the_journey.play(stack, console=console)
        console.print(f"[dim]{time.monotonic() - begun:.0f} s in all[/dim]")
        if keep_running:
            console.print("Ctrl-C ends all of it.")
            with suppress(KeyboardInterrupt):
                await_end()
    raise typer.Exit(0 if came_true else 1)


def main() -> None:
    """Run a command; what cannot be had is one sentence and status 1."""
    try:
        _app()
    except ServerError as refused:
        Console(stderr=True, highlight=False).print(f"[red]✗[/red] {escape(str(refused))}", soft_wrap=True)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
