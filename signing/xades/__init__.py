"""XAdES (ETSI EN 319 132-1): what the XML signatures of a file say and whether they fit, as facts."""

from signing.xades.data_sources import DataSource, DetachedFiles, NoData
from signing.xades.reading import read_signatures

__all__ = ["DataSource", "DetachedFiles", "NoData", "read_signatures"]
