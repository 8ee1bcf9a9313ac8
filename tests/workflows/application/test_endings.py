"""Rights end: once, recorded, told to whom it concerns, and without waiting for anything."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from builders.workflows.office import Office, Submitted
from demo.pki import Server, Trouble, person
from demo.signer import Level, sign_edoc
from iam.errors import NothingToEnd
from iam.grants.models import EndCause
from iam.grants.tags import GrantTag
from iam.periods import riga_day
from workflows.application import endings
from workflows.application.kinds.grant.documents import Part
from workflows.application.states import State
from workflows.mail import Mail


def test_an_end_by_a_reviewer_is_recorded_and_told(office: Office, waiting: Submitted) -> None:
    account = office.approve(waiting)
    right, last = office.rights(account)[0].id, riga_day(office.now) + timedelta(days=7)
    office.end(right, last_day=last, cause=EndCause.EMPLOYMENT_ENDED, reason="darba attiecības beidzas")
    assert len(office.held(account, last)) == 2
    assert len(office.held(account, last + timedelta(days=1))) == 1
    assert office.mails("user@demo.test")[-1] == "rights_ended"
    assert office.mails("head@demo.test")[-1] == "rights_ended_asker"
    with office.sessions() as session:
        told = session.scalars(select(Mail).where(Mail.template == "rights_ended_asker")).one()
    assert waiting.reference in told.subject
    assert waiting.reference in str(told.text_body)
    for private in ("Jānis", "Mēģinātājs", "janis", "320000", "/track/"):
        assert private not in f"{told.subject} {told.text_body} {told.html_body}", private
    with pytest.raises(NothingToEnd):
        office.end(right, last_day=last, reason="")


def test_a_head_who_is_the_user_is_told_of_an_end_once(office: Office) -> None:
    own = office.submit("head-user", "head-user")
    office.prove(own)
    account = office.approve(own)
    office.later()
    office.end(office.rights(account)[0].id)
    ended = [name for name in office.mails(account.email) if name.startswith("rights_ended")]
    assert ended == ["rights_ended"]


def test_the_history_of_a_case_tells_how_its_rights_ended(office: Office, waiting: Submitted) -> None:
    account = office.approve(waiting)
    last = riga_day(office.now) + timedelta(days=9)
    office.later()
    office.end(office.rights(account)[0].id, last_day=last, cause=EndCause.EMPLOYMENT_ENDED, reason="rīkojums")
    office.now += timedelta(minutes=5)
    change = office.submit(scope={"section.learners": "none", "section.staff": "edit"})
    office.prove(change)
    office.approve(change, signatory=None)
    events = [event for event in office.case(waiting).history if event.tag is GrantTag.ENDED]
    assert [(event.details["section"], event.details["last_day"], event.details["cause"]) for event in events] == [
        ("learners", last, EndCause.EMPLOYMENT_ENDED),
        ("staff", None, EndCause.REPLACED),  # replaced before its first day
    ]
    assert [event.actor for event in events] == ["staff:inese.kalna"] * 2
    assert GrantTag.ENDED in [event.tag for event in office.track(waiting).timeline]
    assert GrantTag.ENDED not in [event.tag for event in office.case(change).history]


def test_an_end_does_not_wait_for_the_next_attempt_of_what_keycloak_was_away_for(
    office: Office, waiting: Submitted
) -> None:
    account = office.approve(waiting)
    assert office.work().failed > 0, "Keycloak is away"
    later = text(
        "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '10 minutes'"
        " WHERE task_name = 'rights.project' AND status = 'todo' RETURNING id"
    )
    due = text(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'rights.project' AND status = 'todo'"
        " AND (scheduled_at IS NULL OR scheduled_at <= now())"
    )
    with office.sessions.begin() as session:
        assert session.execute(later).all()
    office.later()
    office.end(office.rights(account)[0].id)
    with office.sessions() as session:
        assert session.scalar(due) == 2


def test_an_application_whose_last_paper_came_in_time_does_not_expire_while_it_waits_for_us(
    office: Office, pki_server: Server
) -> None:
    office.now -= timedelta(days=29)
    submitted = office.submit(starts=timedelta(days=30))
    office.now += timedelta(days=29)
    office.prove(submitted, Part.LETTER)
    pki_server.trouble = Trouble(ocsp="off", crls="off")
    files = submitted.files(Part.APPLICATION)
    office.hand_in(submitted, sign_edoc(files, person=person("head"), pki=office.pki, at=office.now, level=Level.T))

    def expire() -> bool:
        with office.sessions.begin() as session:
            return endings.expire(session, submitted.id, base_url=office.settings.base_url, at=office.now)

    office.now += timedelta(days=2)
    assert not expire()
    assert office.track(submitted).state is State.AWAITING_SIGNATURES
    # It cannot wait for ever: a certificate may be suspended and stay so.
    office.now += timedelta(days=29)
    assert expire()
