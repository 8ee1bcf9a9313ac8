"""Limits on containers, above which they count as an attack; our own, not from a standard."""

__all__ = [
    "MAX_DECLARED",
    "MAX_ENTRIES",
    "MAX_METADATA",
    "MAX_NAME",
    "MAX_RATIO",
    "RATIO_FREE",
    "SLICE",
]

MAX_ENTRIES = 1010  # a thousand files, and the container's own parts
MAX_DECLARED = 512 * 1024 * 1024
MAX_METADATA = 16 * 1024 * 1024  # one signature file, manifest or token
MAX_RATIO = 100
RATIO_FREE = 1024 * 1024  # highly compressible small files are honest
MAX_NAME = 1024
SLICE = 256 * 1024
