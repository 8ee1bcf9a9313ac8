"""Frozen dataclasses to JSON and back, guided by their own field types; nothing is guessed from the data.

By hand: pydantic's import and schema take 0.2 s, as long as judging fifty files, and it writes other times and base64.
"""

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
    from collections.abc import Callable

    from _typeshed import DataclassInstance

__all__ = ["decode_dataclass", "encode_dataclass"]

_T = TypeVar("_T", bound="DataclassInstance")


def encode_dataclass(value: DataclassInstance) -> dict[str, Any]:
    """Turn a dataclass of ours into plain JSON values."""
    return {name: _encode(getattr(value, name)) for name in _names(type(value))}


@functools.cache
def _names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _encode(value: Any) -> Any:  # noqa: ANN401 - any field's
    kind: Any = type(value)
    encode = _encoder(kind)
    return value if encode is None else encode(value)


@functools.cache
def _encoder(kind: type) -> Callable[[Any], Any] | None:  # noqa: PLR0911 - one return for each shape a field may have
    """Give the encoder of a type; None where JSON has the value itself."""
    if dataclasses.is_dataclass(kind):
        return encode_dataclass
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, datetime):
        return datetime.isoformat
    if issubclass(kind, bytes):
        return lambda value: base64.b64encode(value).decode("ascii")
    if issubclass(kind, Mapping):
        return lambda value: {str(key): _encode(item) for key, item in value.items()}
    if issubclass(kind, tuple | list):
        return lambda value: [_encode(item) for item in value]
    return None


def decode_dataclass(kind: type[_T], data: Mapping[str, Any]) -> _T:
    """Build `kind` from what `encode_dataclass` made of one; `ValueError` for any other shape."""
    decoders = _decoders(kind)
    if unknown := set(data) - set(decoders):
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    try:
        return kind(**{name: decoders[name](item) for name, item in data.items()})
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from error


@functools.cache
def _decoders(kind: type) -> Mapping[str, Callable[[Any], Any]]:
    return {name: _decoder(hint) for name, hint in typing.get_type_hints(kind).items()}


def _decoder(hint: Any) -> Callable[[Any], Any]:  # noqa: ANN401, PLR0911 - one return for each shape a field may have
    """Give the decoder of a type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _optional(_decoder(next(part for part in arguments if part is not type(None))))
    if origin is tuple:
        return _many(_decoder(arguments[0]))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return functools.partial(decode_dataclass, hint)
    if hint is datetime:
        return datetime.fromisoformat
    if hint is bytes:
        return functools.partial(base64.b64decode, validate=True)
    if origin is Mapping:
        return dict
    return hint if isinstance(hint, type) and issubclass(hint, Enum) else _plain(hint)


def _optional(decode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else decode(value)


def _many(decode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda values: tuple([decode(value) for value in values])


def _plain(kind: type) -> Callable[[Any], Any]:
    def check(value: object) -> object:
        if not isinstance(value, kind):
            raise ValueError(f"expected {kind.__name__}, found {type(value).__name__}")  # noqa: TRY004 - the data is wrong
        return value

    return check
