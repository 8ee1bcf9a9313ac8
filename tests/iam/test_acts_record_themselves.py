"""Whoever writes through `iam` leaves exactly one entry an act in the audit, whichever function it was."""

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import iam
from builders.iam.codes import invented_code
from builders.iam.register import AT, BY_REVIEWER, ROWS, person, register_file
from builders.iam.rights import DAY, TODAY, given
from iam.audit import AuditEntry
from iam.grants import accounts, service
from iam.grants.evidence import ByOrder, JudgedDocument, OrderUndone, SignedApplication, SignedPair, fingerprint
from iam.grants.models import Account, EndCause, Grant, GrantPeriod, Level
from iam.ids import ApplicationId, GrantId, OrderId, ScopeId
from iam.institutions.entitlements import record_signatory, shorten_signatory, withdraw_signatory
from iam.institutions.models import Capacity, Signatory
from iam.institutions.register import import_institutions
from iam.institutions.signatory_file import COLUMNS, import_signatories
from iam.orders import places
from iam.orders import service as orders
from iam.orders.models import ChangeKind, Order
from iam.orders.said import Change, OrderSaid, PartySaid
from iam.orders.states import OrderState
from iam.people import service as people

_REASON = "Rīkojums Nr. 7"
_BECAUSE = SignedPair(ApplicationId(7), JudgedDocument("1" * 64, 1), JudgedDocument("2" * 64, 2))
_REVOCATION = SignedApplication(ApplicationId(8), JudgedDocument("3" * 64, 3))


_CLOSING = OrderSaid(
    reference="1-3/7",
    legal_basis="Domes lēmums",
    effective=date(2026, 9, 2),
    changes=(Change(kind=ChangeKind.CLOSED, sources=(PartySaid(reg_no="4113900001"),)),),
)

_FOUNDING = OrderSaid(
    reference="1-3/8",
    legal_basis="Domes lēmums",
    effective=date(2026, 9, 2),
    changes=(
        Change(
            kind=ChangeKind.TRANSFORMED,
            sources=(PartySaid(reg_no="4113900001"),),
            targets=(PartySaid(reg_no="4113900009", founded_as="Aldas ģimnāzija"),),
        ),
    ),
)


@pytest.fixture(autouse=True)
def without_foreign_keys(session: Session) -> None:
    """Let evidence name applications that other parts of the service would have written."""
    session.execute(text("SET LOCAL session_replication_role = replica"))


@dataclass(frozen=True, slots=True)
class World:
    """What the acts are done to."""

    session: Session
    account: Account
    school: ScopeId
    folder: Path

    def grant(self) -> Grant:
        return given(self.session, self.account, self.school, because=_BECAUSE)

    def order(self) -> Order:
        known = orders.in_force(self.session)
        return known[0] if known else orders.draft(self.session, [_CLOSING], origin=BY_REVIEWER, at=AT)[0]

    def by_order(self) -> ByOrder:
        order = self.order()
        return ByOrder(OrderId(order.id), order.digest)

    def order_undone(self) -> OrderUndone:
        order = self.order()
        return OrderUndone(OrderId(order.id), order.digest)

    def signatory(self) -> Signatory:
        return record_signatory(
            self.session,
            scope_id=self.school,
            person_id=self.account.person_id,
            capacity=Capacity.HEAD,
            since=None,
            until=None,
            source=_REASON,
            evidence="4" * 64,
            origin=BY_REVIEWER,
            at=AT,
        )


def _rename(world: World) -> Callable[[], object]:
    anna = world.account.person
    return lambda: people.rename(
        world.session, anna, given_name="Anna", surname="Ozola", origin=BY_REVIEWER, at=AT + DAY
    )


def _rename_holder(world: World) -> Callable[[], object]:
    return lambda: accounts.rename_holder(
        world.session,
        world.account,
        given_name="Anna",
        surname="Ozola",
        reason=_REASON,
        origin=BY_REVIEWER,
        at=AT + DAY,
    )


