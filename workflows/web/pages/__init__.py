"""Which pages are there? One module a subject, one route an address."""

from workflows.web.pages import about, apply, case, health, holders, review, signin, track, verify

__all__ = ["ALL"]

ALL = (
    about.routes,
    apply.routes,
    track.routes,
    verify.routes,
    signin.routes,
    review.routes,
    case.routes,
    holders.routes,
    health.routes,
)
