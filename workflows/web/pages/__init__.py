"""Which pages are there? One module a subject, one route an address."""

from workflows.web.pages import about, apply, health, signin, track

__all__ = ["PUBLIC"]

PUBLIC = (about.routes, apply.routes, health.routes, signin.routes, track.routes)
