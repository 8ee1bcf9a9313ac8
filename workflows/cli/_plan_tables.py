"""A plan as tables on a terminal: how many changes of each kind and why, then who and what is left with a gap."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from iam.orders.models import Order
from workflows.i18n import Words
from workflows.reorganisation.checking import Checked
from workflows.reorganisation.fates import FATES, Fate
from workflows.reorganisation.plan import Plan
from workflows.reorganisation.reasons import WHY
from workflows.reorganisation.undo_changes import UNDO_FATES, UNDO_WHY, UndoFate, UndoForeseen
from workflows.reorganisation.words import ORDER_STATES, place_text

__all__ = ["listed", "steps", "summary", "undo_summary"]

_SHOWN = 20


def listed(console: Console, orders: Sequence[Order], words: Words) -> None:
    """Print orders by their days, with their states."""
    table = Table(words("Reference"), words("Takes effect"), words("State"), words("Legal basis"))
    for order in orders:
        state = words(ORDER_STATES[order.state])
        table.add_row(escape(order.reference), words.date(order.effective), state, escape(order.legal_basis))
    console.print(table)


def steps(console: Console, orders: Sequence[Order], words: Words) -> None:
    """Print what came of the orders of one reference: one of them is in force at most."""
    for order in orders:
        console.print(f"{order.reference} {order.legal_basis}, {words.date(order.effective)}", markup=False)
        for step in order.steps:
            line = f"  {words.moment(step.at)}  {words(ORDER_STATES[step.state])}  {step.by}  {step.reason}"
            console.print(line.rstrip(), markup=False)


def summary(console: Console, orders: Checked, plan: Plan, words: Words) -> None:
    """Print the counts of each order's changes, and the first gaps."""
    for order in orders.orders:
        said = f"[bold]{escape(order.reference)}[/bold] {escape(order.legal_basis)}"
        console.print(f"{said}, {words.date(order.effective)}")
        table = Table(words("Kind of change"), words("Why"), words("Count"))
        table.columns[2].justify = "right"
        changes = [change for change in plan.changes if change.order == order.reference]
        counts = Counter((change.fate, change.why) for change in changes)
        for (fate, why), count in sorted(counts.items(), key=lambda one: (list(Fate).index(one[0][0]), one[0][1])):
            table.add_row(words(FATES[fate]), words(WHY[why]), str(count))
        console.print(table)
    _gaps(console, orders, plan, words)


def undo_summary(console: Console, made: UndoForeseen, words: Words) -> None:
    """Print how many rights, entitlements and places come back or stay, why, and the digest of all of it."""
    table = Table(words("Kind of change"), words("Why"), words("Count"))
    table.columns[2].justify = "right"
    counts = Counter((change.fate, change.why) for change in made.changes)
    for (fate, why), count in sorted(counts.items(), key=lambda one: (list(UndoFate).index(one[0][0]), one[0][1])):
        table.add_row(words(UNDO_FATES[fate]), words(UNDO_WHY[why]), str(count))
    console.print(table)
    console.print(f"{words('Digest of the whole list (SHA-256)')}: {made.digest}", soft_wrap=True)


def _gaps(console: Console, orders: Checked, plan: Plan, words: Words) -> None:
    gaps = plan.of(Fate.GAP)
    if not gaps:
        return
    console.print(words("Left with nothing: %(n)s", n=len(gaps)))
    for gap in gaps[:_SHOWN]:
        place = None if gap.scope is None else place_text(gap.scope, orders.names).in_words(words)
        who = f"{gap.account}: {place}" if gap.account and place else gap.account or place
        console.print(f"  {who or gap.reason.in_words(words)}", markup=False)
    if len(gaps) > _SHOWN:
        console.print(words("  … and %(n)s more", n=len(gaps) - _SHOWN))
