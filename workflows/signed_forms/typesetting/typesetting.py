"""From templates and facts to PDFs, typeset by a process of its own (`_typst.py`, the one place that knows typst)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from workflows.signed_forms.typesetting.printable import replaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

__all__ = ["Json", "NotTypeset", "Request", "canonical", "typeset"]

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

_FOLDER = Path(__file__).parent
_ROOT = _FOLDER.parents[1]  # templates of other folders import base.typ from here
_TIMEOUT = 30  # seconds; a form takes a tenth of one


class NotTypeset(RuntimeError):
    """The compiler failed: a defect of ours, since every text may stand on a form."""


@dataclass(frozen=True, slots=True)
class Request:
    """One PDF to make: its template (typst), its data, the source of its texts (TOML), and its moment."""

    template: Path
    data: Mapping[str, Json]
    texts: str
    at: datetime


def typeset(requests: Sequence[Request]) -> tuple[bytes, ...]:
    """Return one PDF a request, in their order; the same requests give the same bytes. Raises NotTypeset."""
    command = [sys.executable, "-I", str(_FOLDER / "_typst.py"), str(_ROOT), str(_FOLDER / "fonts")]
    asked = json.dumps([_plain(request) for request in requests]).encode()
    try:
        done = subprocess.run(  # noqa: S603 - our own script and interpreter, no shell
            command, input=asked, capture_output=True, timeout=_TIMEOUT, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
        # What the compiler said may quote the form: it goes with the error, not into its first line.
        raise NotTypeset("the form could not be made") from failed
    stream = BytesIO(done.stdout)
    made = tuple(stream.read(int.from_bytes(stream.read(8))) for _ in requests)
    if not all(one.startswith(b"%PDF-") for one in made):
        raise NotTypeset("the form could not be made")
    return made


def canonical(value: Json) -> str:
    """Write JSON in the one way that forms carry it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)


def _plain(request: Request) -> dict[str, Json]:
    return {
        "template": request.template.read_text(encoding="utf-8"),
        "inputs": {"data": canonical(_printable(request.data)), "texts": request.texts},
        "timestamp": int(request.at.timestamp()),
    }


def _printable(value: Json) -> Json:
    match value:
        case str():
            return replaced(value)
        case dict():
            return {name: _printable(inner) for name, inner in value.items()}
        case list():
            return [_printable(inner) for inner in value]
        case _:
            return value
