"""The one way out to the network: OCSP, CRL and lists, bounded in every direction.

An address comes out of somebody's certificate, so it is hostile until shown otherwise:

    (1) http or https only, no credentials in it, no odd port names;
    (2) the name is resolved once, every address it gives has to be public (or on the allow-list, for the demo's
        loopback), and the connection goes to the address that was looked at: no second look-up can swap it;
    (3) the whole exchange has one deadline, from the name to the last byte, and the answer one size: who sends a byte
        of its headers a second is left like who sends nothing;
    (4) a redirect is a new address and starts again at (1), three times at most;
    (5) what comes back has to be what was asked for; it may serve again (`signing.online.cache`).

httpcore speaks HTTP, over a network of ours that keeps (2) and (3) (`signing.online.connection`). It follows no
redirect, undoes no compression and sends nothing but what is asked here.

Nothing in `signing` calls this by itself: judging never waits for a network.
"""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpcore

from signing.errors import NotFetched
from signing.online.addresses import address_of, endpoint_of
from signing.online.cache import Cache
from signing.online.connection import Deadline, PinnedNetwork
from signing.pki.revocation import read_crl, read_ocsp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from signing.model import RevocationNeed
    from signing.online.addresses import Endpoint

__all__ = ["Client", "fetch"]

_OCSP_LIMIT = 256 * 1024
_CRL_LIMIT = 16 * 1024 * 1024
_LIST_LIMIT = 32 * 1024 * 1024
_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_OK = 200
_PORTS = {"http": 80, "https": 443}
# Of the network, of TLS, and of a server that does not keep to HTTP.
_FAILURES = (OSError, ValueError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


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
    user_agent: str = "signing"

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
            try:
                url = urljoin(url, moved)  # (4)
            except ValueError:  # brackets that hold no IPv6 address
                raise NotFetched("fetch.address-refused", {"url": request.url}) from None
        raise NotFetched("fetch.failed", {"url": request.url})

    def _exchange(self, url: str, request: _Request) -> tuple[str, bytes]:
        """Do one exchange; returns where it moved to, or the answer."""
        place = endpoint_of(url)  # (1)
        deadline = Deadline(request.deadline, url)
        address = address_of(place, private_allowed=self.private_allowed, seconds=deadline.left(), url=url)  # (2)
        headers: dict[bytes | str, bytes | str] = {
            "Host": _host_header(place),
            "User-Agent": self.user_agent,
            "Accept": "*/*",
            "Connection": "close",
        }
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        asked = httpcore.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
        try:
            with (
                httpcore.HTTPConnection(
                    asked.origin, ssl_context=self.tls, network_backend=PinnedNetwork(address, deadline)
                ) as connection,
                connection.stream(
                    "GET" if request.body is None else "POST", asked, headers=headers, content=request.body
                ) as response,
            ):
                return _moved_or_answer(response, request, url)
        except _FAILURES as error:
            raise NotFetched("fetch.failed", {"url": url, "error": type(error).__name__}) from error


def fetch(url: str, *, private_allowed: Sequence[str] = (), seconds: float = 10.0, limit: int = _LIST_LIMIT) -> bytes:
    """Fetch one document; raises `NotFetched`."""
    return Client(private_allowed=private_allowed, seconds=seconds).get(url, limit=limit)


def _host_header(place: Endpoint) -> str:
    """Name the host as RFC 9110 §7.2 has it: an IPv6 address in brackets, a port that is not the usual one."""
    host = f"[{place.host}]" if ":" in place.host else place.host
    usual = _PORTS[place.scheme]
    return host if place.port == usual else f"{host}:{place.port}"


def _moved_or_answer(response: httpcore.Response, request: _Request, url: str) -> tuple[str, bytes]:
    if response.status in _MOVED and (target := dict(_lowered(response.headers)).get(b"location")):
        return target.decode("latin-1"), b""
    if response.status != _OK:
        raise NotFetched("fetch.failed", {"url": url, "status": str(response.status)})
    parts: list[bytes] = []
    size = 0
    for part in response.iter_stream():
        size += len(part)
        if size > request.limit:
            raise NotFetched("fetch.too-large", {"url": url})
        parts.append(part)
    return "", b"".join(parts)


def _lowered(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers:
        yield name.lower(), value
