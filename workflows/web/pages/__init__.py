"""Which pages are there? One module a subject, one route an address."""

from workflows.web.pages import (
    about,
    apply,
    case,
    compare,
    health,
    holders,
    reset,
    reset_link,
    reset_staff,
    review,
    signin,
    track,
    verify,
)

__all__ = ["ALL"]

ALL = (
    about.routes,
    apply.routes,
    track.routes,
    verify.routes,
    signin.routes,
    reset.routes,
    reset_link.routes,
    reset_staff.routes,
    review.routes,
    case.routes,
    compare.routes,
    holders.routes,
    health.routes,
)
