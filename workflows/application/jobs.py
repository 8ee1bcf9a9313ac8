"""Importing this module declares every job of applications, and applications as owners of what is signed."""

from workflows.application.scheduled import end_old_links, expire_what_waited
from workflows.application.signing import upload
from workflows.application.submission import link_again
from workflows.signed_forms.upload_jobs import draw, escalate_to_reviewer, judge_upload

__all__ = [
    "draw",
    "end_old_links",
    "escalate_to_reviewer",
    "expire_what_waited",
    "judge_upload",
    "link_again",
    "upload",
]
