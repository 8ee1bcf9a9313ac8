"""Frozen dataclasses to JSON and back, guided by their own field types; nothing is guessed from the data."""

from __future__ import annotations

import base64
import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

if typing.TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["decode_dataclass", "encode_dataclass"]

_T = TypeVar("_T", bound="DataclassInstance")


def encode_dataclass(value: DataclassInstance) -> dict[str, Any]:
    """Turn a dataclass of ours into plain JSON values."""
    return {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _encode(value: object) -> Any:  # noqa: ANN401, PLR0911 - one return for each shape a field may have
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return encode_dataclass(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_encode(item) for item in value]
    return value


def decode_dataclass(kind: type[_T], data: Mapping[str, Any]) -> _T:
    """Build `kind` from what `encode_dataclass` made of one; `ValueError` for any other shape."""
    hints = _hints(kind)
    if unknown := set(data) - set(hints):
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    try:
        return kind(**{name: _decode(hints[name], item) for name, item in data.items()})
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from error


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(hint: Any, value: Any) -> Any:  # noqa: ANN401, PLR0911 - one return for each shape a field may have
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _decode(next(part for part in arguments if part is not type(None)), value)
    if origin is tuple:
        return tuple(_decode(arguments[0], item) for item in value)
    if origin is Mapping:
        return dict(value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return decode_dataclass(hint, value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is bytes:
        return base64.b64decode(value, validate=True)
    if isinstance(hint, type) and not isinstance(value, hint):
        raise ValueError(f"expected {hint.__name__}, found {type(value).__name__}")  # noqa: TRY004 - the data is wrong
    return value
