"""`viis reorganise`: what orders about institutions and municipalities do to rights."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.orm import Session

from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows import clock
from workflows.cli._common import failure, load_settings, unit
from workflows.cli._plan_tables import listed, steps, summary, undo_summary
from workflows.cli._reorganise_acts import add_to, foreseen_undoing
from workflows.i18n import Language, Words, translator
from workflows.reorganisation.checking import Checked, planned, read_and_checked
from workflows.reorganisation.decided import decided_about
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.hindrances import hindrances
from workflows.reorganisation.plan import Plan
from workflows.reorganisation.progress import progress_of
from workflows.reorganisation.reform_mapping import ATR, MappingOrder
from workflows.reorganisation.resolving import known_names
from workflows.reorganisation.telling import as_json, undo_as_json
from workflows.reorganisation.trouble import failing_of

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Orders about institutions: what they do to rights.",
    epilog="Example: viis reorganise plan orders.csv",
)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Orders: CSV, TOML, or a mapping of codes")]
In = Annotated[Language, typer.Option("--language", help="Language of reasons and faults")]
Reference = Annotated[str, typer.Option(help="Of the order a mapping stands for; its day is added")]
Basis = Annotated[str, typer.Option("--legal-basis", help="Of the order a mapping stands for")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of a mapping that says none")]

_TO_COME = frozenset({OrderState.DRAFTED, OrderState.APPROVED})
_UNDOABLE = frozenset({OrderState.APPLYING, OrderState.APPLIED, OrderState.UNDOING})
_ATR_DAY = datetime(ATR.effective.year, ATR.effective.month, ATR.effective.day)  # noqa: DTZ001 - a day, as typer reads one


@app.command("plan", epilog="Example: viis reorganise plan atr2021.csv --json")
def plan(
    file: File,
    *,
    as_lines: Annotated[bool, typer.Option("--json", help="One object a change, for other programs")] = False,
    language: In = Language.EN,
    reference: Reference = ATR.reference,
    legal_basis: Basis = ATR.legal_basis,
    effective: Day = _ATR_DAY,
) -> None:
    """Say every change that orders would make, with its reason. Nothing is written.

    With --json each line is an object with change, order, account, scope, section, level, last_day, reason and
    reference; what does not apply is null. Without it there is a summary with counts.
    """
    words = translator(language)
    found, made = _planned(file, MappingOrder(reference, legal_basis, effective.date()), language)
    if as_lines:
        for change in made.changes:
            typer.echo(json.dumps(as_json(change, words), ensure_ascii=False))
        return
    summary(Console(), found, made, words)


@app.command("show", epilog="Example: viis reorganise show 1-3/7")
def show(
    reference: Annotated[str | None, typer.Argument(help="Of one order; without it all are listed")] = None,
    *,
    as_lines: Annotated[bool, typer.Option("--json", help="Only the changes, one object each")] = False,
    language: In = Language.EN,
) -> None:
    """List the recorded orders by their days; or say of one what came of it, and what it would change now.

    Of an order that was carried out it says what undoing it, and what was approved with it, would change. With --json
    each line is an object: that of `plan`, or change, order, account, signatory, scope, section, level, since, until
    and reason.
    """
    words = translator(language)
    with unit(load_settings()) as session:
        if reference is None:
            listed(Console(), orders.in_force(session, states=OrderState), words)
            return
        found = [one for one in orders.in_force(session, states=OrderState) if one.reference == reference]
        if not found:
            failure(words("No order has the reference %(reference)s.", reference=reference))
        if as_lines:
            _lines(session, found[-1], words)
            return
        steps(Console(), found, words)
        _progress(session, found[-1], words)
        if found[-1].state in _TO_COME:
            said = orders.said(found[-1])
            there = Checked((said,), known_names(session, [one for change in said.changes for one in change.parties]))
            summary(Console(), there, planned(session, there, today=riga_day(clock.now())), words)
        elif found[-1].state in _UNDOABLE:
            typer.echo(words("What undoing it would change:"))
            undo_summary(Console(), foreseen_undoing(session, found[-1]), words)


def _progress(session: Session, order: Order, words: Words) -> None:
    """Say how far what two people decided about the order is, and what keeps it from going on."""
    for proposal in decided_about(session, OrderId(order.id))[-1:]:
        far = progress_of(session, proposal)
        typer.echo(words("Done: %(done)s of %(of)s", done=far.done, of=far.of))
        if far.paused:
            typer.echo(words("Paused."))
        if far.left:
            typer.echo(words("Given since the approval, to be proposed as well: %(n)s", n=far.left))
        if far.signing:
            names = ", ".join(far.signing)
            typer.echo(words("May sign since the approval, to be proposed as well: %(names)s", names=names))
        if far.unmailed:
            listed_people = ", ".join(map(str, far.unmailed))
            typer.echo(f"{words('No mail has reached these people; tell them in another way:')} {listed_people}")
    for one in hindrances(session, [order]):
        typer.echo(one.said.in_words(words))
    for sentence in failing_of(session, words, [order], at=clock.now()):
        typer.echo(sentence)


def _lines(session: Session, order: Order, words: Words) -> None:
    """Print what the order would change, or what undoing it would: an object a line."""
    if order.state in _TO_COME:
        said = orders.said(order)
        names = known_names(session, [one for change in said.changes for one in change.parties])
        for change in planned(session, Checked((said,), names), today=riga_day(clock.now())).changes:
            typer.echo(json.dumps(as_json(change, words), ensure_ascii=False))
    elif order.state in _UNDOABLE:
        for back in foreseen_undoing(session, order).changes:
            typer.echo(json.dumps(undo_as_json(back, words), ensure_ascii=False))


def _planned(file: Path, mapping: MappingOrder, language: Language) -> tuple[Checked, Plan]:
    try:
        with unit(load_settings()) as session:
            found = read_and_checked(session, file.read_bytes(), mapping=mapping)
            return found, planned(session, found, today=riga_day(clock.now()))
    except BadOrderFile as bad:
        words = translator(language)
        failure("\n".join(one.in_words(words) for one in bad.faults))


add_to(app)
