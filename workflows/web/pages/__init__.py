"""Which pages are there? One module a subject, one route an address."""

from workflows.web.pages import about, health

__all__ = ["PUBLIC"]

PUBLIC = (about.routes, health.routes)
