"""Styles, fonts and scripts, under names that carry a digest of their content, so that browsers may keep them."""

import json
import mimetypes
import os
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

__all__ = ["FOLDER_ADDRESS", "address_of", "assets"]

FOLDER_ADDRESS = "/static"

_FOLDER = Path(__file__).parents[1] / "static"
_FOREVER = "public, max-age=31536000, immutable"

# A host's own table may call them otherwise, and a browser told "nosniff" would then refuse them.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


@cache
def _manifest() -> dict[str, str]:
    names: dict[str, str] = json.loads((_FOLDER / "manifest.json").read_text("utf-8"))
    return names


def address_of(name: str) -> str:
    """Return the address of the asset `name` ("main.css"); an unknown name is a fault of ours and raises KeyError."""
    return f"{FOLDER_ADDRESS}/{_manifest()[name]}"


class _Assets(StaticFiles):
    """The files of the manifest and no others, to be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path not in _manifest().values():
            raise HTTPException(404)
        return await super().get_response(path, scope)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = _FOREVER
        return response


def assets() -> ASGIApp:
    """Return the application to mount at `FOLDER_ADDRESS`; it compresses what is not compressed already."""
    return GZipMiddleware(_Assets(directory=_FOLDER))
