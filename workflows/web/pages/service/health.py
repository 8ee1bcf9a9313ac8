"""Is this process alive, can it serve, and what has it done? For machines that watch it."""

from contextlib import suppress
from datetime import timedelta
from hmac import compare_digest

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from workflows import clock, health
from workflows.database import revision
from workflows.evidence import disk_space, faults
from workflows.reorganisation.hindrances import held_back_on
from workflows.web.site import site_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_LATELY = timedelta(days=1)
_database = Gauge("viis_database_bytes", "Size of the database")
_documents = Gauge("viis_documents_bytes", "Documents whose bytes are held, by where", ["held"])
_most = Gauge("viis_documents_most_bytes", "How much may be held, by where", ["held"])
_not_judged = Gauge("viis_not_judged", "Documents of the last day without a verdict, by reason", ["reason"])
_held_back = Gauge("viis_orders_held_back", "Orders whose day has come and that the register contradicts")
_free = Gauge("viis_disk_free_bytes", "Free space on the disks that can be seen, by folder", ["folder"])


@routes.get("/health/live")
def live() -> Response:
    """Answer 200 as long as the process answers at all."""
    return JSONResponse({"status": "ok"})


@routes.get("/health/ready")
def ready(request: Request) -> Response:
    """Answer 200 when all of the service is well (`workflows.health`), else 503 with every cause.

    Strangers may ask this too: causes are named, addresses, users and numbers are not.
    """
    site = site_of(request)
    silence = timedelta(seconds=site.settings.worker_stalled_seconds)
    try:
        with site.sessions() as session:
            answers = health.ready(session, at=clock.now(), silence=silence)
            at = revision(session)
    except SQLAlchemyError:
        return JSONResponse({"status": "unavailable", "cause": "database"}, status_code=503)
    causes = [answer.about for answer in answers if not answer.well]
    if "database" in causes:
        return JSONResponse({"status": "unavailable", "cause": "migrations"}, status_code=503)
    if causes:
        return JSONResponse({"status": "unwell", "causes": causes}, status_code=503)
    return JSONResponse({"status": "ok", "revision": at})


@routes.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus' text format, for whoever shows the token (RFC 6750 §2.1); nobody else learns that it is here.

    How much space there is, and what could not be judged, stands in it as far as the database answers.
    """
    token = site_of(request).settings.metrics_token.get_secret_value()
    shown = request.headers.get("authorization", "")
    # The address of the one who asks says little: behind a proxy on this machine everybody comes from the loopback.
    if not token or not compare_digest(shown.encode(), f"Bearer {token}".encode()):
        raise HTTPException(404)
    with suppress(SQLAlchemyError), site_of(request).sessions() as session:
        at = clock.now()
        _measure(disk_space.measure(session, at=at))
        for reason, number in faults.count_since(session, since=at - _LATELY).items():
            _not_judged.labels(reason).set(number)
        _held_back.set(len(held_back_on(session, at=at)))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _measure(space: disk_space.DiskSpace) -> None:
    _database.set(space.database)
    for held, there, most in (
        ("kept", space.kept, space.kept_most),
        ("looked-at", space.looked_at, space.looked_at_most),
    ):
        _documents.labels(held).set(there)
        _most.labels(held).set(most)
    for folder, free in space.free.items():
        _free.labels(folder).set(free)
