"""The commands of `viis reorganise` that act: propose to carry orders out or to undo them, pause, resume, raise a cap.

What is proposed here is confirmed on pages only, by a second person.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.orm import Session

import workflows.reorganisation.jobs  # noqa: F401 - declares what is queued
from iam.audit import Door, Origin
from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows import clock
from workflows.cli._common import failure, load_settings, operator, unit
from workflows.cli._plan_tables import undo_summary
from workflows.i18n import Language, translator
from workflows.proposals.errors import ProposalError, SeenOtherwise
from workflows.reorganisation import approving, cap, undo_approving
from workflows.reorganisation.checking import read_and_checked
from workflows.reorganisation.decided import decided_together
from workflows.reorganisation.errors import Hindered, NotBegun, OverCap, PlanError, RestsOnIt
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.pausing import pause, resume
from workflows.reorganisation.telling import undo_as_json
from workflows.reorganisation.undo_changes import UndoForeseen
from workflows.reorganisation.undo_foreseen import foresee_undo
from workflows.staff import Role, staff_roles

__all__ = ["add_to", "foreseen_undoing"]

What = Annotated[str, typer.Argument(help="The reference of a recorded order, or a file of orders to record")]
By = Annotated[str, typer.Option("--by", help="Username of the reviewer who proposes it")]
Because = Annotated[str, typer.Option(help="Why; kept with the proposal")]
_MOST_ACCOUNTS = 1_000_000
In = Annotated[Language, typer.Option("--language", help="Language of the list")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group."""
    app.command("apply", epilog="Example: viis reorganise apply orders.csv --by inese.kalna --because 'Domes lēmums'")(
        _apply
    )
    app.command("undo", epilog="Example: viis reorganise undo 1-3/7 --by inese.kalna --because 'Kļūda rīkojumā'")(_undo)
    app.command("pause", epilog="Example: viis reorganise pause 1-3/7")(_pause)
    app.command("resume", epilog="Example: viis reorganise resume 1-3/7")(_resume)
    app.command(
        "raise-cap",
        epilog="Example: viis reorganise raise-cap 5f0c… --accounts 600 --by una.admin --because 'Reforma'",
    )(_raise_cap)


def _apply(what: What, *, by: By, because: Because) -> None:
    """Propose to carry orders out on their days: of a file, which are recorded with it, or one recorded before."""
    settings = load_settings()
    with unit(settings) as session, _sentences():
        _may(session, by, Role.REVIEWER)
        because = _said(because)
        origin, at = Origin(operator(), Door.CLI), clock.now()
        if Path(what).is_file():
            said = read_and_checked(session, Path(what).read_bytes(), to_record=True).orders
            ids = [OrderId(row.id) for row in orders.draft(session, said, origin=origin, at=at)]
        else:
            ids = [OrderId(_order(session, what).id)]
        made = approving.propose(session, ids, by=by, origin=origin, at=at, reason=because)
        typer.echo(f"Proposed: {made.count} ends. A second person confirms it: {settings.base_url}/proposals/{made.id}")


def _undo(
    reference: What,
    *,
    by: By,
    because: Because,
    seen: Annotated[str, typer.Option(help="Digest of the list you read with show; refused if it has changed")] = "",
    as_lines: Annotated[
        bool, typer.Option("--json", help="Print every change as one object, and the rest aside")
    ] = False,
    language: In = Language.EN,
) -> None:
    """Propose to undo an order that was carried out, wholly or in part, with what was approved together with it.

    What comes back and what stays is printed first, with the digest that the second person confirms.
    """
    settings, words = load_settings(), translator(language)
    with unit(settings) as session, _sentences():
        _may(session, by, Role.REVIEWER)
        because = _said(because)
        origin = Origin(operator(), Door.CLI)
        order = _order(session, reference)
        shown = foreseen_undoing(session, order)
        if as_lines:
            for change in shown.changes:
                typer.echo(json.dumps(undo_as_json(change, words), ensure_ascii=False))
        else:
            undo_summary(Console(), shown, words)
        ids = decided_together(session, OrderId(order.id))
        made = undo_approving.propose(
            session, ids, by=by, origin=origin, at=clock.now(), reason=because, seen=seen or shown.digest
        )
        told = f"{made.count} rights hold again. A second person confirms it: {settings.base_url}/proposals/{made.id}"
        typer.echo(f"Proposed: {told}", err=as_lines)


