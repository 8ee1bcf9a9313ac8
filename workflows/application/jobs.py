"""Importing this module declares every job of applications, and applications as owners of what is signed."""

from workflows.application.scheduled import end_old_links, expire_what_waited
from workflows.application.signing import upload
from workflows.application.submission import link_again
from workflows.signed_forms.judging import draw, hand_to_a_person, judge_upload

__all__ = [
    "draw",
    "end_old_links",
    "expire_what_waited",
    "hand_to_a_person",
    "judge_upload",
    "link_again",
    "upload",
]
