"""Many accounts brought to Keycloak together come to what each comes to alone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER
from builders.iam.rights import given, opened
from demo.servers import Keycloak
from iam import audit
from iam.grants import service as grants
from iam.grants.models import Account, EndCause
from iam.ids import ScopeId
from iam.keycloak.client import KeycloakClient
from iam.keycloak.projection import Projected, ProjectionOutcome, project, project_all
from tests.iam.doors import open_door
from tests.iam.keycloak.conftest import SURNAMES
from tests.iam.keycloak.users import sections_shown, shown
from tests.iam.lossy import LossyWire

pytestmark = pytest.mark.keycloak
MINUTE = timedelta(minutes=1)


@pytest.fixture
def people(session: Session) -> list[Account]:
    """Accounts with names nobody else has: the server is shared by the tests."""
    surnames = [next(SURNAMES) for _ in range(4)]
    return [opened(session, f"Zane {one}", email=f"zane.{one}@alda.example") for one in surnames]


def test_step_by_step_many_come_to_what_one_comes_to(
    session: Session, door: KeycloakClient, people: list[Account], school: ScopeId
) -> None:
    alone, *others = people
    at = AT

    def step() -> Projected:
        nonlocal at
        at += MINUTE
        one = project(session, door, alone.id, at)
        many = project_all(session, door, [each.id for each in others], at, pool=ThreadPoolExecutor(2))
        assert many == {each.id: one for each in others}
        assert {each.projection_pending for each in people} == {not one.settled}
        assert {each.project_on for each in people} == {alone.project_on}
        assert {shown(door, each).grants for each in people} == {shown(door, alone).grants}
        assert {shown(door, each).enabled for each in people} == {shown(door, alone).enabled}
        told = [[entry.tag for entry in audit.newest(session, subject=f"account:{each.id}")] for each in people]
        assert told == [told[0]] * len(people)
        return one

    first = [given(session, each, school) for each in people]
    assert step().kind is ProjectionOutcome.CREATED
    assert step().kind is ProjectionOutcome.UNCHANGED
    for each in people:
        given(session, each, school, "staff", until=at.date() + timedelta(days=30))
    assert step() == Projected(ProjectionOutcome.UPDATED)
    for right in first:
        grants.end_at_once(session, right, cause=EndCause.IZM, origin=BY_REVIEWER, at=at + MINUTE)
    at += MINUTE
    assert step() == Projected(ProjectionOutcome.UPDATED, sessions_ended=True)
    for each in people:
        grants.disable(session, each, because=None, reason="pārbaude", origin=BY_REVIEWER, at=at)
    assert step().sessions_ended
    for each in people:
        grants.enable(session, each, because=None, reason="pārbaudīts", origin=BY_REVIEWER, at=at)
    assert step().kind is ProjectionOutcome.UPDATED
    for each in people:
        grants.end_account(session, each, cause=EndCause.IZM, origin=BY_REVIEWER, at=at + MINUTE)
    at += MINUTE
    assert step().kind is ProjectionOutcome.UPDATED


def test_one_that_was_not_heard_of_holds_up_none_of_the_others(
    session: Session, keycloak: Keycloak, people: list[Account], school: ScopeId
) -> None:
    for each in people:
        given(session, each, school)
    making = b"POST /admin/realms/viis/users HTTP"
    ids = [each.id for each in people]
    with LossyWire(keycloak.port, lose=making) as wire, open_door(keycloak, url=wire.url) as lossy:
        outcomes = project_all(session, lossy, ids, AT, pool=ThreadPoolExecutor(1))
        assert [one.kind if one else None for one in outcomes.values()] == [None, *["created"] * 3]
        assert [each.projection_pending for each in people] == [True, False, False, False]
        again = project_all(session, lossy, ids[:1], AT, pool=ThreadPoolExecutor(1))
        assert [one.kind if one else None for one in again.values()] == ["unchanged"]
        assert {frozenset(sections_shown(lossy, each)) for each in people} == {frozenset({"learners"})}


class _Silence(LossyWire):
    """Drops the answer to every such request."""

    def loses(self, request: bytes) -> bool:
        self.lost += request.startswith(b"POST /admin/realms/viis/users HTTP")
        return request.startswith(b"POST /admin/realms/viis/users HTTP")


def test_where_keycloak_answers_nobody_few_wait_for_it_and_all_are_tried_again(
    session: Session, keycloak: Keycloak, people: list[Account], school: ScopeId
) -> None:
    surnames = [next(SURNAMES) for _ in range(8)]
    everybody = [*people, *(opened(session, f"Anna {one}", email=f"anna.{one}@alda.example") for one in surnames)]
    for each in everybody:
        given(session, each, school)
    ids = [each.id for each in everybody]
    with _Silence(keycloak.port, lose=b"") as wire, open_door(keycloak, url=wire.url) as silent:
        assert project_all(session, silent, ids, AT, pool=ThreadPoolExecutor(1)) == dict.fromkeys(ids)
        assert wire.lost == 3
    with open_door(keycloak) as door:
        again = project_all(session, door, ids, AT, pool=ThreadPoolExecutor(2))
    assert all(one is not None and one.settled for one in again.values())


def test_an_address_that_another_has_blocks_its_own_account_alone(
    session: Session, door: KeycloakClient, people: list[Account], school: ScopeId
) -> None:
    for each in people:
        given(session, each, school)
    project(session, door, people[0].id, AT)
    people[1].email = people[0].email
    session.flush()
    outcomes = project_all(session, door, [each.id for each in people], AT, pool=ThreadPoolExecutor(2))
    kinds = [one.kind if one else None for one in outcomes.values()]
    assert kinds == ["unchanged", "email_taken", "created", "created"]
    assert [each.projection_pending for each in people] == [False, True, False, False]
