"""The PKI over HTTP on the loopback: OCSP, revocation lists, time stamps, issuers' certificates, trusted lists.

    with start(folder, at=now) as server:       a free port is taken first, then the PKI is built for that address
        server.trouble = Trouble(ocsp=Trouble.OFF)

| path                          | what                                          |
|-------------------------------|-----------------------------------------------|
| /demo/ocsp/<authority>        | RFC 6960, POST, or GET with base64            |
| /demo/tsa/<unit>              | RFC 3161                                      |
| /demo/crls/<authority>/latest.crl, /demo/certs/<authority>/ca.crt             |
| /lists/lotl.xml, /lists/lv.xml, /lists/ee.xml                                 |
| /trouble                      | GET says, POST sets (`ocsp=off&lists=on`): for a server in a process of its own |
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.hazmat.primitives import serialization

from demo.pki import trusted_list
from demo.pki._configuration import AUTHORITIES, STAMP_UNITS
from demo.pki.authority import Answer, Pki, build

__all__ = ["Server", "Trouble", "serve", "start"]

_LARGEST_REQUEST = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Simulated faults: `ocsp` may be on, off, unknown or revoked; the others on or off. Off answers 503."""

    ocsp: str = "on"
    stamps: str = "on"
    crls: str = "on"
    lists: str = "on"


class Server(ThreadingHTTPServer):
    """The server; `pki` and `trouble` may be exchanged while it runs."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str, port: int, *, clock: Callable[[], datetime]) -> None:
        super().__init__((host, port), _Handler)
        self.clock = clock
        self.one_at_a_time = Lock()
        self.trouble = Trouble()
        self.pki: Pki | None = None
        self.twist = trusted_list.Twist()

    @property
    def built(self) -> Pki:
        """The PKI it serves."""
        if self.pki is None:
            raise RuntimeError("No PKI was given to the server.")
        return self.pki

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    @property
    def lotl_url(self) -> str:
        """Where the list of lists is."""
        return self.url + trusted_list.LOTL_PATH


class _NotThere(Exception):
    """404."""


class _Off(Exception):
    """503."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Answer a POST."""
        size = int(self.headers.get("Content-Length") or 0)
        if size > _LARGEST_REQUEST:
            self.close_connection = True
            self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "text/plain", b"")
            return
        self._answer(self.rfile.read(size))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing, to keep the demo's output readable."""

    def _answer(self, body: bytes) -> None:
        try:
            # One at a time: asn1crypto parses lazily, which threads must not do to one certificate together.
            with self.server.one_at_a_time:
                media_type, content = self._content(
                    [unquote(part) for part in urlsplit(self.path).path.split("/")[1:]], body
                )
        except _Off:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"switched off\n")
        except _NotThere:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"no such thing\n")
        except (ValueError, KeyError, binascii.Error):
            # What cannot be parsed as a request; certomancer and asn1crypto raise these two for it.
            self._send(HTTPStatus.BAD_REQUEST, "text/plain", b"not understood\n")
        else:
            self._send(HTTPStatus.OK, media_type, content)

    def _send(self, status: HTTPStatus, media_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _content(self, path: list[str], body: bytes) -> tuple[str, bytes]:
        pki, now, trouble = self.server.pki, self.server.clock(), self.server.trouble
        if pki is None:
            raise _Off
        match path:
            case ["demo", "ocsp", authority, *rest] if authority in _AUTHORITIES:
                request = body or base64.b64decode("/".join(rest))
                return "application/ocsp-response", _ocsp(pki, request, authority, now, trouble)
            case ["demo", "tsa", unit] if unit in STAMP_UNITS:
                _require(trouble.stamps)
                return "application/timestamp-reply", pki.answer_stamp(body, unit=unit, at=now)
            case ["demo", "crls", authority, "latest.crl"] if authority in _AUTHORITIES:
                _require(trouble.crls)
                return "application/pkix-crl", pki.crl(authority, at=now)
            case ["demo", "certs", authority, "ca.crt"] if authority in _AUTHORITIES:
                return "application/pkix-cert", pki.certificate(authority).public_bytes(serialization.Encoding.DER)
            case ["lists", name] if name in _LISTS:
                _require(trouble.lists)
                twist = self.server.twist if name == "lv.xml" else trusted_list.Twist()
                return "application/vnd.etsi.tsl+xml", _LISTS[name](pki, at=now, twist=twist)
            case ["trouble"]:
                self.server.trouble = _changed(trouble, body.decode("ascii"))
                return "application/json", json.dumps(asdict(self.server.trouble)).encode()
            case _:
                raise _NotThere


_AUTHORITIES = {each.label for each in AUTHORITIES}
_LISTS = {"lotl.xml": trusted_list.lotl, "lv.xml": trusted_list.lv_list, "ee.xml": trusted_list.ee_list}


def _changed(trouble: Trouble, options: str) -> Trouble:
    """The trouble with some of it changed; ValueError for what nobody knows."""
    known = asdict(trouble)
    for name, state in parse_qsl(options, strict_parsing=bool(options)):
        allowed = {"on", "off", "unknown", "revoked"} if name == "ocsp" else {"on", "off"}
        if name not in known or state not in allowed:
            raise ValueError(options)
        known[name] = state
    return replace(trouble, **known)


def _require(state: str) -> None:
    if state == "off":
        raise _Off


def _ocsp(pki: Pki, request: bytes, authority: str, at: datetime, trouble: Trouble) -> bytes:
    _require(trouble.ocsp)
    answer = Answer.TRUE if trouble.ocsp == "on" else Answer(trouble.ocsp)
    return pki.answer_ocsp(request, authority=authority, at=at, answer=answer)


def _wall_clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="demo-pki", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serve(pki: Pki, *, clock: Callable[[], datetime] = _wall_clock) -> Iterator[Server]:
    """Serve a PKI at the address it was built for, for as long as the context lasts."""
    address = urlsplit(pki.base_url)
    server = Server(address.hostname or "127.0.0.1", address.port or 80, clock=clock)
    server.pki = pki
    with _running(server):
        yield server


@contextmanager
def start(
    folder: Path, *, at: datetime, host: str = "127.0.0.1", port: int = 0, clock: Callable[[], datetime] = _wall_clock
) -> Iterator[Server]:
    """Take a port (0: any free one), build the PKI for that address and serve it; `server.built` is what was built."""
    server = Server(host, port, clock=clock)
    server.pki = build(folder, at=at, base_url=server.url)
    with _running(server):
        yield server
