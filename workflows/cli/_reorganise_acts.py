"""The commands of `viis reorganise` that act: propose to carry orders out or to undo them, pause, resume, raise a cap.

What is proposed here is confirmed on pages only, by a second person.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

import workflows.reorganisation.jobs  # noqa: F401 - declares what is queued
from iam.audit import Actor, ActorKind, Door, Origin
from iam.errors import BadOrders
from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from workflows import clock
from workflows.cli._common import failure, load_settings, operator, unit
from workflows.i18n import translator
from workflows.proposals.errors import ProposalError
from workflows.reorganisation import approving, cap, undo_approving
from workflows.reorganisation.checking import read_and_checked
from workflows.reorganisation.decided import decided_together
from workflows.reorganisation.errors import NotBegun, OverCap, PlanError, RestsOnIt
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.pausing import pause, resume
from workflows.staff import Role, staff_roles

__all__ = ["add_to"]

What = Annotated[str, typer.Argument(help="The reference of a recorded order, or a file of orders to record")]
By = Annotated[str, typer.Option("--by", help="Username of the reviewer who proposes it")]
Because = Annotated[str, typer.Option(help="Why; kept with the proposal")]


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
        origin, at = Origin(Actor(ActorKind.STAFF, by), Door.CLI), clock.now()
        if Path(what).is_file():
            said = read_and_checked(session, Path(what).read_bytes()).orders
            ids = [OrderId(row.id) for row in orders.draft(session, said, origin=origin, at=at)]
        else:
            ids = [OrderId(_order(session, what).id)]
        made = approving.propose(session, ids, by=by, origin=origin, at=at, reason=because)
        typer.echo(f"Proposed: {made.count} ends. A second person confirms it: {settings.base_url}/proposals/{made.id}")


def _undo(reference: What, *, by: By, because: Because) -> None:
    """Propose to undo an order that was carried out, wholly or in part."""
    settings = load_settings()
    with unit(settings) as session, _sentences():
        _may(session, by, Role.REVIEWER)
        origin = Origin(Actor(ActorKind.STAFF, by), Door.CLI)
        ids = decided_together(session, OrderId(_order(session, reference).id))
        made = undo_approving.propose(session, ids, by=by, origin=origin, at=clock.now(), reason=because)
        told = f"{made.count} rights hold again. A second person confirms it: {settings.base_url}/proposals/{made.id}"
        typer.echo(f"Proposed: {told}")


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
    accounts: Annotated[int, typer.Option(min=1, help="Accounts it may touch")],
    by: Annotated[str, typer.Option("--by", help="Username of the administrator who decides it")],
    because: Because,
) -> None:
    """Let this one plan end rights of more accounts than the policy allows."""
    with unit(load_settings()) as session, _sentences():
        _may(session, by, Role.ADMINISTRATOR)
        origin = Origin(Actor(ActorKind.STAFF, by), Door.CLI)
        cap.raise_for(session, digest, accounts=accounts, reason=because, origin=origin, at=clock.now())
        typer.echo(f"The plan {digest} may end rights of {accounts} accounts")


@contextmanager
def _sentences() -> Iterator[None]:
    """Say in a sentence why it was refused; nothing of it is kept."""
    try:
        yield
    except BadOrderFile as bad:
        failure("\n".join(one.in_words(translator("en")) for one in bad.faults))
    except BadOrders as bad:
        failure(str(bad))
    except OverCap as over:
        failure(
            f"The plan ends rights of {over.accounts} accounts, {over.most} are allowed. An administrator may allow it:"
            f" viis reorganise raise-cap {over.digest} --accounts {over.accounts} --by … --because …"
        )
    except RestsOnIt as rests:
        failure(f"The order {rests.reference} is about one of its places and came later: undo that one first.")
    except NotBegun as waits:
        failure(
            f"The order {waits.reference} has not been begun, so there is nothing to undo. Repeal it instead:"
            f" {load_settings().base_url}/reorganise/{waits.order}"
        )
    except PlanError as refused:
        failure(f"Nothing to do: {refused}.")
    except ProposalError as refused:
        failure(f"It cannot be proposed: {refused}.")


def _may(session: Session, username: str, role: Role) -> None:
    if role not in staff_roles(session, username):
        failure(f"{username} does not work here as {role}. See viis staff list.")


def _order(session: Session, reference: str) -> Order:
    found = [row for row in orders.in_force(session, states=OrderState) if row.reference == reference]
    if not found:
        failure(f"No order has the reference {reference}, and there is no such file.")
    return found[-1]
