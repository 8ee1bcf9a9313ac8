"""What may other systems ask? HTTP for machines: JSON in, JSON out, described at /api/openapi.json.

One module a subject; `ALL` are their routes. A machine shows a token of its own from the realm
(`workflows.web.identity.bearer`), is counted like any visitor, and reads of every refusal what to change (`errors`).
"""

from workflows.web.api import monitoring, unsupported, validate

__all__ = ["ALL"]

ALL = (validate.routes, unsupported.routes, monitoring.routes)
