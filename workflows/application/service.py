"""Everything that can be done with an application, under one name."""

from workflows.application.approvals import approve_or_propose
from workflows.application.colleagues import colleagues_of, hand_over, notes_of, write_note
from workflows.application.decisions import (
    NewSignatory,
    Reviewer,
    approve,
    ask_more,
    claim,
    confirm_part,
    is_party,
    refuse,
    release,
)
from workflows.application.drafts import Draft, check_answers, save_group, start_draft
from workflows.application.endings import expire, withdraw
from workflows.application.kinds.kind import Review
from workflows.application.links import (
    draft_address,
    has_ended,
    mark_of,
    open_draft,
    open_link,
    opens,
    tracking_address,
)
from workflows.application.places import place
from workflows.application.queue import Filters, QueueOrder, QueueView, next_one, queue
from workflows.application.review_views import CaseView, case_view, note_shown, reveal, unrecorded_signing
from workflows.application.signing import LONGEST_ANSWER, answer, keep_answer, upload
from workflows.application.submission import Submitted, ask_for_link, ask_for_same_mailbox, submit
from workflows.application.views import TrackingView, tracking_view
from workflows.signed_forms.uploads import Received

__all__ = [
    "LONGEST_ANSWER",
    "CaseView",
    "Draft",
    "Filters",
    "NewSignatory",
    "QueueOrder",
    "QueueView",
    "Received",
    "Review",
    "Reviewer",
    "Submitted",
    "TrackingView",
    "answer",
    "approve",
    "approve_or_propose",
    "ask_for_link",
    "ask_for_same_mailbox",
    "ask_more",
    "case_view",
    "check_answers",
    "claim",
    "colleagues_of",
    "confirm_part",
    "draft_address",
    "expire",
    "hand_over",
    "has_ended",
    "is_party",
    "keep_answer",
    "mark_of",
    "next_one",
    "note_shown",
    "notes_of",
    "open_draft",
    "open_link",
    "opens",
    "place",
    "queue",
    "refuse",
    "release",
    "reveal",
    "save_group",
    "start_draft",
    "submit",
    "tracking_address",
    "tracking_view",
    "unrecorded_signing",
    "upload",
    "withdraw",
    "write_note",
]
