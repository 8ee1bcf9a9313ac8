"""The real application behind a real server on a free port, with a real database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import uvicorn

from workflows.settings import Settings
from workflows.web.app import create_app
from workflows.web.http.connections import BoundedConnection

__all__ = ["METRICS_TOKEN", "SECRET", "Site", "running"]

METRICS_TOKEN = "a token of tests for figures"
SECRET = "a secret of tests, long enough to sign forms with"


@dataclass(frozen=True)
class Site:
    """A running web process."""

    settings: Settings
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def visitor(self) -> httpx.Client:
        """A browser without JavaScript, more or less: keeps cookies, follows no redirect by itself."""
        return httpx.Client(base_url=self.url, timeout=30)


@contextmanager
def running(settings: Settings) -> Iterator[Site]:
    """Serve until the block ends."""
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            host=settings.web_host,
            port=settings.web_port,
            log_level="warning",
            access_log=False,
            log_config=None,
            http=BoundedConnection,
            ws="none",
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise RuntimeError("the web process did not start")
        time.sleep(0.01)
    try:
        yield Site(settings, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
