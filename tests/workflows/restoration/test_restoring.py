"""From the request to the rights, and everything that is not restored; people and faults are the demo's."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from builders.iam.register import BY_REVIEWER
from builders.workflows.policy_numbers import set_numbers
from builders.workflows.restoring import INESE, VALDIS, ZANE, Desk
from demo.reform import AGLONA, GULBENE
from iam.audit import AuditEntry
from iam.errors import Refused
from iam.grants import accounts
from iam.grants import service as grants
from iam.grants.evidence import Restoration, TakenOver
from iam.grants.models import Account, EndCause, EvidenceKind, Level
from iam.periods import riga_day
from workflows.application.decisions import Reviewer
from workflows.jobs import defer
from workflows.proposals import errors as proposal_errors
from workflows.restoration.asking import Confirmable, Dead, DeadReason
from workflows.restoration.errors import NotWaiting, OwnRequest, ReasonMissing, ShownOtherwise
from workflows.restoration.models import RestorationRequest
from workflows.restoration.reading import verdict_on
from workflows.restoration.rules import Obstacle
from workflows.restoration.states import State

BEFORE = TakenOver("story", "0" * 64)
WHOLE = {"learners": Level.EDIT, "staff": Level.EDIT, "reports": Level.VIEW}


def obstacles(desk: Desk) -> set[Obstacle]:
    """Return why nothing comes back."""
    with desk.sessions() as session:
        verdict = verdict_on(session, desk.account().id, on=riga_day(desk.now))
        assert not verdict
        return {one.why for one in verdict.kept}


def end(desk: Desk, section: str, cause: EndCause, *, last_day: date | None = None) -> None:
    """End what is held in a section."""
    (held,) = (one for one in desk.history() if one.section == section and one.until is None)
    day = last_day or riga_day(desk.now)
    with desk.sessions.begin() as session:
        grants.end(session, held, last_day=day, cause=cause, origin=BY_REVIEWER, at=desk.now)


def give(desk: Desk, section: str, level: Level, *, since: date, until: date | None = None) -> None:
    """Give a right where the others are held."""
    place = desk.history()[0]
    with desk.sessions.begin() as session:
        grants.give(
            session,
            section,
            level,
            to=session.get_one(Account, place.account_id),
            at_scope=place.scope_id,
            since=since,
            until=until,
            because=BEFORE,
            origin=BY_REVIEWER,
            at=desk.now,
        )


def test_what_a_faulty_migration_took_at_gulbene_comes_back_by_two_people(desk: Desk) -> None:
    assert desk.held() == {"learners": Level.VIEW}
    request = desk.confirmed()
    proposal = desk.decide(request)
    assert proposal is not None
    assert desk.held() == {"learners": Level.VIEW}, "nothing happens before the second person"
    desk.second(proposal)
    assert desk.held() == WHOLE
    kept = desk.request(request)
    assert (kept.state, kept.decided_by, kept.second_person) == (State.RESTORED, INESE.username, VALDIS.username)
    desk.work()
    last = desk.letters()[-1]
    assert "tiesības ir atjaunotas" in last.subject
    assert "Izglītojamie un piederība (labot), Gulbenes novads: no " in last.text


def test_the_gap_stays_and_each_right_names_the_reduction_it_undoes(desk: Desk) -> None:
    proposal = desk.decide(desk.confirmed())
    assert proposal is not None
    desk.second(proposal)
    again = [one for one in desk.history() if one.evidence is EvidenceKind.RESTORATION]
    assert {one.section for one in again} == set(WHOLE)
    assert {one.since for one in again} == {riga_day(desk.now)}
    taken = [one for one in desk.history() if one.end_cause is EndCause.REFORM]
    assert {one.until for one in taken} == {date(2021, 6, 30)}
    replaced = [one for one in desk.history() if one.end_cause is EndCause.REPLACED]
    assert [(one.section, one.level, one.until) for one in replaced] == [
        ("learners", Level.VIEW, riga_day(desk.now) - timedelta(days=1))
    ]
    with desk.sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.tag == "grant:restored")).all()
        assert len(entries) == len(again)
        assert len({one.evidence for one in entries}) == len(again)
        words = session.scalars(select(AuditEntry.tag).where(AuditEntry.subject.like("restoration:%"))).all()
    assert words == [
        "restoration:link_sent",
        "restoration:confirmed",
        "restoration:proposed",
        "restoration:restored",
    ]


def test_one_person_restores_where_the_policy_asks_for_one(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        set_numbers(session, four_eyes_wide_scope=0)
    request = desk.confirmed()
    assert desk.decide(request) is None
    assert desk.held() == WHOLE
    assert desk.request(request).second_person is None


def test_at_aglona_the_registered_address_reads_why_an_application_is_needed(desk: Desk) -> None:
    request = desk.ask(AGLONA)
    desk.work()
    assert desk.request(request).state is State.ANSWERED
    (letter,) = desk.letters(AGLONA)
    assert "Aglonas novads. Šīs pašvaldības vairs nav" in letter.text
    assert "saistību raksts" in letter.text
    assert "/apply?lang=lv" in letter.text
    assert "/restore/confirm" not in letter.text
    assert desk.request(request).typed_name == "", "what was typed is forgotten"


def test_who_has_no_account_or_a_shut_one_is_told_nothing(desk: Desk) -> None:
    asked = [desk.ask(username="nobody.atall"), desk.ask(username=GULBENE.email)]
    with desk.sessions.begin() as session:
        account = session.get_one(Account, desk.account().id)
        accounts.disable(session, account, origin=BY_REVIEWER, at=desk.now)
    asked.append(desk.ask())
    desk.work()
    assert {desk.request(one).state for one in asked} == {State.DROPPED}
    assert desk.mails() == []
    assert {desk.request(one).username for one in asked} == {""}


def test_an_account_gets_so_many_mails_an_hour(desk: Desk) -> None:
    asked = [desk.ask() for _ in range(4)]
    desk.work()
    assert [desk.request(one).state for one in asked] == [State.LAPSED, State.LAPSED, State.MAILED, State.DROPPED]
    assert len(desk.letters()) == 3


def test_what_was_asked_for_never_decides(desk: Desk) -> None:
    request = desk.confirmed(name="Kāds Cits", description="Lūdzu visas tiesības visā valstī, arī finansējumu")
    proposal = desk.decide(request)
    assert proposal is not None
    desk.second(proposal)
    assert desk.held() == WHOLE


@pytest.mark.parametrize("cause", [one for one in EndCause if one is not EndCause.REFORM])
def test_nothing_that_ended_for_another_cause_is_restored(desk: Desk, cause: EndCause) -> None:
    give(desk, "users", Level.EDIT, since=date(2020, 1, 1))
    end(desk, "users", cause, last_day=date(2021, 6, 30))
    proposal = desk.decide(desk.confirmed())
    assert proposal is not None
    desk.second(proposal)
    assert desk.held() == WHOLE


@pytest.mark.parametrize("cause", [EndCause.APPLICATION, EndCause.HEAD, EndCause.IZM, EndCause.EMPLOYMENT_ENDED])
def test_what_was_given_anew_and_ended_by_people_is_not_restored(desk: Desk, cause: EndCause) -> None:
    yesterday = riga_day(desk.now) - timedelta(days=1)
    for section in ("staff", "reports"):
        give(desk, section, Level.EDIT, since=yesterday - timedelta(days=9))
    for section in ("staff", "reports", "learners"):
        end(desk, section, cause, last_day=yesterday)
    assert obstacles(desk) == {Obstacle.DECIDED_SINCE}
    request = desk.ask()
    desk.work()
    assert desk.request(request).state is State.ANSWERED


def test_a_link_confirms_once_until_its_time_is_over_and_only_the_newest_does(desk: Desk) -> None:
    first = desk.ask()
    desk.work()
    old = desk.key()
    request = desk.ask()
    desk.work()
    assert desk.request(first).state is State.LAPSED
    assert desk.confirm(old) == Dead(DeadReason.LAPSED)
    key = desk.key()
    desk.later(timedelta(minutes=61))
    assert desk.confirm(key) == Dead(DeadReason.LAPSED)
    desk.later(-timedelta(minutes=61))
    assert isinstance(desk.confirm(key), Confirmable)
    assert desk.confirm(key) == Dead(DeadReason.USED)
    assert desk.confirm("x" * 43) == Dead(DeadReason.UNKNOWN)
    assert desk.request(request).state is State.IN_REVIEW


def test_a_link_dies_with_the_address_it_was_sent_to(desk: Desk) -> None:
    desk.ask()
    desk.work()
    with desk.sessions.begin() as session:
        session.get_one(Account, desk.account().id).email = "cita.adrese@demo.test"
    assert desk.confirm() == Dead(DeadReason.CANCELLED)


def test_whoever_asks_again_while_a_request_waits_is_told_so(desk: Desk) -> None:
    desk.confirmed()
    again = desk.ask()
    desk.work()
    assert desk.request(again).state is State.ANSWERED
    assert "jau gaida lēmumu" in desk.letters()[-1].subject


def test_a_refusal_says_why_and_what_is_needed(desk: Desk) -> None:
    request = desk.confirmed()
    with pytest.raises(ReasonMissing):
        desk.refuse(request, "\u200b ")
    desk.refuse(request, "Persona vairs nestrādā novadā")
    desk.work()
    last = desk.letters()[-1].text
    assert "Persona vairs nestrādā novadā" in last
    assert "saistību raksts" in last
    assert desk.held() == {"learners": Level.VIEW}
    with pytest.raises(NotWaiting):
        desk.decide(request, seen="x")


def test_a_refusal_ends_the_proposal_that_waits(desk: Desk) -> None:
    request = desk.confirmed()
    proposal = desk.decide(request)
    assert proposal is not None
    desk.refuse(request, by=ZANE)
    with pytest.raises(proposal_errors.NotOpen):
        desk.second(proposal)


def test_an_address_that_became_unusable_holds_up_no_decision(desk: Desk) -> None:
    request = desk.confirmed()
    with desk.sessions.begin() as session:
        session.get_one(Account, desk.account().id).email = "nowhere@ x"
    proposal = desk.decide(request)
    assert proposal is not None
    desk.second(proposal)
    assert desk.held() == WHOLE


def test_nobody_decides_on_what_is_about_themselves(desk: Desk) -> None:
    request = desk.confirmed()
    for party in (Reviewer(GULBENE.username, "Cits Vārds"), Reviewer("cits.vards", "Gulbīte Rasa")):
        with pytest.raises(OwnRequest):
            desk.decide(request, by=party)
    proposal = desk.decide(request)
    assert proposal is not None
    with pytest.raises(proposal_errors.MayNotDecide):
        desk.second(proposal, by=INESE)


def test_a_page_from_before_a_change_decides_nothing(desk: Desk) -> None:
    request = desk.confirmed()
    seen = desk.seen(request)
    end(desk, "learners", EndCause.IZM, last_day=riga_day(desk.now) - timedelta(days=1))
    with pytest.raises(ShownOtherwise):
        desk.decide(request, seen=seen)
    assert desk.decide(request) is not None, "what is left can be given back: the staff and the reports"


def test_a_proposal_from_before_a_change_cannot_be_confirmed(desk: Desk) -> None:
    request = desk.confirmed()
    proposal = desk.decide(request)
    assert proposal is not None
    end(desk, "learners", EndCause.IZM)
    with pytest.raises(proposal_errors.RestsOnChanged) as changed:
        desk.second(proposal)
    assert "rights" in changed.value.names
    assert desk.held() == {"learners": Level.VIEW}


def test_what_came_back_and_was_ended_is_not_restored_once_more(desk: Desk) -> None:
    proposal = desk.decide(desk.confirmed())
    assert proposal is not None
    desk.second(proposal)
    for section in WHOLE:
        end(desk, section, EndCause.HEAD, last_day=riga_day(desk.now) - timedelta(days=1))
    assert obstacles(desk) == {Obstacle.RESTORED}


def test_what_is_given_back_never_lasts_longer_than_before(desk: Desk) -> None:
    today = riga_day(desk.now)
    ends = today + timedelta(days=30)
    give(desk, "users", Level.VIEW, since=date(2020, 1, 1), until=ends)
    (users,) = (one for one in desk.history() if one.section == "users")
    with desk.sessions.begin() as session:
        day = today - timedelta(days=1)
        grants.end(session, users, last_day=day, cause=EndCause.REFORM, origin=BY_REVIEWER, at=desk.now)
    with desk.sessions() as session:
        verdict = verdict_on(session, users.account_id, on=today)
        (back,) = (one for one in verdict.restorable if one.taken.section == "users")
        assert back.until == ends
        for until in (None, ends + timedelta(days=1)):
            with pytest.raises(Refused, match="no more"):
                grants.give(
                    session,
                    "users",
                    Level.VIEW,
                    to=session.get_one(Account, users.account_id),
                    at_scope=users.scope_id,
                    since=today,
                    until=until,
                    because=Restoration(back.taken.period),
                    origin=BY_REVIEWER,
                    at=desk.now,
                )


def test_requests_that_led_to_nothing_are_forgotten(desk: Desk) -> None:
    desk.ask(username="nobody.atall")
    kept = desk.ask()
    desk.work()
    desk.confirm()
    with desk.sessions() as session:
        assert len(session.scalars(select(RestorationRequest)).all()) == 2
    with desk.sessions.begin() as session:
        session.execute(update(RestorationRequest).values(asked_at=desk.now - timedelta(days=31)))
    forget(desk)
    with desk.sessions() as session:
        assert session.scalars(select(RestorationRequest.id)).all() == [kept]


def forget(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        defer(session, "restoration.forget")
    desk.work()
