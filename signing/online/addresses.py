"""Which addresses may be asked? One out of somebody's certificate is hostile until shown otherwise."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from signing.errors import NotFetched

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Endpoint", "address_of", "endpoint_of"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IPv6 addresses that lead to an IPv4 one, behind a translator or in an obsolete tunnel (RFC 7526).
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The parts of an address that may be asked; `target` is the path with its query."""

    scheme: str
    host: str
    port: int
    target: str


def endpoint_of(url: str) -> Endpoint:
    """Read an address: http or https only, no credentials, no odd port; raises `NotFetched` for any other."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise NotFetched("fetch.address-refused", {"url": url}) from None
    bad = parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password
    if bad or any(ord(character) <= ord(" ") or ord(character) > ord("~") for character in url):
        raise NotFetched("fetch.address-refused", {"url": url})
    path = parts.path or "/"
    return Endpoint(parts.scheme, parts.hostname or "", port, f"{path}?{parts.query}" if parts.query else path)


def address_of(place: Endpoint, *, private_allowed: Sequence[str], seconds: float, url: str) -> str:
    """Resolve the name once; raises `NotFetched` when nothing is found, or any address of it may not be asked."""
    found = _resolve(place.host, place.port, seconds, url)
    allowed = [ipaddress.ip_network(one, strict=False) for one in private_allowed]
    for text in found:
        if not _may_ask(ipaddress.ip_address(text.partition("%")[0]), allowed):
            raise NotFetched("fetch.address-refused", {"url": url})
    return found[0]


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
