"""Keycloak follows the database: on the real server, with every trap that is known of it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, imported
from builders.iam.rights import DAY, TODAY, given
from demo.servers import Keycloak, KeycloakAdmin
from demo.servers.relying_party import LoginRefused
from iam import audit
from iam.grants import service as grants
from iam.grants.models import Account, EndCause
from iam.ids import ScopeId
from iam.institutions import service as institutions
from iam.keycloak.client import KeycloakClient, KeycloakUser
from iam.keycloak.projection import Projected, ProjectionOutcome, project
from tests.iam.keycloak.users import PASSWORD, logged_in, sections_shown, shown

pytestmark = pytest.mark.keycloak


def test_from_a_right_given_to_the_token_and_back(
    session: Session,
    door: KeycloakClient,
    account: Account,
    school: ScopeId,
    keycloak: Keycloak,
    keycloak_admin: KeycloakAdmin,
) -> None:
    grant = given(session, account, school)
    outcome = project(session, door, account.id, AT + timedelta(minutes=1))
    assert (outcome.kind, outcome.settled, account.projection_pending) == (ProjectionOutcome.CREATED, True, False)
    viis, tokens = logged_in(keycloak_admin, keycloak, account)
    assert tokens.grants == ("i-4113900001:learners:edit",)
    assert viis.introspect(tokens)["active"] is True

    grants.end_at_once(session, grant, cause=EndCause.IZM, origin=BY_REVIEWER, at=AT + timedelta(minutes=2))
    assert account.projection_pending
    ended = project(session, door, account.id, AT + timedelta(minutes=3))
    assert ended == Projected(ProjectionOutcome.UPDATED, sessions_ended=True)
    assert viis.introspect(tokens)["active"] is False
    with pytest.raises(LoginRefused):
        viis.refresh(tokens)
    assert shown(door, account).grants == frozenset()
    assert shown(door, account).enabled
    tags = [entry.tag for entry in audit.newest(session, subject=f"account:{account.id}")]
    assert tags == ["keycloak:projected", "keycloak:projected", "account:opened"]


def test_projecting_again_changes_nothing_and_ends_no_session(
    session: Session,
    door: KeycloakClient,
    account: Account,
    school: ScopeId,
    keycloak: Keycloak,
    keycloak_admin: KeycloakAdmin,
) -> None:
    given(session, account, school)
    project(session, door, account.id, AT)
    viis, tokens = logged_in(keycloak_admin, keycloak, account)
    assert project(session, door, account.id, AT + DAY) == Projected(ProjectionOutcome.UNCHANGED)
    given(session, account, school, "staff")
    assert project(session, door, account.id, AT + DAY) == Projected(ProjectionOutcome.UPDATED, sessions_ended=False)
    assert viis.refresh(tokens).grants == ("i-4113900001:learners:edit", "i-4113900001:staff:edit")


def test_a_right_of_the_future_is_shown_on_its_day_and_no_longer_after_its_last(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    given(session, account, school, "learners", since=date(2026, 9, 10), until=date(2026, 9, 12))
    project(session, door, account.id, AT)
    assert sections_shown(door, account) == set()
    days = []
    while account.project_on is not None:
        day = account.project_on
        outcome = project(session, door, account.id, AT + (day - TODAY))
        days.append((day, sections_shown(door, account), outcome.sessions_ended))
    assert days == [(date(2026, 9, 10), {"learners"}, False), (date(2026, 9, 13), set(), True)]


def test_a_put_keeps_names_e_mail_foreign_attributes_and_a_hand_disabled_user_disabled(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId, keycloak_admin: KeycloakAdmin
) -> None:
    given(session, account, school)
    project(session, door, account.id, AT)
    before = shown(door, account)
    # An administrator shuts the user in Keycloak itself.
    keycloak_admin.send("PUT", f"/users/{before.id}", json={"enabled": False})
    given(session, account, school, "staff")
    assert project(session, door, account.id, AT + DAY).kind == ProjectionOutcome.UPDATED
    after = shown(door, account)
    assert (after.email, after.given_name, after.surname) == (before.email, "Anna", account.person.surname)
    assert not after.enabled
    assert len(after.grants) == 2


def test_only_a_change_of_the_account_itself_touches_enabled(
    session: Session,
    door: KeycloakClient,
    account: Account,
    school: ScopeId,
    keycloak: Keycloak,
    keycloak_admin: KeycloakAdmin,
) -> None:
    given(session, account, school)
    project(session, door, account.id, AT)
    viis, tokens = logged_in(keycloak_admin, keycloak, account)
    grants.disable(session, account, origin=BY_REVIEWER, at=AT)
    assert project(session, door, account.id, AT + DAY) == Projected(ProjectionOutcome.UPDATED, sessions_ended=True)
    assert not shown(door, account).enabled
    assert shown(door, account).grants == frozenset()
    assert viis.introspect(tokens)["active"] is False
    with pytest.raises(LoginRefused):
        viis.log_in(account.username, PASSWORD)
    grants.enable(session, account, origin=BY_REVIEWER, at=AT)
    project(session, door, account.id, AT + 2 * DAY)
    assert shown(door, account).enabled
    assert viis.log_in(account.username, PASSWORD).grants == ("i-4113900001:learners:edit",)


def test_above_forty_rights_the_attribute_says_ask_and_ends_are_seen_all_the_same(
    session: Session, door: KeycloakClient, account: Account, tmp_path: Path
) -> None:
    rows = [{"reg_no": f"41139{number:05d}", "name": f"Skola {number}"} for number in range(5)]
    imported(session, tmp_path, *rows)
    rights = [
        given(session, account, institutions.scope_of_institution(session, row["reg_no"]).id, section.code)
        for row in rows
        for section in grants.sections(session, on=TODAY)
    ]
    project(session, door, account.id, AT)
    assert shown(door, account).grants == {"@api"}
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.UNCHANGED
    first = shown(door, account).digest
    grants.end_at_once(session, rights[0], cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + DAY)
    assert project(session, door, account.id, AT + DAY).sessions_ended
    assert shown(door, account).digest != first
    for grant in rights[1:20]:
        grants.end_at_once(session, grant, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + DAY)
    project(session, door, account.id, AT + 2 * DAY)
    assert len(shown(door, account).grants) == 30


def test_an_account_that_ended_before_keycloak_knew_it_is_not_made(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    given(session, account, school)
    grants.end_account(session, account, cause=EndCause.ERROR, origin=BY_REVIEWER, at=AT)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.NOT_NEEDED
    assert not account.projection_pending
    assert door.find(account.username) is None


def test_a_renamed_person_is_called_so(session: Session, door: KeycloakClient, account: Account) -> None:
    project(session, door, account.id, AT)
    account.person.given_name = "Anna Marija"
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.UPDATED
    assert shown(door, account).given_name == "Anna Marija"


def test_all_users_are_read_in_pages_with_their_attributes(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    given(session, account, school)
    project(session, door, account.id, AT)
    first: list[KeycloakUser] = door.page(0)
    assert {user.username: user.grants for user in first}[account.username] == {"i-4113900001:learners:edit"}
    assert door.page(len(first)) == []
