"""Two people decide, on what both have seen, once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from builders.iam.register import imported
from builders.workflows.policy_numbers import set_numbers
from iam.audit import Actor, ActorKind, AuditEntry, Door, Origin
from iam.institutions import service as institutions
from iam.institutions.models import Scope
from iam.visibility import EVERYTHING, NOTHING, Visibility
from tests.workflows.proposals.conftest import AT, SUBJECT, SYSTEM, URL, Bench, Lamps
from workflows import staff
from workflows.proposals import errors, repository, service
from workflows.proposals.kinds import ProposalKind
from workflows.proposals.models import Proposal
from workflows.proposals.service import SecondPerson
from workflows.proposals.states import TRANSITIONS, ProposalEvent, State
from workflows.proposals.tags import ProposalTag
from workflows.staff import Role

ORIGIN = Origin(Actor(ActorKind.STAFF, "inese.kalna"), Door.REVIEW)


def test_another_person_confirms_and_it_is_carried_out_once(bench: Bench) -> None:
    proposal = bench.propose()
    confirmed = bench.confirm(proposal)
    assert bench.switched() == [(proposal.id, "staff:valdis.upe")]
    assert (confirmed.state, confirmed.confirmed_by, confirmed.ended_at) == (State.CARRIED_OUT, "valdis.upe", AT)
    with pytest.raises(errors.NotOpen):
        bench.confirm(proposal, by="dace.ozola")
    assert len(bench.switched()) == 1
    with bench.sessions() as session:
        said = session.scalars(select(AuditEntry).where(AuditEntry.tag.like("proposal:%")).order_by(AuditEntry.id))
        entries = [(entry.tag, entry.actor_id, entry.evidence) for entry in said]
    assert entries == [
        (ProposalTag.MADE.value, "inese.kalna", proposal.seen_digest),
        (ProposalTag.CONFIRMED.value, "valdis.upe", proposal.seen_digest),
    ]


def test_whoever_proposed_it_cannot_confirm_or_refuse_it(bench: Bench) -> None:
    proposal = bench.propose()
    with pytest.raises(errors.SamePerson):
        bench.confirm(proposal, by="inese.kalna")
    with pytest.raises(errors.SamePerson), bench.sessions.begin() as session:
        service.refuse(session, proposal.id, reason="nē", by=SecondPerson("inese.kalna"), at=AT)
    assert bench.state(proposal) == "proposed"


def test_the_database_itself_refuses_one_person_and_a_party(bench: Bench) -> None:
    bench.payload["parties"] = ["dace.ozola"]
    proposal = bench.propose()
    for who, rule in (("inese.kalna", "confirmed_by_another_person"), ("dace.ozola", "confirmed_by_no_party")):
        with pytest.raises(IntegrityError, match=f"ck_proposals_{rule}"), bench.sessions.begin() as session:
            session.execute(
                text("UPDATE proposals SET state = 'carried_out', confirmed_by = :who, ended_at = now()"), {"who": who}
            )
    bench.confirm(proposal)
    for statement in ("UPDATE proposals SET end_reason = 'x'", "DELETE FROM proposals"):
        with pytest.raises(IntegrityError, match="stays as it was") as refused:
            bench.run(statement)
        assert refused.value.orig.diag.constraint_name == "tr_proposals_as_they_were"  # type: ignore[union-attr]


def test_what_is_proposed_cannot_be_changed_while_it_waits(bench: Bench) -> None:
    bench.propose()
    with pytest.raises(IntegrityError, match="stays as it was made"):
        bench.run('UPDATE proposals SET payload = \'{"lamps": ["blue"]}\'')


def test_a_party_neither_proposes_nor_confirms(bench: Bench) -> None:
    bench.payload["parties"] = ["inese.kalna"]
    with pytest.raises(errors.IsParty):
        bench.propose()
    bench.payload["parties"] = ["valdis.upe"]
    proposal = bench.propose()
    with pytest.raises(errors.IsParty):
        bench.confirm(proposal)
    bench.confirm(proposal, by="dace.ozola")


def test_only_an_approver_decides_and_only_while_they_are_one(bench: Bench) -> None:
    proposal = bench.propose()
    with pytest.raises(errors.NotApprover):
        bench.confirm(proposal, by="anna.liepa")
    with bench.sessions.begin() as session:
        staff.end(session, "valdis.upe", by=SYSTEM, door=Door.CLI, at=AT)
    with pytest.raises(errors.NotApprover):
        bench.confirm(proposal)
    assert bench.switched() == []


@pytest.mark.parametrize("ago", [None, timedelta(minutes=5, seconds=1), timedelta(hours=2)])
def test_whoever_confirms_has_just_signed_in(bench: Bench, ago: timedelta | None) -> None:
    proposal = bench.propose()
    second = SecondPerson("valdis.upe", None if ago is None else AT - ago)
    with pytest.raises(errors.SignInAgain), bench.sessions.begin() as session:
        service.confirm(session, proposal.id, seen=proposal.seen_digest, count=2, by=second, base_url=URL, at=AT)


def test_how_fresh_a_sign_in_must_be_is_policy(bench: Bench) -> None:
    proposal = bench.propose()
    with bench.sessions.begin() as session:
        set_numbers(session, fresh_sign_in=1)
    second = SecondPerson("valdis.upe", AT - timedelta(minutes=2))
    with pytest.raises(errors.SignInAgain), bench.sessions.begin() as session:
        service.confirm(session, proposal.id, seen=proposal.seen_digest, count=2, by=second, base_url=URL, at=AT)


def test_both_have_seen_exactly_this(bench: Bench) -> None:
    with pytest.raises(errors.SeenOtherwise):
        bench.propose(seen="0" * 64)
    proposal = bench.propose()
    with pytest.raises(errors.SeenOtherwise):
        bench.confirm(proposal, seen="0" * 64)
    for typed in (None, 1, 3):
        with pytest.raises(errors.Miscounted):
            bench.confirm(proposal, count=typed)
    other = Bench(bench.sessions, payload={"lamps": ["red", "blue"]})
    with other.sessions() as session:
        prepared = service.prepare(session, "lamps.switch", subject=SUBJECT, payload=other.payload, at=AT)
    assert prepared.digest != proposal.seen_digest


def test_what_it_rests_on_has_changed(bench: Bench) -> None:
    proposal = bench.propose()
    bench.run("UPDATE lamps SET state = 'broken'")
    with pytest.raises(errors.RestsOnChanged) as refused:
        bench.confirm(proposal)
    assert refused.value.names == ("lamp",)
    assert bench.switched() == []
    again = bench.propose(by="anna.liepa")
    assert (bench.state(proposal), bench.state(again)) == ("outdated", "proposed")
    bench.confirm(again)


def test_what_days_alone_have_changed_is_not_carried_out(bench: Bench) -> None:
    bench.payload["dated"] = True
    proposal = bench.propose()
    bench.now += timedelta(days=1)
    with pytest.raises(errors.RestsOnChanged) as refused:
        bench.confirm(proposal, count=2)
    assert refused.value.names == ("shown",)
    assert bench.switched() == []
    again = bench.propose(by="anna.liepa")
    bench.confirm(again)
    assert bench.state(proposal) == "outdated"


@pytest.mark.parametrize("left", [True, False], ids=["left", "has another role"])
def test_a_proposal_does_not_outlive_its_proposer(bench: Bench, *, left: bool) -> None:
    proposal = bench.propose(by="anna.liepa")
    with bench.sessions.begin() as session:
        if left:
            staff.end(session, "anna.liepa", by=SYSTEM, door=Door.CLI, at=AT)
        else:
            auditor = {Role.AUDITOR}
            staff.add(session, "anna.liepa", name="anna.liepa", roles=auditor, by=SYSTEM, door=Door.CLI, at=AT)
    with pytest.raises(errors.RestsOnChanged) as refused:
        bench.confirm(proposal)
    assert refused.value.names == ("proposer",)
    assert bench.switched() == []
    with bench.sessions() as session:
        assert not service.waits(session, SUBJECT, at=AT), "another may propose it anew"
    bench.confirm(bench.propose())
    assert bench.state(proposal) == "outdated"


def test_one_proposal_about_one_thing_waits_at_a_time(bench: Bench) -> None:
    proposal = bench.propose()
    with pytest.raises(errors.AlreadyProposed) as refused:
        bench.propose(by="anna.liepa")
    assert refused.value.proposal_id == proposal.id


def test_one_whose_time_is_over_gives_way_as_expired(bench: Bench) -> None:
    proposal, other = bench.propose(), Bench(bench.sessions, now=AT + timedelta(days=20))
    again = other.propose(by="anna.liepa")
    assert (bench.state(proposal), bench.state(again)) == ("expired", "proposed")
    other.now += timedelta(days=20)
    with other.sessions.begin() as session:
        service.outdate(session, SUBJECT, by="anna.liepa", origin=ORIGIN, at=other.now)
    assert bench.state(again) == "expired"


def test_the_clock_ends_what_gives_way_at_the_same_moment(bench: Bench) -> None:
    proposal, other = bench.propose(), Bench(bench.sessions, now=AT + timedelta(days=20))
    with ThreadPoolExecutor(1) as aside, bench.sessions.begin() as session:
        assert service.expire(session, proposal.id, at=other.now)
        proposing = aside.submit(other.propose, by="anna.liepa")
        wait_for_a_lock(bench)
        session.commit()
        again = proposing.result(30)
    assert (bench.state(proposal), bench.state(again)) == ("expired", "proposed")


def test_of_two_who_propose_at_once_the_later_one_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of what it is about are not held: not every kind has some."""
    monkeypatch.setattr(Lamps, "hold", ProposalKind.hold)
    with ThreadPoolExecutor(1) as aside, bench.sessions.begin() as session:
        prepared = service.prepare(session, Lamps.name, subject=SUBJECT, payload=bench.payload, at=AT)
        first = service.propose(session, prepared, seen=prepared.digest, by="inese.kalna", origin=ORIGIN, at=AT)
        proposing = aside.submit(bench.propose, by="anna.liepa")
        wait_for_a_lock(bench)
        session.commit()
        with pytest.raises(errors.AlreadyProposed) as refused:
            proposing.result(30)
        assert refused.value.proposal_id == first.id


