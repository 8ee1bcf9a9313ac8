"""Cut many rights into chunks whose mailboxes do not meet, so that nobody is written to twice. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

__all__ = ["chunks"]

T = TypeVar("T")


def chunks(mailboxes: Mapping[T, Iterable[Hashable]], *, most: int) -> list[list[T]]:
    """Put together what shares a mailbox, and as many such groups in a chunk as fit; a larger group is one alone.

    >>> chunks({1: ["anna", "head"], 2: ["zane", "head"], 3: ["valdis"]}, most=2)
    [[1, 2], [3]]
    """
    groups = _groups(mailboxes)
    cut: list[list[T]] = []
    for group in groups:
        if cut and len(cut[-1]) + len(group) <= most:
            cut[-1] += group
        else:
            cut.append(list(group))
    return cut


def _groups(mailboxes: Mapping[T, Iterable[Hashable]]) -> Sequence[list[T]]:
    """Find what hangs together by mailboxes, in the order of the first of each."""
    leader: dict[Hashable, Hashable] = {}

    def lead(box: Hashable) -> Hashable:
        while leader.setdefault(box, box) != box:
            leader[box] = leader[leader[box]]
            box = leader[box]
        return box

    own: dict[T, Hashable] = {}
    for one, boxes in mailboxes.items():
        own[one] = ("one", one)
        for box in boxes:
            leader[lead(("box", box))] = lead(own[one])
    together: defaultdict[Hashable, list[T]] = defaultdict(list)
    for one in mailboxes:
        together[lead(own[one])].append(one)
    return list(together.values())
