"""Connections that say nothing, or say it slowly, shut out nobody but themselves."""

import contextlib
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.workflows.web.site import Site
from workflows.web.http import body as _body
from workflows.web.http import connections as _connections


@contextlib.contextmanager
def connected(site: Site, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    lines = [socket.create_connection(("127.0.0.1", site.port), timeout=10) for _ in range(count)]
    try:
        for line in lines:
            with contextlib.suppress(OSError):
                line.sendall(sent)
        yield lines
    finally:
        for line in lines:
            line.close()


def closed_by_them(line: socket.socket, seconds: float) -> bool:
    """Whether the other side ends the connection within the time."""
    line.settimeout(seconds)
    try:
        while line.recv(4096):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX: y"])
def test_a_head_that_does_not_come_ends_the_connection(
    site: Site, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connections, "HEAD_SECONDS", 0.3)
    with connected(site, 1, sent) as (line,):
        assert closed_by_them(line, 5)


def test_a_head_that_trickles_ends_the_connection(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_connections, "HEAD_SECONDS", 0.5)
    with connected(site, 1, b"GET / HTTP/1.1\r\nHost: x\r\n") as (line,):
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 5:
                line.sendall(b"X-A: b\r\n")
                time.sleep(0.05)
        assert time.monotonic() - began < 5


def test_past_the_limit_the_one_that_waited_longest_goes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_connections, "MOST", 20)
    with connected(site, 60, b"GET / HT") as lines, site.visitor() as honest:
        assert honest.get("/").status_code == 200, "an honest visitor is let in"
        assert closed_by_them(lines[0], 5)
        assert not closed_by_them(lines[-1], 0.2)


def test_a_body_that_stops_coming_is_told_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_body, "_PATIENCE", 0.3)
    monkeypatch.setattr(_connections, "LINGER_SECONDS", 0.2)
    head = b"POST /logout HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with connected(site, 1, head + b"Content-Length: 1000\r\n\r\na=b") as (line,):
        line.settimeout(5)
        assert line.recv(64).startswith(b"HTTP/1.1 408")
        assert closed_by_them(line, 5)


def test_what_is_left_of_a_body_after_its_answer_is_not_read_for_ever(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connections, "LINGER_SECONDS", 0.3)
    head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    with connected(site, 1, head) as (line,):
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 5:
                line.sendall(b"a")
                time.sleep(0.05)
        assert time.monotonic() - began < 5


def test_a_connection_that_is_kept_serves_one_request_after_another(site: Site) -> None:
    with httpx.Client(base_url=site.url) as visitor:
        for _ in range(20):
            assert visitor.get("/health/live").status_code == 200


@pytest.mark.parametrize("path", ["//evil.example/x", "///evil.example/x", "/%2F/evil.example"])
def test_no_page_leads_to_a_host_a_stranger_names(site: Site, path: str) -> None:
    with connected(site, 1, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()) as (line,):
        line.settimeout(5)
        page = b""
        while part := line.recv(65536):
            page += part
    assert b" 404 " in page.splitlines()[0]
    assert b'"//' not in page
    assert b"http://evil" not in page


def test_an_address_with_a_slash_too_many_is_no_redirect_to_the_host_that_was_named(site: Site) -> None:
    with site.visitor() as visitor:
        answer = visitor.get("/verify/", headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_a_request_that_says_its_length_in_two_ways_is_refused(site: Site) -> None:
    sent = (
        b"POST /logout HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /help HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    with connected(site, 1, sent) as (line,):
        line.settimeout(5)
        answer = b""
        while part := line.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1