def wait_for_a_lock(bench: Bench) -> None:
    """Wait until another transaction waits for a row of proposals."""
    for _ in range(300):
        with bench.sessions() as session:
            if session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        time.sleep(0.1)
    raise AssertionError("nobody waits")


def test_a_page_reads_the_proposals_of_its_readers_scopes_alone(bench: Bench, tmp_path: Path) -> None:
    with bench.sessions.begin() as session:
        imported(session, tmp_path)
        institutions.scope_of_institution(session, "4113900001")
    proposal, day = bench.propose(), AT.date()
    assert proposal.scope_id is not None
    with bench.sessions() as session:
        another = session.scalars(select(Scope.id).where(Scope.id != proposal.scope_id).limit(1)).one()

        def read(sees: Visibility) -> list[int]:
            seen = [
                *repository.waiting(session, sees=sees, on=day),
                *repository.about(session, SUBJECT, sees=sees, on=day),
            ]
            return [one.id for one in seen]

        mine = Visibility(scopes=frozenset({proposal.scope_id}))
        for sees in (EVERYTHING, mine):
            assert read(sees) == [proposal.id] * 2
            assert service.proposal_numbered(session, proposal.id, sees=sees, on=day).id == proposal.id
        for sees in (NOTHING, Visibility(scopes=frozenset({another}))):
            assert read(sees) == []
            with pytest.raises(errors.NoSuchProposal):
                service.proposal_numbered(session, proposal.id, sees=sees, on=day)
    bench.confirm(proposal)
    with bench.sessions() as session:
        assert len(repository.recent(session, limit=5, sees=mine, on=day)) == 1
        assert repository.recent(session, limit=5, sees=NOTHING, on=day) == []


