"""XAdES (ETSI EN 319 132-1): what the XML signatures of a file say and whether they fit, as facts."""

from signing.xades.reading import read_signatures
from signing.xades.sources import DataSource, DetachedFiles, NoData

__all__ = ["DataSource", "DetachedFiles", "NoData", "read_signatures"]
