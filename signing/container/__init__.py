"""What does an ASiC container hold: ZIP entries that every reader sees alike, and their roles?"""

from signing.container.archive import Archive, ArchiveEntry, is_zip, open_archive
from signing.container.manifests import Container, Manifest, ManifestEntry, is_manifest, open_container
from signing.container.octets import FileOctets, Octets

__all__ = [
    "Archive",
    "ArchiveEntry",
    "Container",
    "FileOctets",
    "Manifest",
    "ManifestEntry",
    "Octets",
    "is_manifest",
    "is_zip",
    "open_archive",
    "open_container",
]
