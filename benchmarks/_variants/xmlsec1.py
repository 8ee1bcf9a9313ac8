"""xmlsec1 asked whether a signature in an XML file holds; certificates are ours to judge, and not asked about."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from benchmarks._variants.xades import DS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks._variants.environment import Environment
    from benchmarks._variants.kind import Variant

__all__ = ["holds"]

_IDENTIFIED = (f"{DS}:Object", f"{DS}:Manifest", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties")


def holds(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    """Whether the one signature in a variant holds; None for one that is no XML, or has files beside it."""
    del environment
    if variant.detached or not variant.content.lstrip().startswith(b"<"):
        return None
    file = scratch / "signed.xml"
    file.write_bytes(variant.content)
    identified = [word for name in _IDENTIFIED for word in ("--id-attr:Id", name)]
    command = ["xmlsec1", "--verify", "--insecure", "--enabled-key-data", "x509", *identified, str(file)]
    done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own words
    return done.returncode == 0
