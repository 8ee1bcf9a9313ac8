"""Which pages are there? One module a subject, one route an address."""

from workflows.web.pages.applicants import answers, apply, mailbox, track, verify
from workflows.web.pages.holders import my_rights
from workflows.web.pages.passwords import link as reset_link
from workflows.web.pages.passwords import reset
from workflows.web.pages.passwords import staff as reset_staff
from workflows.web.pages.restorations import asking as restore
from workflows.web.pages.restorations import confirming as restore_confirm
from workflows.web.pages.restorations import deciding as restorations
from workflows.web.pages.reviewers import (
    case,
    case_colleagues,
    case_files,
    case_reports,
    compare,
    end_rights,
    grants,
    institutions,
    names,
    order_form,
    people,
    proposals,
    queue,
    reorganise,
    reorganise_acts,
    reorganise_plan,
    reorganise_undo,
)
from workflows.web.pages.service import about, health, language, roles, signin

__all__ = ["ALL"]

# What is asked for most comes first: an address is held against each route in turn.
ALL = (
    about.routes,
    mailbox.routes,  # before the steps of a draft, whose names it would be taken for
    apply.routes,
    track.routes,
    answers.routes,
    verify.routes,
    queue.routes,
    case_files.routes,
    case_reports.routes,
    case.routes,
    case_colleagues.routes,
    compare.routes,
    people.routes,
    names.routes,
    end_rights.routes,
    grants.routes,
    institutions.routes,
    signin.routes,
    language.routes,
    reset.routes,
    reset_link.routes,
    reset_staff.routes,
    restore.routes,
    restore_confirm.routes,
    restorations.routes,
    proposals.routes,
    reorganise.routes,
    order_form.routes,
    reorganise_plan.routes,
    reorganise_undo.routes,
    reorganise_acts.routes,
    my_rights.routes,
    roles.routes,
    health.routes,
)
