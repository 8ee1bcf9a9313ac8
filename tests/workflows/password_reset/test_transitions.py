"""The link's drawn state machine is the one its statements are built from."""

import ast
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

import workflows.password_reset
from builders.iam.codes import invented_code
from builders.iam.register import BY_REVIEWER
from iam.grants import service as grants
from iam.ids import AccountId
from iam.people import service as people
from workflows.password_reset import repository, states
from workflows.password_reset.states import TRANSITIONS, LinkAct, LinkState

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
_FOLDER = Path(workflows.password_reset.__file__).parent
_ACTS: dict[LinkAct, Callable[[Session, int, AccountId], object]] = {
    LinkAct.SENT: lambda session, link, _account: repository.mark_live(session, link, at=AT),
    LinkAct.NOT_SENT: lambda session, link, _account: repository.unsent(session, link, at=AT),
    LinkAct.SPENT: lambda session, link, _account: repository.spend(session, link, at=AT),
    LinkAct.ACCEPTED: lambda session, link, _account: repository.redeemed(session, link, spent_at=AT, at=AT),
    LinkAct.REPLACED: lambda session, _link, account: repository.replace_others(session, account, but=0, at=AT),
    LinkAct.CANCELLED: lambda session, _link, account: repository.cancel(session, account, at=AT),
}


@pytest.fixture
def account(session: Session) -> AccountId:
    """An account that is in use."""
    person = people.register(
        session, code=invented_code("Ozola"), given_name="Anna", surname="Ozola", origin=BY_REVIEWER, at=AT
    )
    opened = grants.open_account(
        session,
        person=person,
        email="anna@skola.example",
        phone="",
        language="lv",
        because=None,
        origin=BY_REVIEWER,
        at=AT,
    )
    return opened.id


def link_in(session: Session, account: AccountId, state: LinkState) -> int:
    request = session.scalar(
        text("INSERT INTO reset_requests (asked, language, at) VALUES ('x', 'lv', :at) RETURNING id"), {"at": AT}
    )
    return int(
        session.scalar(
            text(
                "INSERT INTO reset_links (account_id, request_id, secret_digest, code_digest, email, password_seen,"
                " state, made_at, expires_at, spent_at, settled_at) VALUES (:account, :request,"
                " encode(sha256(random()::text::bytea), 'hex'), encode(sha256(random()::text::bytea), 'hex'), 'a',"
                " '', :state, :at, :later, :at, :settled) RETURNING id"
            ),
            {
                "account": account,
                "request": request,
                "state": state.value,
                "at": AT,
                "later": AT + timedelta(hours=1),
                "settled": AT if state in states.ENDS else None,
            },
        )
        or 0
    )


@pytest.mark.parametrize("act", _ACTS)
@pytest.mark.parametrize("state", LinkState)
def test_every_act_does_in_every_state_what_is_drawn(
    session: Session, account: AccountId, act: LinkAct, state: LinkState
) -> None:
    link = link_in(session, account, state)
    _ACTS[act](session, link, account)
    found = session.execute(text("SELECT state, settled_at FROM reset_links WHERE id = :link"), {"link": link}).one()
    expected = TRANSITIONS.get((state, act), state)
    assert found.state == expected.value
    assert (found.settled_at is None) is (expected not in states.ENDS)


@pytest.mark.parametrize("state", LinkState)
@pytest.mark.parametrize("newer", [False, True])
def test_giving_back_does_in_every_state_what_is_drawn(
    session: Session, account: AccountId, state: LinkState, *, newer: bool
) -> None:
    link = link_in(session, account, state)
    if newer and state is not LinkState.LIVE:
        link_in(session, account, LinkState.LIVE)
    repository.give_back(session, link, spent_at=AT, at=AT)
    act = LinkAct.OVERTAKEN if newer else LinkAct.GIVEN_BACK
    found = session.scalar(text("SELECT state FROM reset_links WHERE id = :link"), {"link": link})
    assert found == TRANSITIONS.get((state, act), state).value


def test_what_is_taken_out_of_the_drawing_is_taken_out_of_the_statement(
    session: Session, account: AccountId, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_in(session, account, LinkState.LIVE)
    monkeypatch.delitem(TRANSITIONS, (LinkState.LIVE, LinkAct.SPENT))
    assert not repository.spend(session, link, at=AT)


def test_no_state_is_written_but_from_the_drawing() -> None:
    """Nothing assigns `.state` of a link or passes `state=` but the one builder, and who makes the first."""
    written = []
    for file in sorted(_FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.keyword(arg="state", value=ast.Name(id=name)):
                    written.append((file.name, name))
                case ast.keyword(arg="state"):
                    written.append((file.name, ast.unparse(node)))
                case ast.Attribute(attr="state", ctx=ast.Store()):
                    written.append((file.name, ast.unparse(node)))
                case ast.Constant(value=str(said)) if "UPDATE" in said and "reset_links" in said:
                    written.append((file.name, said))
    assert written == [("answering.py", "FIRST"), ("repository.py", "to")]