def _shut(world: World) -> Callable[[], object]:
    return lambda: accounts.disable(world.session, world.account, origin=BY_REVIEWER, at=AT, because=_BECAUSE)


def _open(world: World) -> Callable[[], object]:
    accounts.disable(world.session, world.account, origin=BY_REVIEWER, at=AT)
    return lambda: accounts.enable(world.session, world.account, origin=BY_REVIEWER, at=AT, because=_BECAUSE)


def _open_account(world: World) -> Callable[[], object]:
    janis = person(world.session, "Jānis Ozols")
    return lambda: accounts.open_account(
        world.session,
        person=janis,
        email="janis@alda.example",
        phone="",
        language="lv",
        because=_BECAUSE,
        origin=BY_REVIEWER,
        at=AT,
    )


def _change_contact(world: World) -> Callable[[], object]:
    return lambda: accounts.change_contact(
        world.session,
        world.account,
        email="new@alda.example",
        phone="",
        language="en",
        because=_BECAUSE,
        origin=BY_REVIEWER,
        at=AT,
    )


def _give(world: World) -> Callable[[], object]:
    return lambda: service.give(
        world.session,
        "learners",
        Level.VIEW,
        to=world.account,
        at_scope=world.school,
        since=TODAY,
        until=None,
        because=_BECAUSE,
        origin=BY_REVIEWER,
        at=AT,
    )


def _end(world: World) -> Callable[[], object]:
    grant = world.grant()
    return lambda: service.end(
        world.session,
        grant,
        last_day=TODAY,
        cause=EndCause.APPLICATION,
        because=_REVOCATION,
        origin=BY_REVIEWER,
        at=AT + DAY,
    )


def _end_at_once(world: World) -> Callable[[], object]:
    grant = world.grant()
    return lambda: service.end_at_once(
        world.session, grant, cause=EndCause.IZM, origin=BY_REVIEWER, at=AT + DAY, reason=_REASON
    )


def _end_account(world: World) -> Callable[[], object]:
    world.grant()
    return lambda: service.end_account(
        world.session, world.account, cause=EndCause.APPLICATION, because=_REVOCATION, origin=BY_REVIEWER, at=AT + DAY
    )


def _give_all(world: World) -> Callable[[], object]:
    gifts = [
        service.Gift(
            section=section,
            level=Level.VIEW,
            to=world.account.id,
            at_scope=world.school,
            since=TODAY,
            until=None,
            because=_BECAUSE,
        )
        for section in ("learners", "staff")
    ]
    return lambda: service.give_all(world.session, gifts, origin=BY_REVIEWER, at=AT)


def _end_all(world: World) -> Callable[[], object]:
    grants = [given(world.session, world.account, world.school, section) for section in ("learners", "staff")]
    ends, because = [service.End(GrantId(grant.id), TODAY) for grant in grants], world.by_order()
    return lambda: service.end_all(
        world.session,
        ends,
        cause=EndCause.REORGANISATION,
        because=because,
        origin=BY_REVIEWER,
        at=AT + DAY,
    )


def _reinstate(world: World) -> Callable[[], object]:
    _end_all(world)()
    period = _ended(world.session)[0]
    return lambda: service.reinstate(
        world.session, period, because=world.order_undone(), origin=BY_REVIEWER, at=AT + 5 * DAY
    )


def _reinstate_all(world: World) -> Callable[[], object]:
    _end_all(world)()
    periods = _ended(world.session)
    return lambda: service.reinstate_all(
        world.session, periods, because=world.order_undone(), origin=BY_REVIEWER, at=AT + 5 * DAY
    )


def _draft(world: World) -> Callable[[], object]:
    return lambda: orders.draft(world.session, [_CLOSING], origin=BY_REVIEWER, at=AT)


def _move(world: World) -> Callable[[], object]:
    order = world.order()
    return lambda: orders.move(world.session, order, OrderState.APPROVED, origin=BY_REVIEWER, at=AT)


def _found_targets(world: World) -> Callable[[], object]:
    (order,) = orders.draft(world.session, [_FOUNDING], origin=BY_REVIEWER, at=AT)
    return lambda: places.found_targets(world.session, order, origin=BY_REVIEWER, at=AT)