def test_of_sixteen_who_confirm_at_once_one_carries_it_out(bench: Bench, database_url: str) -> None:
    proposal = bench.propose()
    with bench.sessions.begin() as session:
        for number in range(16):
            name = f"approver{number}"
            staff.add(session, name, name=name, roles={staff.Role.APPROVER}, by=SYSTEM, door=Door.CLI, at=AT)
    engine, together = create_engine(database_url, pool_size=16), Barrier(16)

    def go(number: int) -> bool:
        second = SecondPerson(f"approver{number}", AT)
        with Session(engine) as session:
            together.wait(30)
            try:
                service.confirm(
                    session, proposal.id, seen=proposal.seen_digest, count=2, by=second, base_url=URL, at=AT
                )
            except errors.NotOpen:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(16) as threads:
        won = list(threads.map(go, range(16)))
    engine.dispose()
    assert won.count(True) == 1
    assert bench.switched() == [(proposal.id, f"staff:approver{won.index(True)}")]


def test_a_proposal_expires(bench: Bench) -> None:
    proposal = bench.propose()
    bench.now = proposal.expires_at
    with pytest.raises(errors.NotOpen):
        bench.confirm(proposal)
    with bench.sessions.begin() as session:
        assert repository.expired(session, at=AT + timedelta(days=13)) == []
        assert list(repository.expired(session, at=bench.now)) == [proposal.id]
        assert service.expire(session, proposal.id, at=bench.now)
        assert not service.expire(session, proposal.id, at=bench.now)
    assert bench.state(proposal) == "expired"
    assert bench.switched() == []


