"""What is logged, and what is never logged?

One line of JSON an event (or one readable line), with the id of the request or job it belongs to. Personal codes are
masked in every text on its way out, whoever wrote it: ours, a library's, an exception's.
"""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

import structlog

from workflows.settings import LogFormat, Settings

__all__ = ["Throttle", "configure", "mask", "request_id_scope"]

# A Latvian code with its hyphen; eleven digits in a row; and what certificates write: PNOLV-…, PASEE-…, IDCLT-….
_CODES = re.compile(
    r"(?<![\w])(?:"
    r"(?P<prefix>(?:PNO|PAS|IDC|TIN)[A-Z]{2}-)(?P<foreign>[0-9A-Za-z-]{4,})"
    r"|(?P<hyphen>\d{6}[-\u2010-\u2015]\d{5})"
    r"|(?P<bare>\d{11})"
    r")(?!\w)"
)

_MINUTE = 60.0
_TELLING = 60  # characters that tell one kind of line from another
_MOST_KINDS = 100


def mask(text: str) -> str:
    """Return `text` with every personal code in it made unreadable.

    >>> mask("signed by PNOLV-010190-12345, not by 010190-12345 or 01019012345; register 3312900014, port 54321")
    'signed by PNOLV-******, not by ******-***** or ***********; register 3312900014, port 54321'
    """
    return _CODES.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    if found["prefix"]:
        return f"{found['prefix']}******"
    return "******-*****" if found["hyphen"] else "***********"


@contextmanager
def request_id_scope(request_id: str) -> Iterator[None]:
    """Bind `request_id` to every line logged in the block, in this thread or task."""
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield


class Throttle(logging.Filter):
    """Lets one line a minute through of each that a flood repeats; the next one says how many it stands for."""

    floods = frozenset({"asyncio", "uvicorn.error", "viis.web.connections"})

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written, by the time it bears."""
        if record.name not in self.floods or record.levelno < logging.WARNING:
            return True
        key = record.name, str(record.msg)[:_TELLING]
        last, unsaid = self._told.get(key, (-_MINUTE, 0))
        if record.created - last < _MINUTE:
            self._told[key] = last, unsaid + 1
            return False
        if len(self._told) >= _MOST_KINDS:
            self._told.clear()
        self._told[key] = record.created, 0
        if unsaid:
            record.unsaid = unsaid
        return True


def configure(settings: Settings) -> None:
    """Send everything that is logged, through structlog or the standard library, to standard error in one form."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: structlog.types.Processor
    match settings.log_format:
        case LogFormat.JSON:
            last = structlog.processors.JSONRenderer(ensure_ascii=False)
        case LogFormat.TEXT:
            last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _mask_everything,
                last,
            ],
        )
    )
    handler.addFilter(Throttle())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # A worker polls for jobs three times a second and logs each poll.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)


def _mask_everything(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Mask the codes in every value, however deep."""
    for key, value in event.items():
        event[key] = _mask_value(value)
    return event


def _mask_value(value: object) -> object:
    match value:
        case str():
            return mask(value)
        case dict():
            return {mask(str(key)): _mask_value(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_mask_value(inner) for inner in value]
        case bool() | None | float():
            return value
        case int():
            # An eleven-digit number may be a code somebody parsed.
            masked = mask(str(value))
            return value if masked == str(value) else masked
        case _:
            return mask(str(value))
