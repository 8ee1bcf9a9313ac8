"""What does an operator type? `viis COMMAND …`.

Each command is a module loaded when it is asked for, the one exception to imports standing on top: `viis verify` judges
files without database or network and starts as fast as the judging library alone.
"""

import difflib
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, version
from typing import cast

__all__ = ["COMMANDS", "main"]

# Installed packages may add commands, as the demo does.
_MORE = "viis.commands"


@dataclass(frozen=True, slots=True)
class _Command:
    """A command: one line for the overview, and where its typer application (or main function) is."""

    about: str
    place: str


COMMANDS = {
    "serve": _Command("Serve the pages", "workflows.cli.serve:app"),
    "worker": _Command("Do the waiting jobs: judging, mail, Keycloak", "workflows.cli.worker:app"),
    "migrate": _Command("Bring the database to this program's schema", "workflows.cli.migrate:app"),
    "import-institutions": _Command("Take over the register of institutions", "workflows.cli.imports:institutions"),
    "import-signatories": _Command("Take over who may sign for whom", "workflows.cli.imports:signatories"),
    "staff": _Command("Add, list and end members of staff", "workflows.cli.staff:app"),
    "policy": _Command("List and change deadlines, limits and caps", "workflows.cli.policy:app"),
    "reorganise": _Command("Plan, propose and undo orders about institutions", "workflows.cli.reorganise:app"),
    "doctor": _Command("Look for what is wrong, and say what to do", "workflows.cli.doctor:app"),
    "settings": _Command("List every setting", "workflows.cli.settings:app"),
    "verify": _Command("Judge signed files, without database or network", "workflows.cli.verify:main"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments` (or the command line) name; leaves with its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    match words:
        case [] | ["-h" | "--help" | "help", *_]:
            sys.stdout.write(_overview())
            sys.exit(0)
        case ["--version", *_]:
            sys.stdout.write(f"viis {version('viis-iam')}\n")
            sys.exit(0)
        case ["verify", *rest]:
            with _libraries_off_the_terminal():
                sys.exit(cast("Callable[[list[str]], int]", _load("workflows.cli.verify:main"))(rest))
        case _:
            with _libraries_off_the_terminal():
                _run(words[0], words[1:])


@contextmanager
def _libraries_off_the_terminal() -> Iterator[None]:
    """Have what libraries warn of and log written where a command logs, and nowhere where it does not.

    Standard error is for what operators can act on. Whoever asks for warnings, by `-W` or PYTHONWARNINGS, sees them.
    """
    silence = logging.NullHandler()
    logging.getLogger().addHandler(silence)
    logging.captureWarnings(not sys.warnoptions)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        logging.getLogger().removeHandler(silence)


def _run(name: str, arguments: list[str]) -> None:
    command = COMMANDS.get(name)
    added = {point.name: point for point in _added()} if command is None else {}
    if command is None and name not in added:
        near = difflib.get_close_matches(name, [*COMMANDS, *added], n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        sys.stderr.write(f"viis: there is no command {name}.{hint} See viis --help.\n")
        sys.exit(2)
    loaded = added[name].load() if command is None else _load(command.place)
    # A typer application; called, it runs and leaves.
    cast("Callable[..., None]", loaded)(args=arguments, prog_name=f"viis {name}")


def _overview() -> str:
    names = {name: command.about for name, command in COMMANDS.items()}
    names |= {point.name: _about(point) for point in _added()}
    width = max(map(len, names))
    lines = [f"  {name:<{width}}  {about}" for name, about in names.items()]
    return "\n".join(
        [
            "VIIS access rights: who may use VIIS, for what, and on what evidence.",
            "",
            "Usage: viis COMMAND …    (each has --help with an example)",
            "",
            *lines,
            "",
            "Settings are environment variables VIIS_… or lines of a file .env; viis settings lists them.",
            "",
        ]
    )


def _about(point: EntryPoint) -> str:
    """Take what an added command's application says of itself, without its full stop."""
    said = getattr(getattr(point.load(), "info", None), "help", None)
    return said.removesuffix(".") if isinstance(said, str) else f"From {point.module.partition('.')[0]}"


def _added() -> Sequence[EntryPoint]:
    return sorted(entry_points(group=_MORE), key=lambda point: point.name)


def _load(place: str) -> object:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
