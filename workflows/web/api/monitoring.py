"""Is the service well? In the shape SiVa's monitors read (its interface description, "Service health monitoring").

What is asked is ours (`workflows.health`): the database and its tables, a worker that judges, trusted lists to judge
by. Strangers may ask too: what is wrong is named, where it stands is not.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from signing import TrustState
from workflows import clock, health
from workflows.database import transaction
from workflows.evidence.trust import current_trust
from workflows.web.site import site_of

__all__ = ["routes"]

routes = APIRouter(prefix="/monitoring", include_in_schema=False)

_DISTRIBUTION: Final = "viis-iam"
_NAME: Final = "siva-webapp"  # a constant of the interface description, by which monitors know the service's kind
_UP, _DOWN = "UP", "DOWN"
_started = datetime.now(UTC)


@routes.get("/health")
def overall(request: Request) -> Response:
    """Answer how the service stands, part by part."""
    parts = _parts(request)
    parts["health"] = {"status": _UP, "details": _build(clock.now())}
    parts["livenessState"] = {"status": _UP}
    parts["ping"] = {"status": _UP}
    # TLS ends before us: there are no chains of ours to watch.
    parts["ssl"] = {"status": _UP, "details": {"expiringChains": [], "invalidChains": [], "validChains": []}}
    shown = {"status": _worst(parts), "components": parts, "groups": ["liveness", "readiness"]}
    return _answer(shown)


@routes.get("/heartbeat")
@routes.get("/health/readiness")
def heartbeat(request: Request) -> Response:
    """Answer in one word."""
    return _answer({"status": _worst(_parts(request))})


@routes.get("/health/liveness")
def liveness() -> Response:
    """Answer as long as the process answers at all."""
    return _answer({"status": _UP})


@routes.get("/version")
def version() -> Response:
    """Name the version."""
    return JSONResponse({"version": distribution(_DISTRIBUTION).version})


def _answer(shown: dict[str, Any]) -> Response:
    return JSONResponse(shown, status_code=200 if shown["status"] == _UP else 503)


def _worst(parts: dict[str, Any]) -> str:
    return _UP if all(part["status"] == _UP for part in parts.values()) else _DOWN


def _parts(request: Request) -> dict[str, Any]:
    site = site_of(request)
    silence = timedelta(seconds=site.settings.worker_stalled_seconds)
    try:
        with transaction(site.sessions) as session:
            if not health.database(session).well:
                return {"readinessState": {"status": _DOWN, "details": {"cause": "migrations"}}}
            judges = health.workers(session, silence=silence).well
            lists = current_trust(session).state(clock.now())
    except SQLAlchemyError:
        return {"readinessState": {"status": _DOWN, "details": {"cause": "database"}}}
    return {
        "readinessState": {"status": _UP},
        "worker": {"status": _UP if judges else _DOWN},
        # Old lists leave signatures undetermined, and every report says so; without any, nothing can be judged.
        "trustedLists": {"status": _DOWN if lists is TrustState.MISSING else _UP, "details": {"state": lists.value}},
    }


def _build(now: datetime) -> dict[str, str]:
    return {
        "webappName": _NAME,
        "version": distribution(_DISTRIBUTION).version,
        "buildTime": _moment(_built()),
        "startTime": _moment(_started),
        "currentTime": _moment(now),
    }


@cache
def _built() -> datetime:
    """Tell when this program was installed, which is when its image was built."""
    metadata = Path(str(distribution(_DISTRIBUTION).locate_file(""))) / "workflows"
    seconds = metadata.stat().st_mtime if metadata.exists() else _started.timestamp()
    return datetime.fromtimestamp(seconds, UTC)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
