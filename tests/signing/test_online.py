"""The way out to the network, against real servers on the loopback: bounded, pinned, and never to private addresses."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from demo.pki import lv_list, person
from demo.signer import Level, sign_edoc
from signing import QES_LV, Indication, NotFetched, TrustStore, Undetermined, verify
from signing.model import RevocationNeed
from signing.online.client import Client, fetch
from signing.trust import read_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.pki import Pki, Server

LOOPBACK = ("127.0.0.1",)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


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
        "[64:ff9b::10.0.0.1]",
        "[2002:a00:1::]",
        "[fe80::1%25lo]",
        "[ff02::1]",
    ],
)
def test_private_addresses_are_not_asked(host: str) -> None:
    with pytest.raises(NotFetched):
        fetch(f"http://{host}/", seconds=2)


def test_a_redirect_does_not_lead_inside() -> None:
    with answering() as url, pytest.raises(NotFetched) as refused:
        fetch(f"{url}/moved-inside", private_allowed=LOOPBACK)
    assert refused.value.code == "fetch.address-refused"


def test_a_redirect_to_no_address_is_refused() -> None:
    with dripping(b"HTTP/1.1 302 Found\r\nLocation: http://[/\r\nContent-Length: 0\r\n\r\n", b"") as url:
        with pytest.raises(NotFetched) as refused:
            fetch(url, private_allowed=LOOPBACK, seconds=5)
        assert refused.value.code == "fetch.address-refused"


@contextmanager
def encrypted(host: str) -> Iterator[tuple[int, ssl.SSLContext]]:
    """A server with a certificate for that name alone, and a client's trust in it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    present = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(present - timedelta(days=1)).not_valid_after(present + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = certificate.public_bytes(Encoding.PEM)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with NamedTemporaryFile() as both:
        both.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
        both.flush()
        context.load_cert_chain(both.name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, ssl.create_default_context(cadata=pem.decode("ascii"))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(("named", "answered"), [("ocsp.example", True), ("other.example", False)])
def test_a_server_with_tls_shows_a_certificate_for_the_name_that_was_asked(
    monkeypatch: pytest.MonkeyPatch, named: str, *, answered: bool
) -> None:
    monkeypatch.setattr("signing.online.client.address_of", lambda *_given, **_named: "127.0.0.1")
    with encrypted("ocsp.example") as (port, tls):
        client = Client(tls=tls, seconds=5)
        if answered:
            assert client.get(f"https://{named}:{port}/") == b"answer"
        else:
            with pytest.raises(NotFetched) as refused:
                client.get(f"https://{named}:{port}/")
            assert refused.value.params["error"] == "SSLCertVerificationError"


def test_redirects_in_a_circle_end() -> None:
    with answering() as url, pytest.raises(NotFetched):
        fetch(f"{url}/moved-around", private_allowed=LOOPBACK)


def test_a_server_that_drips_is_left_at_the_deadline() -> None:
    with answering() as url:
        begun = time.monotonic()
        with pytest.raises(NotFetched):
            fetch(f"{url}/slow", private_allowed=LOOPBACK, seconds=0.5)
        assert time.monotonic() - begun < 2


@contextmanager
def dripping(begin: bytes, drop: bytes, every: float = 0.05) -> Iterator[str]:
    """A server that sends a little at a time, and never comes to an end."""
    over = threading.Event()

    def serve(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line, suppress(OSError):
            line.recv(10_000)
            line.sendall(begin)
            while not over.wait(every):
                line.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        over.set()
        thread.join()


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X"),
        (b"HTTP/1.1 200 OK\r\nX-", b"a: b\r\nX-"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n"),
    ],
    ids=["status line", "one header", "many headers", "interim answers", "body", "chunks", "trailers"],
)
def test_whoever_drips_is_left_at_the_deadline_whatever_they_drip(begin: bytes, drop: bytes) -> None:
    with dripping(begin, drop) as url:
        begun = time.monotonic()
        with pytest.raises(NotFetched):
            fetch(url, private_allowed=LOOPBACK, seconds=0.5)
        assert time.monotonic() - begun < 1


def test_who_never_finishes_shaking_hands_is_left_at_the_deadline() -> None:
    with dripping(b"", b"\x16") as url:
        begun = time.monotonic()
        with pytest.raises(NotFetched):
            fetch(url.replace("http", "https"), private_allowed=LOOPBACK, seconds=0.5)
        assert time.monotonic() - begun < 1


def test_a_whole_way_round_has_one_deadline() -> None:
    with dripping(b"HTTP/1.1 302 Found\r\nLocation: /\r\n", b"X-a: b\r\n") as url:
        begun = time.monotonic()
        with pytest.raises(NotFetched):
            fetch(url, private_allowed=LOOPBACK, seconds=0.5)
        assert time.monotonic() - begun < 1


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server may say one thing to the check and another to the connection: it is asked once."""
    real, asked = socket.getaddrinfo, []

    def answer(host: str, *more: Any, **named: Any) -> Any:  # noqa: ANN401 - as the real one has it
        asked.append(host)
        if host != "rebind.example":
            return real(host, *more, **named)
        inside = asked.count(host) > 1
        return real("10.0.0.1" if inside else "127.0.0.1", *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with answering() as url:
        assert fetch(url.replace("127.0.0.1", "rebind.example"), private_allowed=LOOPBACK) == b"answer"
    assert asked.count("rebind.example") == 1


def test_a_name_with_one_private_address_among_others_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_host: str, port: int, **_named: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("193.40.5.73", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(NotFetched) as refused:
        fetch("http://both.example/", seconds=2)
    assert refused.value.code == "fetch.address-refused"


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


def test_headers_without_end_are_not_kept() -> None:
    with dripping(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2_000_000, b"x") as url, pytest.raises(NotFetched) as left:
        fetch(url, private_allowed=LOOPBACK, seconds=5)
    assert left.value.params["error"] == "RemoteProtocolError", "not the deadline"


def test_an_answer_cut_short_is_none() -> None:
    def serve(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line:
            line.recv(10_000)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        with pytest.raises(NotFetched) as refused:
            fetch(f"http://127.0.0.1:{listening.getsockname()[1]}/", private_allowed=LOOPBACK)
        thread.join()
    assert refused.value.params["error"] == "RemoteProtocolError"


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://ocsp.example/a?b", "ocsp.example"),
        ("http://ocsp.example:8080/", "ocsp.example:8080"),
        ("https://ocsp.example:443/", "ocsp.example"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"),
    ],
)
def test_the_host_is_named_as_it_was_asked_for(monkeypatch: pytest.MonkeyPatch, url: str, named: str) -> None:
    seen: list[object] = []

    def stream(_connection: object, _method: str, _url: object, *, headers: dict[str, str], **_more: object) -> None:
        seen.append(headers["Host"])
        raise OSError("enough")

    monkeypatch.setattr("signing.online.client.address_of", lambda *_given, **_named: "127.0.0.1")
    monkeypatch.setattr("httpcore.HTTPConnection.stream", stream)
    with pytest.raises(NotFetched):
        fetch(url)
    assert seen == [named]


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
                assert client.fulfil(need, at=NOW) == right
            else:
                with pytest.raises(NotFetched):
                    client.fulfil(need, at=NOW)


def test_a_list_has_to_be_one(pki: Pki) -> None:
    right = pki.crl("eid", at=pki.epoch)
    with answering(right) as url:
        assert Client(private_allowed=LOOPBACK).fulfil(RevocationNeed(url, "crl", b"", ""), at=NOW) == right
    with answering(b"nothing") as url, pytest.raises(NotFetched):
        Client(private_allowed=LOOPBACK).fulfil(RevocationNeed(url, "crl", b"", ""), at=NOW)


def test_a_signature_without_an_answer_is_completed_over_the_network(pki_server: Server) -> None:
    pki, now = pki_server.built, datetime.now(UTC)
    letter = sign_edoc([("a.txt", b"x")], person=person("user"), pki=pki, at=now - timedelta(minutes=5), level=Level.T)
    trust = TrustStore.of_anchors([], [read_list(lv_list(pki, at=now))])
    report = verify(letter, name="a.edoc", trust=trust, at=now)
    assert isinstance(QES_LV.judge(report), Undetermined)
    client = Client(private_allowed=LOOPBACK)
    for kind in ("ocsp", "crl"):
        need = next(one for one in report.needs if one.kind == kind)
        completed = verify(
            letter, name="a.edoc", trust=trust, at=datetime.now(UTC), revocation=(client.fulfil(need, at=now),)
        )
        assert completed.signatures[0].indication is Indication.TOTAL_PASSED, kind
        assert not completed.needs
