"""What is in this ZIP, exactly: entries no two readers can see differently, and the roles ASiC gives them."""

from signing.container.archive import Archive, Entry, is_zip, open_archive
from signing.container.manifests import Container, Manifest, ManifestEntry, is_manifest, open_container
from signing.container.octets import FileOctets, Octets

__all__ = [
    "Archive",
    "Container",
    "Entry",
    "FileOctets",
    "Manifest",
    "ManifestEntry",
    "Octets",
    "is_manifest",
    "is_zip",
    "open_archive",
    "open_container",
]
