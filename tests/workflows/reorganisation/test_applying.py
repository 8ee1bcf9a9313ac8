"""A plan that two people approved is carried out on its day, and undone while nothing newer rests on it."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from builders.iam.register import BY_REVIEWER, person
from builders.workflows.policy_numbers import set_numbers
from iam.audit import AuditEntry, Door
from iam.grants import service as grants
from iam.grants.models import EndCause
from iam.institutions import service as institutions
from iam.institutions.entitlements import known_signatories, record_signatory
from iam.institutions.models import Capacity, Institution, InstitutionName, MunicipalityCode
from iam.institutions.rules import entitlement_of
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga, riga_day
from tests.workflows.reorganisation.office import AT, DAY, JOINED, Office
from workflows import staff
from workflows.proposals.errors import IsParty, RestsOnChanged, SamePerson
from workflows.proposals.models import Proposal
from workflows.reorganisation import cap
from workflows.reorganisation.applying import approved_for, given_since
from workflows.reorganisation.approving import subject_of
from workflows.reorganisation.errors import NothingPlanned, OverCap, RestsOnIt
from workflows.staff import Role

A, B, C = "i-4113900001", "i-4101900002", "i-4213900003"
NEW = "i-4113900009"
TRANSFORMED = "1-3/8,Domes lēmums,2026-09-01,transformed,4113900001,4113900009=Aldas ģimnāzija,,\n"


def test_an_approved_order_ends_rights_on_its_day_with_one_mail_a_person(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A, "learners", "staff")
    office.give(zane, C)
    _, proposal = office.approved(JOINED)
    before = office.held()
    assert office.carry_out(proposal) == 0
    assert (office.states(), office.held()) == ({"1-3/7": OrderState.APPROVED}, before)
    office.now = midnight_in_riga(DAY)
    assert office.carry_out(proposal) > 0
    assert office.states() == {"1-3/7": OrderState.APPLIED}
    assert office.held() == {("zane.kalna", C, "learners", "edit")}
    assert len(office.held(DAY - timedelta(days=1))) == 3
    assert office.mails("rights_ended") == ["anna@skola.example"]
    with office.sessions() as session:
        ended = grants.history(session, anna.id)
        assert {(one.until, one.end_cause) for one in ended} == {(date(2026, 8, 31), EndCause.REORGANISATION)}
        (order,) = session.scalars(select(Order))
        entries = session.scalars(select(AuditEntry).where(AuditEntry.tag == "grant:ended")).all()
        assert len(entries) == 2
        school = session.scalars(select(Institution).where(Institution.reg_no == "4113900001")).one()
        assert school.closed == date(2026, 8, 31)
        assert [step.state for step in order.steps] == [
            OrderState.DRAFTED,
            OrderState.APPROVED,
            OrderState.APPLYING,
            OrderState.APPLIED,
        ]
    assert office.carry_out(proposal) == 0


def test_each_right_that_ends_names_its_own_order_alone(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    for place in (A, B, C):
        office.give(anna, place)
    lines = (
        "1,Pirmais lēmums,2026-09-01,closed,4113900001,,,\n"
        "2,Otrais lēmums,2026-09-01,closed,4101900002,,,\n"
        "3,Trešais lēmums,2026-08-31,closed,4213900003,,,\n"
    )
    _, proposal = office.approved(lines)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert set(office.states().values()) == {OrderState.APPLIED}
    with office.sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.tag == "grant:ended")).all()
        reasons = sorted(str(one.details["reason"]) for one in entries)
    assert reasons == ["1, Pirmais lēmums", "2, Otrais lēmums", "3, Trešais lēmums"]


def test_what_an_order_founds_exists_from_the_approval_on_and_rights_may_wait_there(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    _, proposal = office.approved(TRANSFORMED)
    office.give(anna, NEW, since=DAY)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.held(DAY - timedelta(days=1)) == {("anna.berzina", A, "learners", "edit")}
    assert office.held() == {("anna.berzina", NEW, "learners", "edit")}
    with office.sessions() as session:
        made = session.scalars(select(Institution).where(Institution.reg_no == "4113900009")).one()
        assert (made.opened, made.stage) == (DAY, "Vispārējās izglītības iestāde")
        (found,) = institutions.search(session, "Aldas ģimnāzija", on=DAY)
        assert found.municipality == "Aldas novads"


def test_a_right_given_since_the_approval_is_not_ended_until_it_is_approved_too(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A)
    ids, first = office.approved(JOINED)
    office.give(zane, A)
    office.now = midnight_in_riga(DAY)
    office.carry_out(first)
    assert office.states() == {"1-3/7": OrderState.APPLYING}
    assert office.held() == {("zane.kalna", A, "learners", "edit")}
    with office.sessions() as session:
        rows = [orders.order_with(session, one) for one in ids]
        ((left, by),) = given_since(session, rows, approved_for(session, subject_of(ids)))
        assert (left.account, by.order) == ("zane.kalna", "1-3/7")
    second = office.propose(ids)
    office.confirm(second)
    office.carry_out(second)
    assert (office.states(), office.held()) == ({"1-3/7": OrderState.APPLIED}, set())
    assert office.mails("rights_ended") == ["anna@skola.example", "zane@skola.example"]


def test_a_right_changed_between_proposal_and_confirmation_is_named_and_nothing_happens(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    proposal = office.propose(office.record(JOINED))
    office.give(anna, A, "staff")
    with pytest.raises(RestsOnChanged) as changed:
        office.confirm(proposal)
    assert changed.value.names == ("rights",)
    assert office.states() == {"1-3/7": OrderState.DRAFTED}


def test_nobody_confirms_their_own_plan_nor_one_that_ends_their_rights(office: Office) -> None:
    dace = office.account("Dace Ozola")
    office.give(dace, A)
    proposal = office.propose(office.record(JOINED))
    with pytest.raises(IsParty):
        office.confirm(proposal, "dace.ozola")
    with pytest.raises(SamePerson):
        office.confirm(proposal, "inese.kalna")


def test_a_plan_above_the_cap_waits_for_an_administrator_who_names_it(office: Office) -> None:
    for name in ("Anna Bērziņa", "Zane Kalna"):
        office.give(office.account(name), A)
    with office.sessions.begin() as session:
        set_numbers(session, plan_cap_accounts=1)
    ids = office.record(JOINED)
    with pytest.raises(OverCap) as over:
        office.propose(ids)
    assert (over.value.accounts, over.value.most) == (2, 1)
    with office.sessions.begin() as session:
        cap.raise_for(session, "0" * 64, accounts=2, by="una.a", reason="cits plāns", origin=BY_REVIEWER, at=AT)
    with pytest.raises(OverCap):
        office.propose(ids)
    with office.sessions.begin() as session:
        both = {Role.ADMINISTRATOR, Role.APPROVER}
        staff.add(session, "una.a", name="Una", roles=both, by=BY_REVIEWER.actor, door=Door.CLI, at=AT)
        digest = over.value.digest
        cap.raise_for(session, digest, accounts=2, by="una.a", reason="reforma 2026", origin=BY_REVIEWER, at=AT)
    proposal = office.propose(ids)
    with office.sessions() as session:
        shown = json.dumps(session.get_one(Proposal, proposal).shown)
    assert "una.a" in shown
    assert "reforma 2026" in shown
    with pytest.raises(IsParty):
        office.confirm(proposal, "una.a")
    office.confirm(proposal)
    assert office.states() == {"1-3/7": OrderState.APPROVED}


def test_an_order_found_wrong_a_week_after_it_was_carried_out_is_undone_with_a_gap(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A, "learners", "staff")
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, A).id,
            person_id=person(session, "Ilze Kalna").id,
            capacity=Capacity.HEAD,
            since=None,
            until=None,
            source="reģistrs",
            origin=BY_REVIEWER,
            at=AT,
        )
    before = office.held()
    ids, proposal = office.approved(TRANSFORMED)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert not _signing(office, A)
    office.pass_days(7)
    with office.sessions() as session:
        entries = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert office.states() == {"1-3/8": OrderState.UNDONE}
    assert office.held() == before
    assert office.held(DAY) == set()
    assert _signing(office, A) == ["Ilze Kalna"]
    assert office.mails("rights_again") == ["anna@skola.example"]
    with office.sessions() as session:
        assert (session.scalar(select(func.count()).select_from(AuditEntry)) or 0) > entries
        assert session.scalar(select(Institution.id).where(Institution.reg_no == "4113900009")) is None
        school = session.scalars(select(Institution).where(Institution.reg_no == "4113900001")).one()
        assert school.closed is None
    # Corrected, it is recorded once more under the same reference, with the same new number.
    office.record(TRANSFORMED.replace("2026-09-01", "2026-12-01"))


def test_undoing_says_what_newer_rests_on_it_and_undoes_the_rest(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A)
    office.give(zane, A)
    ids, proposal = office.approved(TRANSFORMED)
    office.give(anna, NEW, since=DAY)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    back = office.propose_undo(ids)
    with office.sessions() as session:
        told = session.get_one(Proposal, back)
        assert told.count == 2
        assert any("founded" in str(fact) for fact in told.shown["facts"])
    office.confirm(back)
    office.undo(back)
    assert office.states() == {"1-3/8": OrderState.UNDONE}
    assert office.held() >= {(name, A, "learners", "edit") for name in ("anna.berzina", "zane.kalna")}
    with office.sessions() as session:
        # A right holds there: the place goes on until an order ends it.
        assert session.scalars(select(Institution).where(Institution.reg_no == "4113900009")).one().closed is None


def test_a_later_order_about_the_same_place_is_undone_first(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), C)
    first, one = office.approved(JOINED)
    office.now = midnight_in_riga(DAY)
    office.carry_out(one)
    office.pass_days(1)
    second, other = office.approved("2,Domes lēmums,2026-09-02,renamed,4213900003,,Cīruļu vidusskola,\n")
    office.carry_out(other)
    with pytest.raises(RestsOnIt, match="2"):
        office.propose_undo(first)
    back = office.propose_undo(second)
    office.confirm(back)
    office.undo(back)
    with office.sessions() as session:
        names = session.scalars(select(InstitutionName.name).where(InstitutionName.name.like("Cīruļu%"))).all()
        assert names == ["Cīruļu pamatskola"]
    office.confirm(office.propose_undo(first))


def test_a_code_and_a_name_change_on_their_day_and_come_back(office: Office) -> None:
    lines = (
        "1,Likums,2026-09-01,recoded,0099100,,,0099101\n"
        "1,Likums,2026-09-01,renamed,0099100,,Cīruļu pilsēta,\n"
        "1,Likums,2026-09-01,branch_created,4213900003,,Filiāle,\n"
    )
    ids, proposal = office.approved(lines)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert _municipality(office, DAY) == ("0099101", "Cīruļu pilsēta")
    assert _municipality(office, DAY - timedelta(days=1)) == ("0099100", "Cīruļu novads")
    office.pass_days(1)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert _municipality(office, DAY) == ("0099100", "Cīruļu novads")


def test_what_waits_or_is_undone_is_not_undone_again(office: Office) -> None:
    ids = office.record(JOINED)
    with pytest.raises(NothingPlanned):
        office.propose_undo(ids)
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        orders.move(session, row, OrderState.REPEALED, origin=BY_REVIEWER, at=AT, reason="Satversmes tiesa")
    with pytest.raises(NothingPlanned):
        office.propose(ids)


def _signing(office: Office, place: str) -> list[str]:
    with office.sessions() as session:
        scope = institutions.scope_by_code(session, place).id
        day = riga_day(office.now)
        known = known_signatories(session, scope)
        return [one.person.full_name for one in known if entitlement_of(one).holds_on(day)]


def _municipality(office: Office, day: date) -> tuple[str, str]:
    with office.sessions() as session:
        id_ = session.scalars(
            select(MunicipalityCode.municipality_id).where(MunicipalityCode.atvk.in_(("0099100", "0099101"))).limit(1)
        ).one()
        code = session.scalars(
            select(MunicipalityCode.atvk).where(
                MunicipalityCode.municipality_id == id_, MunicipalityCode.period.contains(day)
            )
        ).one()
        place = institutions.place_by_code(session, f"m-{id_}")
        return code, institutions.place_name(session, place, on=day)
