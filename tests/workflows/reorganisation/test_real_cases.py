"""What happened in Latvia comes out right, on the real register with ten thousand invented people."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from builders.iam.populations import MUNICIPAL, invented_institution
from builders.iam.register import BY_REVIEWER
from builders.iam.rights import given, opened
from builders.shared import SHARED
from builders.workflows import filed
from iam.audit import Door
from iam.grants import service as grants
from iam.grants.models import EndCause, GrantPeriod
from iam.ids import AccountId, OrderId
from iam.institutions import service as institutions
from iam.institutions.models import MunicipalityCode, MunicipalityName, Scope
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import SYSTEM, URL, Office
from tests.workflows.reorganisation.test_open_applications import draft_for, someone
from workflows import database, staff
from workflows.reorganisation import reading
from workflows.reorganisation.checking import checked, planned
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.order_files import read_orders
from workflows.reorganisation.plan import Fate, Plan
from workflows.restoration import reading as restoration
from workflows.restoration.rules import Verdict
from workflows.staff import Role

pytestmark = pytest.mark.shared

HEADER = "reference,legal_basis,effective,change,sources,targets,new_name,new_code\n"
ATR = (SHARED / "data" / "atr2021.csv").read_bytes() if SHARED.is_dir() else b""
LATER = (SHARED / "data" / "atr_later.csv").read_bytes() if SHARED.is_dir() else b""
AT = datetime(2021, 5, 1, 8, tzinfo=UTC)


def plan_of(session: Session, content: bytes | str) -> Plan:
    raw = content if isinstance(content, bytes) else (HEADER + content).encode()
    return planned(session, checked(session, read_orders(raw)))


def municipality(session: Session, name: str, on: date) -> str:
    found = session.scalars(
        select(MunicipalityName.municipality_id).where(
            MunicipalityName.name == name, MunicipalityName.period.contains(on)
        )
    ).one()
    return f"m-{found}"


def test_the_whole_reform(reform: Session) -> None:
    made = plan_of(reform, ATR)
    eve, day = date(2021, 6, 30), date(2021, 7, 1)
    # every right in a municipality or an institution with one has one fate, and nothing else is touched
    fates: dict[int, Fate] = {}
    for one in made.changes:
        if one.grant is not None:
            assert one.grant not in fates
            fates[one.grant] = one.fate
    # the four institutions with a broken address lie in no municipality
    placed = {one.scope for one in made.changes if one.grant and (one.scope or "").startswith("i-")}
    assert len(placed) == 2713 - 4
    # 104 old municipalities end with all their rights, on the eve; 15 stay and get another code
    of_place: defaultdict[str | None, set[Fate]] = defaultdict(set)
    for one in made.changes:
        if one.grant is not None and one.scope is not None and one.scope.startswith("m-"):
            of_place[one.scope].add(one.fate)
    assert Counter(map(frozenset, of_place.values())) == {
        frozenset({Fate.ENDS}): 104,
        frozenset({Fate.RECODED}): 15,
    }
    ends = made.of(Fate.ENDS)
    assert {(one.last_day, one.cause) for one in ends} == {(eve, "reform")}
    assert all(one.scope is not None and one.scope.startswith("m-") for one in ends)
    recoded = [one for one in made.of(Fate.RECODED) if one.grant is None]
    assert len(recoded) == 15
    assert len(ends) + len([one for one in made.of(Fate.RECODED) if one.grant]) == MUNICIPAL
    # institutions keep their number, and their rights
    assert {one.fate for one in made.changes if one.grant and (one.scope or "").startswith("i-")} == {Fate.STAYS}
    # all codes changed
    codes = select(MunicipalityCode.atvk).where(MunicipalityCode.period.contains(day))
    assert len(set(reform.scalars(codes))) == 43
    # both splits have no successor; everybody else applies in the novads that is new
    aglona, inchukalns = (municipality(reform, f"{name} novads", eve) for name in ("Aglonas", "Inčukalna"))
    needed: defaultdict[str | None, set[str | None]] = defaultdict(set)
    told = {one.account: one for one in ends}
    for one in made.of(Fate.NEEDS_APPLICATION):
        needed[told[one.account].scope].add(one.scope)
    assert needed[aglona] == needed[inchukalns] == {None}
    assert needed[municipality(reform, "Ilūkstes novads", eve)] == {municipality(reform, "Augšdaugavas novads", day)}
    assert len({scope for scopes in needed.values() for scope in scopes if scope}) == 28
    # nobody was in a new novads yet, so each is told as empty
    assert len([one for one in made.of(Fate.GAP) if one.account is None]) == 28


def test_a_right_taken_by_the_reform_at_gulbene_can_be_restored_and_one_of_aglona_cannot(reform: Session) -> None:
    eve = date(2021, 6, 30)
    account = opened(reform)
    for name in ("Gulbenes novads", "Aglonas novads"):
        place = institutions.scope_by_code(reform, municipality(reform, name, eve)).id
        right = given(reform, account, place, since=date(2021, 1, 1), at=AT)
        grants.end(reform, right, last_day=date(2021, 4, 30), cause=EndCause.REFORM, origin=BY_REVIEWER, at=AT)
    (restorable,) = plan_of(reform, ATR).of(Fate.RESTORABLE)
    assert restorable.scope == municipality(reform, "Gulbenes novads", eve)
    assert (restorable.account, restorable.last_day) == (account.username, date(2021, 4, 30))


def test_people_whose_place_ends_are_not_asked_about_one_by_one(
    reform: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[AccountId] = []

    def verdict_on(session: Session, account: AccountId, *, on: date) -> Verdict:
        asked.append(account)
        return restoration.verdict_on(session, account, on=on)

    monkeypatch.setattr(reading, "verdict_on", verdict_on)
    for name in ("Gulbenes novads", "Aglonas novads", "Ilūkstes novads", "Amatas novads"):
        account = opened(reform, f"Anna {name.split()[0]}", email=f"{len(name)}.{name[0]}@alda.example")
        place = institutions.scope_by_code(reform, municipality(reform, name, date(2021, 6, 30))).id
        right = given(reform, account, place, since=date(2021, 1, 1), at=AT)
        grants.end(reform, right, last_day=date(2021, 4, 30), cause=EndCause.REFORM, origin=BY_REVIEWER, at=AT)
    assert len(plan_of(reform, ATR).of(Fate.RESTORABLE)) == 1
    assert len(asked) == 1


def test_a_right_that_restoration_would_deny_is_not_called_restorable(reform: Session) -> None:
    account = opened(reform)
    gulbene = institutions.scope_by_code(reform, municipality(reform, "Gulbenes novads", date(2021, 6, 30))).id
    for since, last, cause in (
        (date(2021, 1, 1), date(2021, 3, 31), EndCause.REFORM),
        (date(2021, 4, 1), date(2021, 4, 30), EndCause.HEAD),
    ):
        right = given(reform, account, gulbene, since=since, at=AT)
        grants.end(reform, right, last_day=last, cause=cause, origin=BY_REVIEWER, at=AT)
    assert plan_of(reform, ATR).of(Fate.RESTORABLE) == ()


def test_varaklani_into_madona(reform: Session) -> None:
    on = date(2025, 6, 30)
    varaklani, madona = (municipality(reform, f"{name} novads", on) for name in ("Varakļānu", "Madonas"))
    anna, zane = opened(reform), opened(reform, "Zane Kalna")
    given(reform, anna, institutions.scope_by_code(reform, varaklani).id, since=date(2024, 1, 1))
    given(reform, zane, institutions.scope_by_code(reform, madona).id, since=date(2024, 1, 1))
    made = plan_of(reform, LATER)
    assert [(one.fate, one.last_day) for one in made.changes if one.account == anna.username] == [
        (Fate.ENDS, on),
        (Fate.NEEDS_APPLICATION, None),
        (Fate.GAP, on),
    ]
    assert {one.scope for one in made.of(Fate.NEEDS_APPLICATION)} == {madona}
    assert [(one.fate, one.why) for one in made.changes if one.account == zane.username] == [
        (Fate.RECODED, "joined_to_municipality")
    ]


def test_dzerbene_and_taurene_merged(reform: Session) -> None:
    _school(reform, "4412900991", "Dzērbenes pamatskola", "anna bērziņa")
    _school(reform, "4412900992", "Taurenes pamatskola", "zane kalna")
    made = plan_of(
        reform, "1,Domes lēmums,2018-08-01,merged,4412900991|4412900992,4412903241=Vecpiebalgas novada pamatskola,,\n"
    )
    assert {(one.account, one.scope, one.last_day) for one in made.of(Fate.ENDS)} == {
        ("anna.berzina", "i-4412900991", date(2018, 7, 31)),
        ("zane.kalna", "i-4412900992", date(2018, 7, 31)),
    }
    assert {one.scope for one in made.of(Fate.NEEDS_APPLICATION)} == {"i-4412903241"}


def test_rujiena_one_source_joined_to_two(reform: Session) -> None:
    _school(reform, "4415900993", "Rūjienas internātpamatskola", "anna bērziņa")
    made = plan_of(reform, "1,Domes lēmums,2015-08-01,joined,4415900993,4413903084|4401903382,,\n")
    (needed,) = made.of(Fate.NEEDS_APPLICATION)
    assert (needed.account, needed.scope, needed.why) == ("anna.berzina", None, "no_automatic_successor")


def test_vilgale_changed_its_stage_and_so_its_number(reform: Session) -> None:
    _school(reform, "4112900994", "Vilgāles pamatskola", "anna bērziņa")
    made = plan_of(reform, "1,Domes lēmums,2018-09-01,transformed,4112900994,4111903375=Vilgāles sākumskola,,\n")
    assert [(one.fate, one.scope) for one in made.changes if one.account == "anna.berzina"] == [
        (Fate.ENDS, "i-4112900994"),
        (Fate.NEEDS_APPLICATION, "i-4111903375"),
        (Fate.GAP, "i-4112900994"),
    ]


def test_a_kindergarten_joined_as_a_branch_and_a_school_renamed(reform: Session) -> None:
    lines = (
        "1,Domes lēmums,2021-08-01,joined,4301902921,4311902782,,\n"
        "1,Domes lēmums,2021-08-01,branch_created,4311902782,,Aģupīte,\n"
        "2,Domes lēmums,2021-08-01,renamed,4413903084,,Rūjienas ģimnāzija,\n"
    )
    made = plan_of(reform, lines)
    fates: defaultdict[str | None, set[Fate]] = defaultdict(set)
    for one in made.changes:
        if one.grant is not None:
            fates[one.scope].add(one.fate)
    assert fates == {
        "i-4301902921": {Fate.ENDS},
        "i-4311902782": {Fate.STAYS},
        "i-4413903084": {Fate.STAYS},
    }


def test_two_orders_of_one_day_touch_one_school(reform: Session) -> None:
    lines = (
        "1,Domes lēmums,2021-08-01,joined,4301902921,4311902782,,\n"
        "2,Domes lēmums,2021-08-01,renamed,4311902782,,Skultes skola,\n"
    )
    made = plan_of(reform, lines)
    held = {one.account for one in made.of(Fate.STAYS)}
    for account in held:
        assert sorted(one.order for one in made.of(Fate.STAYS) if one.account == account) == ["1", "2"]
    with pytest.raises(BadOrderFile) as bad:
        plan_of(reform, lines + "3,Domes lēmums,2021-08-01,closed,4301902921,,,\n")
    assert [(one.line, one.code) for one in bad.value.faults] == [(4, "source.ends_twice")]


def test_an_order_repealed_by_a_court_before_its_day_stands_in_nobodys_way(reform: Session) -> None:
    skulte = "Skulte,Saeimas likums,2021-07-01,part_split_off,0660200,0047000,,\n"
    file = checked(reform, read_orders((HEADER + skulte).encode()))
    (row,) = orders.draft(reform, file.orders, origin=BY_REVIEWER, at=AT)
    # Both orders take effect on one day: that is no contradiction.
    before = plan_of(reform, ATR)
    orders.move(reform, row, OrderState.REPEALED, origin=BY_REVIEWER, at=AT, reason="Satversmes tiesa 2020-37-0106")
    after = plan_of(reform, ATR)
    assert before == after
    limbazi = municipality(reform, "Limbažu novads", date(2021, 6, 30))
    assert {one.fate for one in after.changes if one.scope == limbazi and one.grant} == {Fate.ENDS}


def test_a_school_closed_with_an_open_application_says_what_becomes_of_it(reform: Session) -> None:
    head, user = someone("Ilze Kalna"), someone("Anna Liepa")
    submitted = filed.submit(reform, head, user, base_url=URL, at=AT, place="4301902921").reference
    draft = draft_for(reform, "4301902921")
    made = plan_of(reform, "1,Domes lēmums,2021-08-01,closed,4301902921,,,\n")
    assert {one.reference for one in made.of(Fate.TO_WITHDRAW)} == {submitted, draft}
    made = plan_of(reform, "1,Domes lēmums,2021-08-01,joined,4301902921,4311902782,,\n")
    assert {one.reference for one in made.of(Fate.TO_WITHDRAW)} == {submitted}
    assert [(one.reference, one.scope) for one in made.of(Fate.READDRESSED)] == [(draft, "i-4311902782")]


def test_an_order_found_wrong_a_week_after_it_was_applied_leaves_a_gap_of_a_week(reform_url: str) -> None:
    office = _staffed(reform_url)
    kindergarten, day = "i-4301902921", date(2021, 8, 1)
    before = holders(office, kindergarten, day)
    assert before
    ids = office.record("1,Domes lēmums,2021-08-01,joined,4301902921,4311902782,,\n")
    proposal = office.propose(ids)
    office.confirm(proposal)
    office.now = midnight_in_riga(day)
    office.carry_out(proposal)
    assert holders(office, kindergarten, day) == set()
    assert holders(office, kindergarten, day - timedelta(days=1)) == before
    office.pass_days(7)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    week = [holders(office, kindergarten, day + timedelta(days=number)) for number in range(8)]
    assert week == [*([set()] * 7), before]
    office.sessions.kw["bind"].dispose()


def _school(session: Session, reg_no: str, name: str, person: str) -> None:
    invented_institution(session, reg_no, name)
    account = opened(session, person.title())
    given(session, account, institutions.scope_of_institution(session, reg_no).id, since=date(2010, 9, 1))


def test_the_whole_reform_is_carried_out_and_undone(reform_url: str) -> None:
    office = _staffed(reform_url)
    with office.sessions.begin() as session:
        said = checked(session, read_orders(ATR)).orders
        ids = [OrderId(row.id) for row in orders.draft(session, said, origin=BY_REVIEWER, at=AT)]
    eve, day = date(2021, 6, 30), date(2021, 7, 1)
    proposal = office.propose(ids)
    office.confirm(proposal)
    office.now = midnight_in_riga(day)
    before, kept = (rights_in_municipalities(office, one) for one in (eve, day))
    assert office.carry_out(proposal) > 0
    assert set(office.states().values()) == {OrderState.APPLIED}
    assert rights_in_municipalities(office, eve) == before
    after = rights_in_municipalities(office, day)
    assert len({scope for scope, _ in after}) == 15
    mails = office.mails("rights_ended")
    assert len(mails) == len(set(mails)) == len({holder for scope, holder in kept - after})
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert set(office.states().values()) == {OrderState.UNDONE}
    assert rights_in_municipalities(office, day) == kept
    office.sessions.kw["bind"].dispose()


def _staffed(url: str) -> Office:
    office = Office(database.session_factory(database.engine(url)), now=AT)
    with office.sessions.begin() as session:
        for username, roles in (("inese.kalna", {Role.REVIEWER}), ("valdis.upe", {Role.APPROVER})):
            staff.add(session, username, name=username, roles=roles, by=SYSTEM, door=Door.CLI, at=AT)
    return office


def holders(office: Office, place: str, day: date) -> set[str]:
    """Who holds a right in the place on the day."""
    with office.sessions() as session:
        scope = institutions.scope_by_code(session, place).id
        return {account.username for account, _ in grants.grants_in_scope(session, scope, on=day)}


def rights_in_municipalities(office: Office, day: date) -> set[tuple[int, int]]:
    """Who holds a right where on the day, of municipality level."""
    with office.sessions() as session:
        rows = (
            select(GrantPeriod.scope_id, GrantPeriod.account_id)
            .join(Scope, Scope.id == GrantPeriod.scope_id)
            .where(
                Scope.municipality_id.is_not(None),
                func.upper_inf(GrantPeriod.recorded),
                GrantPeriod.valid.contains(day),
            )
        )
        return {(scope, account) for scope, account in session.execute(rows)}