def _change_places(world: World) -> Callable[[], object]:
    (order,) = orders.draft(world.session, [_CLOSING], origin=BY_REVIEWER, at=AT)
    return lambda: places.change_places(world.session, order, origin=BY_REVIEWER, at=AT)


def _put_places_back(world: World) -> Callable[[], object]:
    (order,) = orders.draft(world.session, [_CLOSING], origin=BY_REVIEWER, at=AT)
    places.change_places(world.session, order, origin=BY_REVIEWER, at=AT)
    return lambda: places.put_places_back(world.session, order, origin=BY_REVIEWER, at=AT)


def _register(world: World) -> Callable[[], object]:
    code = invented_code("somebody new")
    return lambda: people.register(
        world.session, code=code, given_name="Zane", surname="Zāle", origin=BY_REVIEWER, at=AT
    )


def _change_code(world: World) -> Callable[[], object]:
    code, anna = invented_code("another of hers"), world.account.person
    return lambda: people.change_code(world.session, anna, code, origin=BY_REVIEWER, at=AT + DAY)


def _record_signatory(world: World) -> Callable[[], object]:
    return world.signatory


def _shorten_signatory(world: World) -> Callable[[], object]:
    signatory = world.signatory()
    last = date(2027, 1, 1)
    return lambda: shorten_signatory(
        world.session, signatory, last_day=last, source=_REASON, origin=BY_REVIEWER, at=AT + DAY
    )


def _withdraw_signatory(world: World) -> Callable[[], object]:
    signatory = world.signatory()
    return lambda: withdraw_signatory(world.session, signatory, origin=BY_REVIEWER, at=AT + DAY)


def _import_institutions(world: World) -> Callable[[], object]:
    file = register_file(world.folder, *ROWS)
    return lambda: import_institutions(world.session, file, origin=BY_REVIEWER, at=AT + DAY)


def _import_signatories(world: World) -> Callable[[], object]:
    content = f"{';'.join(COLUMNS)}\n".encode()
    return lambda: import_signatories(world.session, content, origin=BY_REVIEWER, at=AT + DAY)


def _ended(session: Session) -> list[GrantPeriod]:
    return list(session.scalars(select(GrantPeriod).where(GrantPeriod.end_cause == EndCause.REORGANISATION)))


