"""Several people decide in the same second, and confirm with the same link: one of each is carried out."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from builders.workflows.policy_numbers import set_numbers
from builders.workflows.restoring import INESE, ZANE, Desk
from workflows.proposals.errors import AlreadyProposed, NotOpen
from workflows.restoration.asking import Confirmable
from workflows.restoration.errors import NotWaiting
from workflows.restoration.states import State

WHOLE = 3


def raced(*acts: Callable[[], object]) -> Counter[str]:
    """Do the acts at once; count what came of each."""

    def outcome(act: Callable[[], object]) -> str:
        try:
            act()
        except (AlreadyProposed, NotWaiting, NotOpen) as refused:
            return type(refused).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return Counter(threads.map(outcome, acts))


def test_of_two_reviewers_who_restore_at_once_one_does(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        set_numbers(session, four_eyes_wide_scope=0)
    request = desk.confirmed()
    seen = desk.seen(request)
    came = raced(*(lambda by=by: desk.decide(request, by=by, seen=seen) for by in (INESE, ZANE) * 4))
    assert came == {"done": 1, "NotWaiting": 7}
    assert len(desk.held()) == WHOLE
    assert [template for _, template in desk.mails()].count("restoration_done") == 1


def test_of_two_who_propose_at_once_one_does(desk: Desk) -> None:
    request = desk.confirmed()
    seen = desk.seen(request)
    came = raced(*(lambda by=by: desk.decide(request, by=by, seen=seen) for by in (INESE, ZANE) * 4))
    assert came == {"done": 1, "AlreadyProposed": 7}


def test_a_refusal_and_a_confirmation_at_once_leave_one_of_them(desk: Desk) -> None:
    request = desk.confirmed()
    proposal = desk.decide(request)
    assert proposal is not None
    came = raced(lambda: desk.second(proposal), lambda: desk.refuse(request, by=ZANE))
    assert came["done"] == 1
    state = desk.request(request).state
    assert (state is State.RESTORED) == (len(desk.held()) == WHOLE)
    assert state in {State.RESTORED, State.REFUSED}


def test_a_link_confirms_one_of_sixteen_times(desk: Desk) -> None:
    request = desk.ask()
    desk.work()
    key = desk.key()
    with ThreadPoolExecutor(16) as threads:
        told = list(threads.map(lambda _: desk.confirm(key), range(16)))
    assert sum(isinstance(one, Confirmable) for one in told) == 1
    assert desk.request(request).state is State.IN_REVIEW
