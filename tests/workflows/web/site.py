"""The real application behind a real server on a free port, with a real database."""

import asyncio
import socket
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
_OFTEN = 0.01
_TICKS = 10  # uvicorn counts tenths of a second
SECRET = "a secret of tests, long enough to sign forms with"


@dataclass(frozen=True)
class Site:
    """A running web process."""

    settings: Settings
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def visitor(self, address: str | None = None) -> httpx.Client:
        """A browser without JavaScript, more or less: keeps cookies, follows no redirect by itself.

        One with an address (127.…) comes from there, so from another network than 127.0.0.0/24.
        """
        transport = None if address is None else httpx.HTTPTransport(local_address=address)
        return httpx.Client(base_url=self.url, timeout=30, transport=transport)


class _Server(uvicorn.Server):
    """Uvicorn that ends as soon as it is told to and its connections are closed, not at the next tenth of a second."""

    async def main_loop(self) -> None:
        """Serve until told to end."""
        ticks = 0
        while not await self.on_tick(ticks // _TICKS):
            ticks += 1
            await asyncio.sleep(_OFTEN)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let answers on their way be sent, then end."""
        if sockets:
            raise ValueError("no sockets were handed over")
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn tells no event
            await asyncio.sleep(_OFTEN)
        for server in self.servers:
            await server.wait_closed()
        await self.lifespan.shutdown()


@contextmanager
def running(settings: Settings) -> Iterator[Site]:
    """Serve until the block ends."""
    server = _Server(
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
        time.sleep(_OFTEN)
    try:
        yield Site(settings, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
