"""The one way out to the network: OCSP, CRL and lists, bounded in every direction.

An address comes out of somebody's certificate, so it is hostile until shown otherwise:

    (1) http or https only, no credentials in it, no odd port names;
    (2) the name is resolved once, every address it gives has to be public (or on the allow-list, for the demo's
        loopback), and the connection goes to the address that was looked at: no second look-up can swap it;
    (3) the whole exchange has one deadline, from the name to the last byte, and the answer one size: who sends a byte
        of its headers a second is left like who sends nothing;
    (4) a redirect is a new address and starts again at (1), three times at most;
    (5) what comes back has to be what was asked for; it may serve again (`signing.online.cache`).

Nothing in `signing` calls this by itself: judging never waits for a network.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from signing.errors import NotFetched
from signing.online.cache import Cache
from signing.pki.revocation import read_crl, read_ocsp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from _typeshed import WriteableBuffer

    from signing.model import RevocationNeed

__all__ = ["Client", "fetch"]

_OCSP_LIMIT = 256 * 1024
_CRL_LIMIT = 16 * 1024 * 1024
_LIST_LIMIT = 32 * 1024 * 1024
_SLICE = 64 * 1024
_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_OK = 200

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IPv6 addresses that lead to an IPv4 one: behind a translator, or in a tunnel nobody needs any more (RFC 7526).
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")


@dataclass(frozen=True, slots=True)
class _Request:
    url: str
    body: bytes | None
    content_type: str
    limit: int
    deadline: float


@dataclass(frozen=True, slots=True)
class Client:
    """Asks other servers. `private_allowed` are addresses or networks that may be asked although not public.

    It may be shared by threads, and remembers what it got for them all.
    """

    private_allowed: Sequence[str] = ()
    seconds: float = 10.0
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    cache: Cache = field(default_factory=Cache, repr=False)

    def get(self, url: str, *, limit: int = _LIST_LIMIT) -> bytes:
        """Fetch a document; raises `NotFetched`."""
        return self._ask(_Request(url, None, "", limit, time.monotonic() + self.seconds))

    def fulfil(self, need: RevocationNeed, *, at: datetime) -> bytes:
        """Get the OCSP response or CRL a report asked for; raises `NotFetched`, also for an answer of another kind.

        `at` is the present moment, by which what is remembered serves or not.
        """
        known = self.cache.find(need, at=at)
        if known is not None:
            return known
        answer = self._fulfil(need)
        self.cache.keep(need, answer, at=at)
        return answer

    def _fulfil(self, need: RevocationNeed) -> bytes:
        deadline = time.monotonic() + self.seconds
        if need.kind == "ocsp":
            request = _Request(need.url, need.request, "application/ocsp-request", _OCSP_LIMIT, deadline)
            answer = self._ask(request)
            usable = read_ocsp(answer) is not None
        else:
            answer = self._ask(_Request(need.url, None, "", _CRL_LIMIT, deadline))
            usable = read_crl(answer) is not None
        if not usable:  # (5)
            raise NotFetched("fetch.failed", {"url": need.url})
        return answer

    def _ask(self, request: _Request) -> bytes:
        url = request.url
        for _ in range(_REDIRECTS + 1):
            moved, answer = self._exchange(url, request)
            if not moved:
                return answer
            url = urljoin(url, moved)  # (4)
        raise NotFetched("fetch.failed", {"url": request.url})

    def _exchange(self, url: str, request: _Request) -> tuple[str, bytes]:
        """Do one exchange; returns where it moved to, or the answer."""
        scheme, host, port, path = _parts(url)  # (1)
        address = self._address(host, port, _left(request.deadline, url), url)  # (2)
        deadline = _Deadline(request.deadline, url)
        connection = _Pinned(host, port, address, deadline, tls=self.tls if scheme == "https" else None)
        try:
            headers = {"User-Agent": "viis", "Accept": "*/*", "Connection": "close"}
            if request.body is not None:
                headers["Content-Type"] = request.content_type
            connection.request("POST" if request.body is not None else "GET", path, request.body, headers)
            with connection.getresponse() as response:
                if response.status in _MOVED and (target := response.getheader("Location")):
                    return target, b""
                if response.status != _OK:
                    raise NotFetched("fetch.failed", {"url": url, "status": str(response.status)})
                return "", _read(response, request, url)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotFetched("fetch.failed", {"url": url, "error": type(error).__name__}) from error
        finally:
            connection.hang_up()

    def _address(self, host: str, port: int, seconds: float, url: str) -> str:
        found = _resolve(host, port, seconds, url)
        allowed = [ipaddress.ip_network(one, strict=False) for one in self.private_allowed]
        for text in found:
            if not _may_ask(ipaddress.ip_address(text.partition("%")[0]), allowed):
                raise NotFetched("fetch.address-refused", {"url": url})
        return found[0]


def fetch(url: str, *, private_allowed: Sequence[str] = (), seconds: float = 10.0, limit: int = _LIST_LIMIT) -> bytes:
    """Fetch one document; raises `NotFetched`."""
    return Client(private_allowed=private_allowed, seconds=seconds).get(url, limit=limit)


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise NotFetched("fetch.address-refused", {"url": url}) from None
    bad = parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password
    if bad or any(ord(character) <= ord(" ") or ord(character) > ord("~") for character in url):
        raise NotFetched("fetch.address-refused", {"url": url})
    path = parts.path or "/"
    return parts.scheme, parts.hostname or "", port, f"{path}?{parts.query}" if parts.query else path


def _left(deadline: float, url: str) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NotFetched("fetch.failed", {"url": url, "error": "timeout"})
    return left


def _resolve(host: str, port: int, seconds: float, url: str) -> list[str]:
    """Resolve in a thread of its own: the system's resolver knows no deadline."""
    answers: queue.Queue[list[str]] = queue.Queue(1)

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            found = []
        answers.put([str(one[4][0]) for one in found])

    threading.Thread(target=look_up, daemon=True).start()
    try:
        addresses = answers.get(timeout=seconds)
    except queue.Empty:
        addresses = []
    if not addresses:
        raise NotFetched("fetch.failed", {"url": url, "error": "name"})
    return addresses


