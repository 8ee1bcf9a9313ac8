"""Pages say how things stand today: what was to be done before the decision is not asked for after it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import INESE, Office, Submitted
from iam.grants.models import EvidenceKind, Level
from iam.grants.rules import HeldGrant
from iam.ids import AccountId, GrantId, ScopeId
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of
from tests.workflows.web.site import Site
from workflows.application import service
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.i18n import Language, translator
from workflows.rights.today import RightsStanding, rights_today
from workflows.web.words.rights import rights_sentences, rights_word

TODAY = date(2026, 12, 1)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
DAY = timedelta(days=1)


def right(since: date | None, until: date | None = None) -> HeldGrant:
    return HeldGrant(
        id=GrantId(1),
        period_id=1,
        account_id=AccountId(1),
        scope_id=ScopeId(1),
        scope="i-1",
        section="learners",
        level=Level.VIEW,
        since=since,
        until=until,
        evidence=EvidenceKind.SIGNED_PAIR,
        end_cause=None,
        known_since=datetime(2026, 11, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("rights", "standing", "says"),
    [
        ([], RightsStanding.NONE, ""),
        ([right(TOMORROW)], RightsStanding.LATER, "sākas 02.12.2026."),
        ([right(TODAY)], RightsStanding.HELD, "Tiesības ir spēkā."),
        ([right(TODAY, TODAY)], RightsStanding.HELD, "Tiesības ir spēkā."),
        ([right(TODAY), right(TOMORROW)], RightsStanding.HELD, "Tiesības ir spēkā."),
        ([right(TODAY), right(YESTERDAY, YESTERDAY)], RightsStanding.PARTLY, "Daļa"),
        ([right(TOMORROW), right(None)], RightsStanding.PARTLY, "Daļa"),
        ([right(YESTERDAY, YESTERDAY), right(None)], RightsStanding.OVER, "pēdējā diena: 30.11.2026."),
        ([right(None)], RightsStanding.OVER, "tika atsauktas, pirms tās sākās"),
    ],
)
def test_rights_are_said_as_they_stand_on_the_day(rights: list[HeldGrant], standing: RightsStanding, says: str) -> None:
    words, today = translator(Language.LV), rights_today(rights, on=TODAY)
    assert today.standing is standing
    assert bool(rights_word(words, today)[0]) is bool(rights)
    for pending, told in product((False, True), repeat=2):
        said = " ".join(rights_sentences(words, today, pending=pending, told=told))
        assert says in said
        assert ("spēkā" in said) is (standing is RightsStanding.HELD)
        if standing in {RightsStanding.PARTLY, RightsStanding.OVER}:
            assert "saņems" not in said, "nothing is promised of what has ended"


def in_review(office: Office) -> Submitted:
    case = office.submit()
    office.prove(case)
    return case


def begins_tomorrow(office: Office) -> Submitted:
    case = in_review(office)
    office.approve(case)
    return case


def in_force(office: Office) -> Submitted:
    case = office.submit(starts=timedelta(0))
    office.prove(case)
    office.approve(case)
    return case


def one_ended(office: Office) -> Submitted:
    case = office.submit(starts=timedelta(0))
    office.prove(case)
    account = office.approve(case)
    office.later()
    office.end(office.rights(account)[0].id)
    return case


def all_ended(office: Office) -> Submitted:
    case = office.submit(starts=timedelta(0))
    office.prove(case)
    account = office.approve(case)
    office.later()
    for one in office.rights(account):
        office.end(one.id)
    return case


def refused_unread(office: Office) -> Submitted:
    case = office.submit()
    office.prove(case, Part.APPLICATION)
    office.prove(case, Part.LETTER, foreign=True)
    with office.sessions.begin() as session:
        service.refuse(
            session,
            case.id,
            seen=office.case(case).version,
            reason="Nav darbinieks.",
            by=INESE,
            base_url="https://viis.test",
            at=office.now,
        )
    return case


def expired_unsigned(office: Office) -> Submitted:
    case = office.submit()
    with office.sessions.begin() as session:
        session.execute(update(Application).where(Application.id == case.id).values(expires_at=office.now - DAY))
        service.expire(session, case.id, base_url="https://viis.test", at=office.now)
    return case


TO_CONFIRM = ("Paraksttiesības jāapstiprina", "paraksttiesības nav reģistrētas")
PROMISED = ("izskatītājs", "Izskatīs darbinieks", "Tiek gaidīts", "Jāparaksta")
GRANTED = ("Tiesības ir spēkā", "Tiesības ir piešķirtas")


@pytest.mark.parametrize(
    ("story", "on_both", "on_neither"),
    [
        (in_review, ("Izskatīšanā",), GRANTED),
        (begins_tomorrow, ("Tiesības sāksies vēlāk",), (*TO_CONFIRM, *PROMISED, "Tiesības ir spēkā")),
        (in_force, ("Tiesības ir spēkā",), (*TO_CONFIRM, *PROMISED, "sāksies")),
        (one_ended, ("Daļa tiesību ir beigusies",), (*TO_CONFIRM, *PROMISED, *GRANTED)),
        (all_ended, ("Visas tiesības ir beigušās",), (*TO_CONFIRM, *PROMISED, *GRANTED)),
        (refused_unread, ("Noraidīts", "Nav apstiprināts"), (*TO_CONFIRM, *PROMISED, *GRANTED)),
        (expired_unsigned, ("Nav saņemts", "Bija jāparaksta"), (*TO_CONFIRM, *PROMISED, *GRANTED)),
    ],
)
def test_the_case_and_the_followed_application_say_how_things_stand(
    site: Site,
    office: Office,
    sign_in: SignIn,
    sessions: sessionmaker[Session],
    story: Callable[[Office], Submitted],
    on_both: tuple[str, ...],
    on_neither: tuple[str, ...],
) -> None:
    del sessions
    case = story(office)
    reviewer = sign_in()
    tabs = ("data", "signatures", "files", "history")
    pages = [text_of(reviewer.get(f"/review/{case.reference}", params={"tab": tab}).text) for tab in tabs]
    with site.visitor() as applicant:
        followed = applicant.get(f"/track/{case.reference}?key={case.token}", follow_redirects=True).text
    desk, track = " ".join(pages), text_of(followed)
    for said in on_both:
        assert said in desk, said
        assert said in track, said
    for said in on_neither:
        # What happened is told as it happened.
        assert said not in " ".join(pages[:3]), said
        assert said not in track.partition("Kas noticis")[0], said
    assert all((said in desk) is (story is in_review) for said in TO_CONFIRM)