def foreseen_undoing(session: Session, order: Order) -> UndoForeseen:
    """Say what undoing an order changes today, with what was approved together with it."""
    rows = [orders.order_with(session, one) for one in decided_together(session, OrderId(order.id))]
    ordered = sorted(rows, key=lambda row: (row.effective, row.id))
    return foresee_undo(session, ordered, today=riga_day(clock.now()))


def _pause(reference: What) -> None:
    """Let no further step of carrying out, or of undoing, be done."""
    with unit(load_settings()) as session, _sentences():
        pause(session, [OrderId(_order(session, reference).id)], origin=Origin(operator(), Door.CLI), at=clock.now())
        typer.echo(f"{reference}: paused")


def _resume(reference: What) -> None:
    """Go on with what was paused."""
    with unit(load_settings()) as session, _sentences():
        resume(session, [OrderId(_order(session, reference).id)], origin=Origin(operator(), Door.CLI), at=clock.now())
        typer.echo(f"{reference}: goes on")


def _raise_cap(
    digest: Annotated[str, typer.Argument(help="Of the plan, as the refusal named it")],
    *,
    accounts: Annotated[int, typer.Option(min=1, max=_MOST_ACCOUNTS, help="Accounts it may touch")],
    by: Annotated[str, typer.Option("--by", help="Username of the administrator who decides it")],
    because: Because,
) -> None:
    """Let this one plan end rights of more accounts than the policy allows."""
    with unit(load_settings()) as session, _sentences():
        _may(session, by, Role.ADMINISTRATOR)
        plan = digest.strip().lower()
        if re.fullmatch("[0-9a-f]{64}", plan) is None:
            failure("The digest of a plan has 64 digits and letters a to f: copy it from the refusal.")
        origin = Origin(operator(), Door.CLI)
        cap.raise_for(session, plan, accounts=accounts, by=by, reason=_said(because), origin=origin, at=clock.now())
        typer.echo(f"The plan {plan} may end rights of {accounts} accounts")


@contextmanager
def _sentences() -> Iterator[None]:
    """Say in a sentence why it was refused; nothing of it is kept."""
    try:
        yield
    except BadOrderFile as bad:
        failure("\n".join(one.in_words(translator("en")) for one in bad.faults))
    except OverCap as over:
        failure(
            f"The plan ends rights of {over.accounts} accounts, {over.most} are allowed. An administrator may allow it:"
            f" viis reorganise raise-cap {over.digest} --accounts {over.accounts} --by … --because …"
        )
    except RestsOnIt as rests:
        named = ", ".join(f"{reference} (from {day})" for reference, day in rests.orders)
        page = f"{load_settings().base_url}/reorganise/{'-'.join(map(str, rests.together))}"
        together = f", or all of them together: {page}" if rests.together else "."
        failure(f"Other orders rest on it: {named}. Repeal or undo those first{together}")
    except NotBegun as waits:
        failure(
            f"The order {waits.reference} has not been begun, so there is nothing to undo. Repeal it instead:"
            f" {load_settings().base_url}/reorganise/{waits.order}"
        )
    except Hindered as hindered:
        failure("\n".join(one.in_words(translator("en")) for one in hindered.said))
    except PlanError as refused:
        failure(f"Nothing to do: {refused}.")
    except SeenOtherwise:
        failure("It has changed since it was shown: read it again with viis reorganise show, and propose it anew.")
    except ProposalError as refused:
        failure(f"It cannot be proposed: {refused}.")


def _said(because: str) -> str:
    if not because.strip():
        failure("Say why: --because has no words.")
    return because.strip()


def _may(session: Session, username: str, role: Role) -> None:
    if role not in staff_roles(session, username):
        failure(f"{username} does not work here as {role}. See viis staff list.")


def _order(session: Session, reference: str) -> Order:
    found = [row for row in orders.in_force(session, states=OrderState) if row.reference == reference]
    if not found:
        failure(f"No order has the reference {reference}, and there is no such file.")
    return found[-1]
