"""Every circle in who comes of whom. Pure."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

__all__ = ["circles"]

_Graph = Mapping[str, Sequence[str]]


def circles(steps: Iterable[tuple[str, str]]) -> Iterator[tuple[str, ...]]:
    """Yield circles of steps from one to another, each as its places with the first again at the end.

    Every step that is part of a circle is part of one that is yielded.

    >>> list(circles([("a", "b"), ("b", "a"), ("b", "c"), ("d", "e"), ("e", "d")]))
    [('a', 'b', 'a'), ('d', 'e', 'd')]
    """
    there: defaultdict[str, list[str]] = defaultdict(list)
    back: defaultdict[str, list[str]] = defaultdict(list)
    told: set[tuple[str, str]] = set()
    for one, other in (known := list(dict.fromkeys(steps))):
        there[one].append(other)
        back[other].append(one)
    together = _together(there, back)
    for one, other in known:
        if (one, other) in told or one not in together or together[one] != together.get(other):
            continue
        around = (one, *_way(other, one, there, together))
        told.update(pairwise(around))
        yield around


def _together(there: _Graph, back: _Graph) -> dict[str, int]:
    """Number the places so that those that reach each other share a number (Kosaraju)."""
    left: list[str] = []
    seen: set[str] = set()
    for start in there:
        stack = [(start, iter(there[start]))] if start not in seen else []
        seen.add(start)
        while stack:
            place, ahead = stack[-1]
            following = next((one for one in ahead if one not in seen), None)
            if following is None:
                left.append(stack.pop()[0])
            else:
                seen.add(following)
                stack.append((following, iter(there.get(following, ()))))
    number: dict[str, int] = {}
    for count, start in enumerate(reversed(left)):
        reached = [start] if start not in number else []
        while reached:
            place = reached.pop()
            if place not in number:
                number[place] = count
                reached += back.get(place, ())
    return number


def _way(start: str, end: str, there: _Graph, together: Mapping[str, int]) -> tuple[str, ...]:
    """Find the shortest way among places that reach each other."""
    came_from = {start: start}
    ahead = deque([start])
    while end not in came_from:
        place = ahead.popleft()
        for one in there.get(place, ()):
            if one not in came_from and together.get(one) == together[end]:
                came_from[one] = place
                ahead.append(one)
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))
