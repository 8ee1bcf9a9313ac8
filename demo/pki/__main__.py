"""`python -m demo.pki serve --folder F --port P`: the demo PKI as a process of its own."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from demo.pki.server import start

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Serve the invented authorities of the demo."""


@app.command()
def serve(
    folder: Annotated[Path, typer.Option(help="Where keys and certificates are kept; made when missing.")],
    port: Annotated[int, typer.Option(help="Port on the loopback; 0 takes any free one.")] = 8099,
) -> None:
    """Serve OCSP, CRLs, time stamps and trusted lists until stopped. Example: serve --folder /tmp/pki --port 8099."""
    with start(folder, at=datetime.now(UTC), port=port) as server:
        typer.echo(f"ready {server.url}")
        typer.echo(f"list of lists {server.lotl_url}, its signers {folder / 'lotl-signers.pem'}")
        Event().wait()


if __name__ == "__main__":
    app()