def _may_ask(address: Address, allowed: Sequence[Network]) -> bool:
    address = _carried(address)
    if any(address.version == network.version and address in network for network in allowed):
        return True
    return address.is_global and not address.is_multicast and address not in _SIX_TO_FOUR


def _carried(address: Address) -> Address:
    """Return the IPv4 address an IPv6 one stands for (mapped, or translated by RFC 6052), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    translated = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _TRANSLATED else None
    return address.ipv4_mapped or translated or address


@dataclass(frozen=True, slots=True)
class _Deadline:
    """The one moment by which all of an exchange has to be over."""

    moment: float
    url: str

    def left(self) -> float:
        """Return the seconds left; raises `NotFetched` when there are none."""
        return _left(self.moment, self.url)


class _Incoming(io.RawIOBase):
    """What a server sends, each piece waited for no longer than the whole exchange has left (3)."""

    def __init__(self, line: socket.socket, deadline: _Deadline) -> None:
        super().__init__()
        self._line, self._deadline = line, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._line.settimeout(self._deadline.left())
        return self._line.recv_into(buffer)


class _Line:
    """A socket as `http.client` uses one; its owner closes it, because the library does so before all is read."""

    def __init__(self, line: socket.socket, deadline: _Deadline) -> None:
        self._line, self._deadline = line, deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._line, self._deadline), _SLICE)

    def sendall(self, data: bytes) -> None:
        self._line.settimeout(self._deadline.left())
        self._line.sendall(data)

    def close(self) -> None:
        """Leave it open: `_Pinned.hang_up` ends it."""


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was looked at, whatever the name would give a second time."""

    def __init__(self, host: str, port: int, address: str, deadline: _Deadline, *, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port)
        self._address, self._deadline, self._tls = address, deadline, tls
        self._open: socket.socket | None = None

    def connect(self) -> None:
        """Connect, and wrap in TLS for the name that was asked for."""
        self._open = socket.create_connection((self._address, self.port), self._deadline.left())
        if self._tls is not None:
            self._open.settimeout(self._deadline.left())
            self._open = self._tls.wrap_socket(self._open, server_hostname=self.host)
        self.sock = _Line(self._open, self._deadline)

    def hang_up(self) -> None:
        """End it."""
        self.close()
        if self._open is not None:
            self._open.close()


def _read(response: http.client.HTTPResponse, request: _Request, url: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read1(_SLICE):
        size += len(part)
        if size > request.limit:
            raise NotFetched("fetch.too-large", {"url": url})
        parts.append(part)
    return b"".join(parts)
