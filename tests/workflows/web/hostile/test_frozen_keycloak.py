"""A Keycloak that takes connections and says nothing keeps few threads: pages go on as if it were there."""

import socket
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.workflows.web.site import Site, running
from workflows.settings import Settings
from workflows.web.http import upstream as _upstream
from workflows.web.http.upstream import MOST_CALLS, Upstream, UpstreamUnavailableError


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    monkeypatch.setattr(_upstream, "PATIENCE", 0.2)
    one = Upstream()
    yield one
    one.close()


@pytest.fixture
def frozen() -> Iterator[int]:
    """A server that takes what is sent, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        yield server.getsockname()[1]


@pytest.fixture
def site(settings: Settings, frozen: int) -> Iterator[Site]:
    away = {"keycloak_url": f"http://127.0.0.1:{frozen}"}
    with running(settings.model_copy(update=away)) as up:
        yield up


def test_an_answer_is_handed_on_and_so_is_what_asking_raises(upstream: Upstream) -> None:
    assert upstream.call(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        upstream.call(lambda: 1 // 0)
    with pytest.raises(TimeoutError):
        upstream.call(_late)


def _late() -> None:
    raise TimeoutError


def test_of_many_who_ask_a_silent_server_few_wait(upstream: Upstream) -> None:
    freed = threading.Event()

    def ask() -> float:
        began = time.monotonic()
        with pytest.raises(UpstreamUnavailableError):
            upstream.call(lambda: freed.wait(20))
        return time.monotonic() - began

    try:
        with ThreadPoolExecutor(30) as pool:
            waited = sorted(pool.map(lambda _: ask(), range(30)))
        assert waited[-1] < 1
        # From now on nobody waits: whoever is still inside finds out when it answers.
        assert all(ask() < 0.1 for _ in range(20))
    finally:
        freed.set()
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            assert upstream.call(lambda: "again") == "again"
            break
        except UpstreamUnavailableError:
            time.sleep(0.01)
    with ThreadPoolExecutor(MOST_CALLS) as pool:
        assert list(pool.map(lambda _: upstream.call(lambda: "all"), range(MOST_CALLS))) == ["all"] * MOST_CALLS


def test_a_place_is_held_and_given_back(upstream: Upstream) -> None:
    for _ in range(MOST_CALLS + 2):
        with pytest.raises(ZeroDivisionError), upstream.slot():
            raise ZeroDivisionError
    with upstream.slot(), upstream.slot(), upstream.slot(), pytest.raises(UpstreamUnavailableError), upstream.slot():
        pass


def test_pages_go_on_while_strangers_have_us_ask_a_frozen_keycloak(site: Site) -> None:
    def come_back(_: int) -> int:
        with site.visitor() as stranger:
            began = parse_qs(urlsplit(stranger.get("/login").headers["location"]).query)
            return stranger.get("/login/return", params={"state": began["state"][0], "code": "x"}).status_code

    def log_out(_: int) -> int:
        return httpx.post(f"{site.url}/logout/backchannel", data={"logout_token": "a.b.c"}, timeout=30).status_code

    took = []
    with ThreadPoolExecutor(40) as strangers, site.visitor() as honest:
        floods = [strangers.submit(do, number) for number in range(30) for do in (come_back, log_out)]
        while not all(one.done() for one in floods):
            began = time.monotonic()
            assert honest.get("/track").status_code == 200
            took.append(time.monotonic() - began)
        said = {one.result() for one in floods}
    assert said == {503, 400}
    assert len(took) >= 5
    assert statistics.median(took) < 0.3
    assert max(took) < 2
