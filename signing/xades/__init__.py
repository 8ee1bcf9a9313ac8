"""What do the XAdES signatures (ETSI EN 319 132-1) of a file state, and are they intact?"""

from signing.xades.data_sources import DataSource, DetachedFiles, NoData
from signing.xades.reading import read_signatures

__all__ = ["DataSource", "DetachedFiles", "NoData", "read_signatures"]
