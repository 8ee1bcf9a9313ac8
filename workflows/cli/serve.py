"""`viis serve`: the web process."""

from typing import Annotated

import typer
import uvicorn

from workflows import logging
from workflows.cli._common import freeze_loaded_objects, load_settings
from workflows.settings import is_loopback
from workflows.web.app import create_app
from workflows.web.http.connections import BoundedConnection, room_for_connections

__all__ = ["app"]

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: viis serve --host 0.0.0.0 --port 8000")
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of VIIS_WEB_HOST")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, instead of VIIS_WEB_PORT")] = None,
) -> None:
    """Serve the pages from one process, until told to stop; start several behind a proxy for more."""
    settings = load_settings()
    if settings.validate_open and not is_loopback(host or settings.web_host):
        raise typer.BadParameter(
            "VIIS_VALIDATE_OPEN is set, so only the loopback may be listened on", param_hint="--host"
        )
    logging.configure(settings)
    web = create_app(settings)
    freeze_loaded_objects()
    room_for_connections()
    uvicorn.run(
        web,
        host=host or settings.web_host,
        port=settings.web_port if port is None else port,
        log_config=None,
        access_log=False,
        server_header=False,
        http=BoundedConnection,
        ws="none",
        # Only what a named proxy says about the visitor's address is believed.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=20,
    )
