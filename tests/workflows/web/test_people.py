"""People and their rights on the pages of staff: found, ended, and told apart."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from demo.pki import person
from demo.signer import sign_edoc
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import service as grants
from iam.grants.evidence import TakenOver
from iam.grants.models import Account, Level
from iam.institutions.service import state_scope
from tests.workflows.web.acting import act
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.states import State
from workflows.signed_forms.models import SigningRequest, Upload


@pytest.fixture
def case(office: Office) -> Submitted:
    """An application with both signatures; who may sign is not recorded yet."""
    submitted = office.submit()
    office.prove(submitted)
    return submitted


def state_of(sessions: sessionmaker[Session], case: Submitted) -> State:
    with sessions() as session:
        return session.get_one(Application, case.id).state


SIGNATORY = {"capacity": "head", "source": "Rīkojums Nr. 5", "source_kind": "register", "signs_since": "01.09.2020."}


def test_people_are_found_without_their_code_standing_in_an_address(case: Submitted, sign_in: SignIn) -> None:
    reviewer = sign_in()
    act(reviewer, case, "decide", decision="approve", **SIGNATORY)
    token = token_in(reviewer.get("/people").text)
    for q in ("Mēģinātājs", "meginatajs", "320000-00202"):
        answer = reviewer.post("/people", data={"csrf": token, "q": q})
        assert "janis.meginatajs" in answer.text, q
    rights = text_of(reviewer.get("/grants", params={"q": "9013900107"}).text)
    assert "Nobody" not in rights


def test_a_right_given_until_a_day_is_not_ended_later_than_that(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    act(reviewer, case, "decide", decision="approve", **SIGNATORY)
    with sessions.begin() as session:
        account, today = session.scalars(select(Account)).one(), date(2026, 11, 24)
        grant = grants.give(
            session,
            "reports",
            Level.VIEW,
            to=account,
            at_scope=state_scope(session).id,
            since=today,
            until=date(2100, 12, 31),
            because=TakenOver("adopt.csv line 2", "0" * 64),
            origin=Origin(Actor(ActorKind.SYSTEM, "test"), Door.CLI),
            at=datetime(2026, 11, 24, tzinfo=UTC),
        ).id
    path = f"/people/janis.meginatajs/end/{grant}"
    said = {"csrf": token_in(reviewer.get(path).text), "when": "day", "last_day": "01.02.2101."}
    answer = reviewer.post(path, data={**said, "cause": "izm", "reason": "Rīkojums Nr. 8"})
    assert answer.status_code == 422
    assert 'href="#last_day"' in answer.text


def test_a_namesake_of_somebody_of_staff_gets_a_username_that_opens_no_staff_page(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    sign_in("janis.meginatajs", "Andris Saulīte")
    act(sign_in(), case, "decide", decision="approve", **SIGNATORY)
    with sessions() as session:
        assert session.scalars(select(Account)).one().username == "janis.meginatajs2"


def test_a_container_that_one_decision_rests_on_is_told_to_whoever_decides_on_it_again(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    first, second = office.submit("head-user", "head-user"), office.submit("head-user", "head-user")
    files = [*first.files(*Part), *((f"otrs-{name}", pdf) for name, pdf in second.files(*Part))]
    container = sign_edoc(files, person=person("head-user"), pki=office.pki, at=office.now)
    reviewer = sign_in()
    for case in (first, second):
        office.hand_in(case, container)
    act(reviewer, first, "decide", decision="approve", **SIGNATORY)
    with sessions() as session:
        upload = session.scalars(
            select(Upload.id).join(SigningRequest).where(SigningRequest.reference == second.reference)
        ).one()
    for part in Part:
        said = {"part": part.value, f"upload.{part}": str(upload), f"how.{part}": "Zvans iestādei."}
        assert act(reviewer, second, "confirm", **said).status_code == 303
    answer = act(reviewer, second, "decide", decision="approve")
    assert answer.status_code == 422
    assert "viens dokuments pamato vienu lēmumu" in text_of(answer.text)
    assert state_of(sessions, second) is State.IN_REVIEW
