"""Styles, font and script: read once, served from memory; names carry a digest, so that browsers may keep them."""

import gzip
import json
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["address_of", "serve"]

_FOLDER = Path(__file__).parents[1] / "static"
_FOREVER = "public, max-age=31536000, immutable"
_COMPRESSIBLE = frozenset({"text/css", "text/javascript", "image/svg+xml"})


@dataclass(frozen=True, slots=True)
class _Asset:
    content: bytes
    compressed: bytes | None
    media_type: str


@cache
def _manifest() -> dict[str, str]:
    names: dict[str, str] = json.loads((_FOLDER / "manifest.json").read_text("utf-8"))
    return names


@cache
def _assets() -> dict[str, _Asset]:
    return {name: _read(name) for name in _manifest().values()}


def _read(name: str) -> _Asset:
    content = (_FOLDER / name).read_bytes()
    media_type = {".js": "text/javascript", ".woff2": "font/woff2"}.get(Path(name).suffix)
    media_type = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    compressed = gzip.compress(content, mtime=0) if media_type in _COMPRESSIBLE else None
    return _Asset(content, compressed, media_type)


def address_of(name: str) -> str:
    """Return the address of the asset `name` ("main.css"); an unknown name is a fault of ours and raises KeyError."""
    return f"/static/{_manifest()[name]}"


def serve(request: Request, name: str) -> Response:
    """Answer for one asset, compressed where the browser takes it."""
    asset = _assets().get(name)
    if asset is None:
        return Response(status_code=404)
    headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
    if asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.compressed, headers={**headers, "Content-Encoding": "gzip"}, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
