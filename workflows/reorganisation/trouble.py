"""What keeps an approved plan from going on, as staff read it on the page of its orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from iam.ids import OrderId
from iam.orders.models import Order
from workflows.i18n import Words
from workflows.jobs import LastFailure, last_failure_about
from workflows.reorganisation.decided import decided_about
from workflows.reorganisation.queueing import APPLY_JOB, TAKE_BACK_JOB, TELL_JOB, TELL_LATE_JOB, UNDO_JOB

__all__ = ["failing_of"]

_FAILING: Mapping[str, tuple[str, ...]] = {
    "carry_out": (APPLY_JOB,),
    "undo": (UNDO_JOB,),
    "tell": (TELL_JOB, TELL_LATE_JOB),
}


def failing_of(session: Session, words: Words, rows: Sequence[Order], *, at: datetime) -> list[str]:
    """Say which jobs about these orders have failed and are tried again; what exactly went wrong is the operator's."""
    ids = [OrderId(row.id) for row in rows]
    found: list[tuple[str, LastFailure]] = []
    for proposal in decided_about(session, *ids):
        for what, names in _FAILING.items():
            if failed := last_failure_about(session, names, proposal_id=proposal.id):
                found.append((what, failed))
    told_again = (last_failure_about(session, (TAKE_BACK_JOB,), order_id=id_) for id_ in ids)
    found += [("take_back", failed) for failed in told_again if failed]
    return [_sentence(words, what, failed, at) for what, failed in found]


def _sentence(words: Words, what: str, failed: LastFailure, at: datetime) -> str:
    last, times = words.moment(failed.at), failed.attempts
    match what:
        case "carry_out":
            said = words.plural(
                "Carrying out has failed %(n)s time, last on %(last)s.",
                "Carrying out has failed %(n)s times, last on %(last)s.",
                times,
                last=last,
            )
        case "undo":
            said = words.plural(
                "Undoing has failed %(n)s time, last on %(last)s.",
                "Undoing has failed %(n)s times, last on %(last)s.",
                times,
                last=last,
            )
        case _:
            said = words.plural(
                "Telling people has failed %(n)s time, last on %(last)s.",
                "Telling people has failed %(n)s times, last on %(last)s.",
                times,
                last=last,
            )
    if failed.next_at is None or failed.next_at <= at:
        again = words("It is being tried again.")
    else:
        again = words("It will be tried again by itself on %(next)s.", next=words.moment(failed.next_at))
    whom = words("Tell the operator of the service.")
    return f"{said} {again} {whom}"
