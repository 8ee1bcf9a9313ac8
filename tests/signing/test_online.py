"""The way out to the network, against real servers on the loopback: bounded, pinned, and never to private addresses."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from demo.pki import lv_list, person
from demo.signer import Level, sign_edoc
from signing import QES_LV, Indication, NotFetched, TrustStore, Undetermined, verify
from signing.model import RevocationNeed
from signing.online import Client, fetch
from signing.trust import read_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.pki import Pki, Server

LOOPBACK = ("127.0.0.1",)


class _Answers(BaseHTTPRequestHandler):
    body = b"answer"

    def do_GET(self) -> None:
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(50):
                self.wfile.write(b"x")
                time.sleep(0.1)
            return
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header(
                "Location", {"/moved": "/here", "/moved-inside": "http://10.0.0.1/"}.get(self.path, self.path)
            )
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(b"x" * 100_000 if self.path == "/large" else self.body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@contextmanager
def answering(body: bytes = b"answer") -> Iterator[str]:
    handler = type("Handler", (_Answers,), {"body": body})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_is_asked_for_comes() -> None:
    with answering() as url:
        assert fetch(f"{url}/here", private_allowed=LOOPBACK) == b"answer"
        assert fetch(f"{url}/moved", private_allowed=LOOPBACK) == b"answer"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/a",
        "file:///etc/passwd",
        "http://user:secret@example.com/",
        "http:///nowhere",
        "http://example.com:99999/",
        "http://exa mple.com/",
    ],
)
def test_addresses_of_another_kind_are_not_asked(url: str) -> None:
    with pytest.raises(NotFetched) as refused:
        fetch(url)
    assert refused.value.code == "fetch.address-refused"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",  # noqa: S104 - nobody binds to it
        "0x7f.1",
    ],
)
def test_private_addresses_are_not_asked(host: str) -> None:
    with pytest.raises(NotFetched):
        fetch(f"http://{host}/", seconds=2)


def test_a_redirect_does_not_lead_inside() -> None:
    with answering() as url, pytest.raises(NotFetched) as refused:
        fetch(f"{url}/moved-inside", private_allowed=LOOPBACK)
    assert refused.value.code == "fetch.address-refused"


def test_redirects_in_a_circle_end() -> None:
    with answering() as url, pytest.raises(NotFetched):
        fetch(f"{url}/moved-around", private_allowed=LOOPBACK)


def test_a_server_that_drips_is_left_at_the_deadline() -> None:
    with answering() as url:
        begun = time.monotonic()
        with pytest.raises(NotFetched):
            fetch(f"{url}/slow", private_allowed=LOOPBACK, seconds=0.5)
        assert time.monotonic() - begun < 2


def test_a_server_that_never_answers_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(NotFetched):
            fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/", private_allowed=LOOPBACK, seconds=0.5)
        assert time.monotonic() - begun < 2


def test_an_answer_too_large_is_not_read_to_its_end() -> None:
    with answering() as url, pytest.raises(NotFetched) as refused:
        fetch(f"{url}/large", private_allowed=LOOPBACK, limit=1000)
    assert refused.value.code == "fetch.too-large"


def test_no_such_thing_is_no_answer() -> None:
    with answering() as url, pytest.raises(NotFetched):
        fetch(f"{url}/missing", private_allowed=LOOPBACK)


def test_an_ocsp_answer_has_to_be_one(pki: Pki) -> None:
    right = pki.ocsp(pki.certificate("head"), at=pki.epoch)
    for body, usable in ((right, True), (b"<html>", False), (b"\x30\x03\x0a\x01\x06", False)):
        with answering(body) as url:
            need = RevocationNeed(url, "ocsp", b"request", "")
            client = Client(private_allowed=LOOPBACK)
            if usable:
                assert client.fulfil(need) == right
            else:
                with pytest.raises(NotFetched):
                    client.fulfil(need)


def test_a_list_has_to_be_one(pki: Pki) -> None:
    right = pki.crl("eid", at=pki.epoch)
    with answering(right) as url:
        assert Client(private_allowed=LOOPBACK).fulfil(RevocationNeed(url, "crl", b"", "")) == right
    with answering(b"nothing") as url, pytest.raises(NotFetched):
        Client(private_allowed=LOOPBACK).fulfil(RevocationNeed(url, "crl", b"", ""))


def test_a_signature_without_an_answer_is_completed_over_the_network(pki_server: Server) -> None:
    pki, now = pki_server.built, datetime.now(UTC)
    letter = sign_edoc([("a.txt", b"x")], person=person("user"), pki=pki, at=now - timedelta(minutes=5), level=Level.T)
    trust = TrustStore.of_anchors([], [read_list(lv_list(pki, at=now))])
    report = verify(letter, name="a.edoc", trust=trust, at=now)
    assert isinstance(QES_LV.judge(report), Undetermined)
    client = Client(private_allowed=LOOPBACK)
    for kind in ("ocsp", "crl"):
        need = next(one for one in report.needs if one.kind == kind)
        completed = verify(letter, name="a.edoc", trust=trust, at=datetime.now(UTC), revocation=(client.fulfil(need),))
        assert completed.signatures[0].indication is Indication.TOTAL_PASSED, kind
        assert not completed.needs
