"""META-INF/manifest.xml of a container with XAdES: a list of its files, which need not be signed.

EN 319 162-1 §4.4.3.2 allows it, in the form of OpenDocument 1.2 part 3 §3.2. Only the signatures define what is
signed, so an error in the list is a remark and changes no verdict (decision 15).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from signing.model import Message
from signing.reading.facts import SignatureForm
from signing.xml.tree import NotXml, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signing.container.manifests import Container

__all__ = ["manifest_remarks"]

_NAME = "META-INF/manifest.xml"
_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_MOST_REMARKS = 8


def manifest_remarks(container: Container, signed_types: Mapping[str, str]) -> Iterator[Message]:
    """Remark on a list that is missing from an ASiC-E, cannot be read, or does not fit the container's files.

    `signed_types` are the media types that signatures give files (DataObjectFormat, EN 319 132-1 §5.2.4).
    """
    entry = container.archive.find(_NAME)
    if entry is None:
        if container.form is SignatureForm.ASIC_E:
            yield Message.of("container.manifest-missing")
        return
    try:
        root = parse(container.archive.read(entry))
    except NotXml:
        yield Message.of("container.manifest", name=_NAME)
        return
    pairs = [(one.get(f"{_SPACE}full-path"), one.get(f"{_SPACE}media-type")) for one in root.iterchildren("*")]
    types, times = dict(pairs), Counter(name for name, _ in pairs)
    data = [one.name for one in container.data]
    listed = {name for name, _ in pairs if name and not name.endswith("/") and not name.startswith("META-INF/")}
    differing = [name for name in data if times[name] != 1 or types[name] != signed_types.get(name, types[name])]
    differing += sorted(listed - {*data, "mimetype"})
    if container.mimetype and types.get("/") != container.mimetype:
        differing.insert(0, "mimetype")
    for name in differing[:_MOST_REMARKS]:
        yield Message.of("container.manifest-differs", file=name)
