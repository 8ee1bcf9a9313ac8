"""How often may one network ask for something expensive? Counted in PostgreSQL, so for all web processes together.

A whole school sits behind one address: limits are generous, and per range (IPv4 /24, IPv6 /48), because one machine
may have many addresses.
"""

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request

from workflows.web.http.models import Rate

__all__ = ["count_or_refuse", "network_of", "range_of"]

_WINDOW = timedelta(minutes=10)


def range_of(address: str) -> str:
    """Return the network that is counted as one.

    >>> range_of("192.0.2.77"), range_of("2001:db8:1:2::3"), range_of("unknown")
    ('192.0.2.0/24', '2001:db8:1::/48', 'unknown')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    # An IPv4 visitor of a server that listens on both kinds is counted with other IPv4 visitors.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))  # noqa: PLR2004 - IPv4


def network_of(request: Request) -> str:
    """Return the network the visitor is counted under."""
    return range_of(request.client.host if request.client else "unknown")


def count_or_refuse(session: Session, request: Request, what: str, *, most: int, at: datetime) -> None:
    """Count one request for `what` from the visitor's network; past `most` in ten minutes raise 429."""
    seconds = int(_WINDOW.total_seconds())
    window = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=at.tzinfo)
    bucket = f"{what} {network_of(request)}"
    count = session.scalar(
        insert(Rate)
        .values(bucket=bucket, window=window, count=1)
        .on_conflict_do_update(index_elements=["bucket", "window"], set_={"count": Rate.count + 1})
        .returning(Rate.count)
    )
    if count is not None and count > most:
        raise HTTPException(429, headers={"Retry-After": str(seconds)})