_RESTS_ON = fingerprint(_BECAUSE)
_ENDED_BY = fingerprint(_REVOCATION)
# Each: what prepares the act and gives it; what it says, and the digest it rests on ("*": of the file).
ACTS: dict[str, tuple[Callable[[World], Callable[[], object]], list[tuple[str, str | None]]]] = {
    "iam.people.service.register": (_register, [("person:registered", None)]),
    "iam.people.service.rename": (_rename, [("person:renamed", None)]),
    "iam.people.service.change_code": (_change_code, [("person:code_changed", None)]),
    "iam.grants.accounts.open_account": (_open_account, [("account:opened", _RESTS_ON)]),
    "iam.grants.accounts.change_contact": (_change_contact, [("account:contact_changed", _RESTS_ON)]),
    "iam.grants.accounts.rename_holder": (_rename_holder, [("person:renamed", None)]),
    "iam.grants.accounts.disable": (_shut, [("account:disabled", _RESTS_ON)]),
    "iam.grants.accounts.enable": (_open, [("account:enabled", _RESTS_ON)]),
    "iam.grants.giving.give": (_give, [("grant:given", _RESTS_ON)]),
    "iam.grants.ending.end": (_end, [("grant:ended", _ENDED_BY)]),
    "iam.grants.ending.end_at_once": (_end_at_once, [("grant:ended", _RESTS_ON)]),
    "iam.grants.ending.end_account": (_end_account, [("grant:ended", _ENDED_BY), ("account:ended", _ENDED_BY)]),
    "iam.grants.giving.give_all": (_give_all, [("grant:given", _RESTS_ON)] * 2),
    "iam.grants.ending.end_all": (_end_all, [("grant:ended", "order")] * 2),
    "iam.grants.giving.reinstate": (_reinstate, [("grant:reinstated", "undone")]),
    "iam.grants.giving.reinstate_all": (_reinstate_all, [("grant:reinstated", "undone")] * 2),
    "iam.orders.service.draft": (_draft, [("order:drafted", "digest")]),
    "iam.orders.service.move": (_move, [("order:approved", "digest")]),
    "iam.orders.places.found_targets": (_found_targets, [("order:targets_founded", "digest")]),
    "iam.orders.places.change_places": (_change_places, [("order:places_changed", "digest")]),
    "iam.orders.places.put_places_back": (_put_places_back, [("order:places_put_back", "digest")]),
    "iam.institutions.entitlements.record_signatory": (_record_signatory, [("signatory:recorded", "4" * 64)]),
    "iam.institutions.entitlements.shorten_signatory": (_shorten_signatory, [("signatory:shortened", None)]),
    "iam.institutions.entitlements.withdraw_signatory": (_withdraw_signatory, [("signatory:withdrawn", None)]),
    "iam.institutions.register.import_institutions": (_import_institutions, [("institutions:imported", "*")]),
    "iam.institutions.signatory_file.import_signatories": (_import_signatories, [("signatories:imported", "*")]),
}
# Public, they write, and are no acts of somebody.
NO_ACTS = {
    "iam.audit.record": "it is the entry",
    "iam.audit.record_all": "it is the entries",
    "iam.bulk.insert_all": "it writes what an act tells it to",
    "iam.bulk.insert_loaded": "it writes what an act tells it to",
    "iam.grants.accounts.revived": "a part of giving a right, asked below",
    "iam.grants.kept_evidence.kept": "a part of giving and ending",
    "iam.grants.kept_evidence.kept_all": "a part of giving and ending",
    "iam.grants.recording.add_periods": "a part of giving and ending",
    "iam.grants.recording.close": "a part of ending",
    "iam.grants.recording.follow": "a part of giving and ending",
    "iam.keycloak.projection.project": "the job shows what was decided, and records itself",
    "iam.keycloak.projection.project_all": "the same for many accounts",
    "iam.grants.accounts.record_act": "it writes the entry",
    "iam.orders.places.point_parties": "it changes no place: parties name what an order recorded before has founded",
    **{
        f"iam.institutions.changing.{name}": "a part of carrying an order out, which records itself"
        for name in (
            "found_again",
            "found_institution",
            "found_municipality",
            "end_on_first_day",
            "end_place",
            "rename",
            "free_code",
            "recode",
            "move_members",
            "put_back",
            "take_away",
        )
    },
    "iam.institutions.service.scope_of_institution": "a scope is only a name for a place",
    "iam.institutions.service.scope_of_municipality": "a scope is only a name for a place",
    "iam.institutions.service.scope_by_code": "a scope is only a name for a place",
    "iam.institutions.service.state_scope": "a scope is only a name for a place",
}


@pytest.mark.parametrize(("prepare", "said"), ACTS.values(), ids=ACTS)
def test_an_act_writes_its_one_entry_and_says_what_it_rests_on(
    session: Session,
    account: Account,
    school: ScopeId,
    tmp_path: Path,
    prepare: Callable[[World], Callable[[], object]],
    said: list[tuple[str, str | None]],
) -> None:
    act = prepare(World(session, account, school, tmp_path))
    before = _entries(session)
    act()
    new = _entries(session)[len(before) :]
    assert [entry.tag for entry in new] == [tag for tag, _ in said]
    for entry, (_, digest) in zip(new, said, strict=True):
        assert entry.evidence == _digest(session, entry, digest)
        assert (f"{entry.actor_kind}:{entry.actor_id}", entry.door) == (str(BY_REVIEWER.actor), BY_REVIEWER.door)


def test_every_function_that_writes_is_asked_here() -> None:
    writing = set(_public_writers())
    assert writing - set(NO_ACTS) == set(ACTS)
    assert set(NO_ACTS) <= writing, "no longer written by"


