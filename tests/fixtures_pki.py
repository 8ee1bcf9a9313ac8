"""The demo PKI for tests: in this process without a port (`pki`), and over real HTTP (`pki_server`)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from demo.pki import Pki, Server, Trouble, Twist, build, start

_EPOCH = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A PKI of its own moment: `pki.epoch` (2026-03-02 10:00 UTC) is the “now” of a test that uses it."""
    return build(tmp_path_factory.mktemp("pki"), at=_EPOCH)


@pytest.fixture(scope="session")
def running_pki_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One HTTP server for the session, by the clock on the wall; tests ask for `pki_server`, free of trouble."""
    with start(tmp_path_factory.mktemp("pki-server"), at=datetime.now(UTC)) as server:
        yield server


@pytest.fixture
def pki_server(running_pki_server: Server) -> Iterator[Server]:
    """The server with OCSP, lists, stamps and CRLs on; a test may set `.trouble` and `.twist`, `.built` is its PKI."""
    yield running_pki_server
    running_pki_server.trouble = Trouble()
    running_pki_server.twist = Twist()