def test_the_proposer_withdraws_and_nobody_else_does(bench: Bench) -> None:
    proposal = bench.propose()
    with pytest.raises(errors.NotTheProposer), bench.sessions.begin() as session:
        service.withdraw(session, proposal.id, reason="cits", by="valdis.upe", at=AT)
    with pytest.raises(errors.ReasonMissing), bench.sessions.begin() as session:
        service.withdraw(session, proposal.id, reason=" ", by="inese.kalna", at=AT)
    with bench.sessions.begin() as session:
        service.withdraw(session, proposal.id, reason="kļūda", by="inese.kalna", at=AT)
    with pytest.raises(errors.NotOpen):
        bench.confirm(proposal)


def test_a_refusal_says_why(bench: Bench) -> None:
    proposal = bench.propose()
    with pytest.raises(errors.ReasonMissing), bench.sessions.begin() as session:
        service.refuse(session, proposal.id, reason="\u200b", by=SecondPerson("valdis.upe"), at=AT)
    with bench.sessions.begin() as session:
        refused = service.refuse(session, proposal.id, reason="par gaišu", by=SecondPerson("valdis.upe"), at=AT)
    assert (refused.state, refused.end_reason, refused.ended_by) == (State.REFUSED, "par gaišu", "valdis.upe")
    assert refused.confirmed_by is None


def test_what_was_decided_otherwise_ends_what_waits(bench: Bench) -> None:
    proposal = bench.propose()
    with bench.sessions.begin() as session:
        service.outdate(session, SUBJECT, by="anna.liepa", origin=ORIGIN, at=AT)
        service.outdate(session, "lamp:2", by="anna.liepa", origin=ORIGIN, at=AT)
    assert bench.state(proposal) == "outdated"


def test_an_error_while_carrying_out_leaves_it_open(bench: Bench) -> None:
    proposal = bench.propose()
    bench.run("ALTER TABLE switched ADD CONSTRAINT none_today CHECK (who = '')")
    with pytest.raises(IntegrityError, match="none_today"):
        bench.confirm(proposal)
    assert bench.state(proposal) == "proposed"
    bench.run("ALTER TABLE switched DROP CONSTRAINT none_today")
    bench.confirm(proposal)


def test_every_end_is_drawn(bench: Bench) -> None:
    assert {act for _, act in TRANSITIONS} == set(ProposalEvent)
    assert set(TRANSITIONS.values()) == set(State) - {State.PROPOSED}
    with bench.sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM proposals")) == 0
        with pytest.raises(errors.NoSuchProposal):
            service.proposal_numbered(session, 1, sees=EVERYTHING, on=AT.date())
    assert Proposal.__tablename__ == "proposals"