def test_a_new_right_that_opens_an_ended_account_says_so(session: Session, account: Account, school: ScopeId) -> None:
    service.end_account(session, account, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT)
    before = _entries(session)
    given(session, account, school, because=_BECAUSE, at=AT + DAY)
    new = _entries(session)[len(before) :]
    assert [(entry.tag, entry.evidence) for entry in new] == [
        ("account:revived", _RESTS_ON),
        ("grant:given", _RESTS_ON),
    ]


def test_what_changes_nothing_says_nothing(session: Session, account: Account) -> None:
    before = len(_entries(session))
    person(session)
    service.enable(session, account, origin=BY_REVIEWER, at=AT)
    people.rename(session, account.person, given_name="Anna", surname="Bērziņa", origin=BY_REVIEWER, at=AT)
    people.change_code(session, account.person, invented_code("Anna Bērziņa"), origin=BY_REVIEWER, at=AT)
    contact = {"email": account.email, "phone": account.phone, "language": account.language}
    service.change_contact(session, account, because=None, origin=BY_REVIEWER, at=AT, **contact)
    assert len(_entries(session)) == before


def test_an_end_says_where_when_why_and_keeps_the_words(session: Session, account: Account, school: ScopeId) -> None:
    grant = given(session, account, school, because=_BECAUSE)
    last = TODAY + timedelta(days=3)
    service.end(session, grant, last_day=last, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + DAY, reason=" Aizgāja ")
    entry = _entries(session)[-1]
    assert entry.subject == f"grant:{grant.id}"
    assert entry.details == {
        "account": account.id,
        "scope": "i-4113900001",
        "section": "learners",
        "level": "edit",
        "evidence": "signed_pair",
        "cause": "head",
        "last_day": "2026-09-04",
        "documented": False,
        "reason": "Aizgāja",
    }


def _digest(session: Session, entry: AuditEntry, said: str | None) -> str | None:
    order = next(iter(orders.in_force(session)), None)
    match said:
        case "*":
            return entry.subject.removeprefix("file:")
        case "digest" if order:
            return order.digest
        case "order" if order:
            return fingerprint(ByOrder(OrderId(order.id), order.digest))
        case "undone" if order:
            return fingerprint(OrderUndone(OrderId(order.id), order.digest))
        case _:
            return said


def _entries(session: Session) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


_WRITING = frozenset({"session.add", "session.add_all", "session.flush"})
_STATEMENTS = frozenset({"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete"})


def _public_writers() -> Iterator[str]:
    """Name every public function of iam that takes a session and writes, itself or through another of iam."""
    calls: dict[str, set[str]] = {}
    public: set[str] = set()
    for module in _modules():
        tree = ast.parse(inspect.getsource(module))
        known = _names(tree, module.__name__)
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            path = f"{module.__name__}.{node.name}"
            calls[path] = {_called(call.func, known) for call in ast.walk(node) if isinstance(call, ast.Call)}
            argument = node.args.args[:1] if isinstance(node, ast.FunctionDef) else []
            if argument and argument[0].arg == "session" and node.name in getattr(module, "__all__", ()):
                public.add(path)
    writing = set(_WRITING | _STATEMENTS)
    while more := {path for path, called in calls.items() if called & writing} - writing:
        writing |= more
    return (path for path in public if path in writing)


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(iam.__path__, "iam."):
        yield import_module(found.name)


def _names(tree: ast.Module, module: str) -> dict[str, str]:
    """Say what the names of a module stand for: its own functions, and what it imports."""
    own = {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return imported | own


def _called(function: ast.expr, known: Mapping[str, str]) -> str:
    match function:
        case ast.Name(id=name):
            return known.get(name, name)
        case ast.Attribute(value=ast.Name(id=of), attr=name):
            return f"{known.get(of, of)}.{name}"
        case ast.Attribute(value=ast.Attribute(attr="_session"), attr=name):
            return f"session.{name}"
        case _:
            return ""
