"""Every table of iam, loaded at once, for migrations and for comparing schema and models."""

from iam import audit
from iam.base import Base
from iam.grants import models as grants
from iam.institutions import models as institutions
from iam.orders import models as orders
from iam.people import models as people

__all__ = ["Base", "audit", "grants", "institutions", "orders", "people"]
