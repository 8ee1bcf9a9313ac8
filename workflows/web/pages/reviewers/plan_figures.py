"""What a plan comes to: where most rights end, as a drawing, and who and what is left with nothing. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iam import letters
from workflows.i18n import Words
from workflows.reorganisation.plan import Fate, Plan
from workflows.reorganisation.words import place_text

__all__ = ["EndsBar", "EndsChart", "Gaps", "ends_chart", "gaps_of"]

_MOST_BARS, _FEWEST_BARS = 12, 3
_MOST_NAMED = 30
_TOP, _ROW, _LONGEST = 18, 46, 85  # the longest bar in hundredths of the drawing
_LETTERS = 34  # of a name
_LEADING = 3  # places that a title names


@dataclass(frozen=True, slots=True)
class EndsBar:
    """How many rights end in a place, drawn at `y`; `width` is its length in hundredths of the drawing."""

    name: str
    drawn_name: str
    count: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class EndsChart:
    """The places where most rights end, and the sentence that says so; `others` end in places that have no bar."""

    bars: Sequence[EndsBar]
    finding: str
    total: int
    others: int
    other_places: int
    height: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """People left without any right, and places left without anybody: the first of each, and how many there are."""

    people: Sequence[str]
    people_total: int
    places: Sequence[tuple[str, str]]  # address and name
    places_total: int


def ends_chart(words: Words, plan: Plan, names: Mapping[str, str]) -> EndsChart | None:
    """Draw where most rights end; None where a sentence says it as well: in one place or two."""
    counts = Counter(one.scope for one in plan.of(Fate.ENDS) if one.scope is not None)
    if len(counts) < _FEWEST_BARS:
        return None
    told = {scope: place_text(scope, names).in_words(words) for scope in counts}
    ordered = sorted(counts, key=lambda scope: (-counts[scope], letters.sort_key(told[scope])))
    shown = ordered[:_MOST_BARS]
    most = counts[ordered[0]]
    bars = [
        EndsBar(
            told[scope],
            told[scope] if len(told[scope]) <= _LETTERS else f"{told[scope][: _LETTERS - 1]}…",
            counts[scope],
            _TOP + place * _ROW,
            max(2, _LONGEST * counts[scope] // most),
        )
        for place, scope in enumerate(shown)
    ]
    total = sum(counts.values())
    others = total - sum(bar.count for bar in bars)
    finding = _finding(words, [bar.name for bar in bars if bar.count == most], most, total)
    return EndsChart(bars, finding, total, others, len(ordered) - len(shown), _TOP + len(bars) * _ROW)


def _finding(words: Words, leading: Sequence[str], most: int, total: int) -> str:
    if len(leading) == 1:
        return words("Most rights end in: %(place)s (%(n)s of %(total)s)", place=leading[0], n=most, total=total)
    if len(leading) <= _LEADING:
        places = ", ".join(leading)
        return words("Most rights end in: %(places)s (%(n)s of %(total)s in each)", places=places, n=most, total=total)
    return words("At most %(n)s of %(total)s rights end in one place", n=most, total=total)


def gaps_of(words: Words, plan: Plan, names: Mapping[str, str]) -> Gaps:
    """Name the people and the places that the plan leaves with nothing."""
    found = plan.of(Fate.GAP)
    people = list(dict.fromkeys(one.account for one in found if one.account is not None))
    places = list(dict.fromkeys(one.scope for one in found if one.account is None and one.scope is not None))
    named = [
        (f"/institutions/{scope.removeprefix('i-')}", place_text(scope, names).in_words(words))
        for scope in places[:_MOST_NAMED]
    ]
    return Gaps(people[:_MOST_NAMED], len(people), named, len(places))
