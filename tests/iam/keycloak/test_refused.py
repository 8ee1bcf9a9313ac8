"""What Keycloak refuses is an outcome, and rights do not wait for it."""

import pytest
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER
from builders.iam.rights import DAY, TODAY, given
from demo.servers import KeycloakAdmin
from iam import audit
from iam.grants import service as grants
from iam.grants.models import Account, EndCause
from iam.ids import ScopeId
from iam.keycloak.client import KeycloakClient
from iam.keycloak.projection import ProjectionOutcome, project
from iam.people import service as people
from tests.iam.keycloak.users import sections_shown, shown

pytestmark = pytest.mark.keycloak


def test_an_e_mail_of_somebody_else_is_an_outcome_and_rights_do_not_wait_for_it(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId, keycloak_admin: KeycloakAdmin
) -> None:
    taken = f"taken.{account.username}@alda.example"
    keycloak_admin.create_user(f"other.{account.username}", given_name="Cits", surname="Cits", email=taken)
    own = account.email.lower()
    grants.change_contact(
        session, account, email=taken.upper(), phone="", language="lv", because=None, origin=BY_REVIEWER, at=AT
    )
    given(session, account, school)
    refused = project(session, door, account.id, AT)
    assert (refused.kind, refused.settled) == (ProjectionOutcome.EMAIL_TAKEN, False)
    assert (account.projection_outcome, account.keycloak_id, account.projection_pending) == ("email_taken", None, True)

    grants.change_contact(session, account, email=own, phone="", language="lv", because=None, origin=BY_REVIEWER, at=AT)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.CREATED
    grants.change_contact(
        session, account, email=taken, phone="", language="lv", because=None, origin=BY_REVIEWER, at=AT
    )
    given(session, account, school, "staff")
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.EMAIL_TAKEN
    assert shown(door, account).email == own
    assert sections_shown(door, account) == {"learners", "staff"}
    assert audit.newest(session, limit=1)[0].tag == "keycloak:blocked"

    (learners,) = [one for one in grants.history(session, account.id) if one.section == "learners"]
    grants.end_at_once(session, learners, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + DAY)
    assert project(session, door, account.id, AT + DAY).sessions_ended
    told = len(audit.newest(session, limit=50))
    again = project(session, door, account.id, AT + 2 * DAY)
    assert (again.kind, again.sessions_ended) == (ProjectionOutcome.EMAIL_TAKEN, False), (
        "ended once, not at every attempt"
    )
    assert len(audit.newest(session, limit=50)) == told, "the same refusal is no news"
    assert account.projection_pending


def test_a_refused_account_is_given_up_once_its_rights_are_over(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    account.person.surname = f"{account.person.surname} (/)"
    given(session, account, school, until=TODAY + 3 * DAY)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.REFUSED
    assert account.projection_pending
    assert project(session, door, account.id, AT + 4 * DAY).kind == ProjectionOutcome.NOT_NEEDED
    assert not account.projection_pending, "nobody waits for it any more"
    assert door.find(account.username) is None


def test_rights_do_not_wait_for_a_name_that_keycloak_refuses(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    surname = account.person.surname
    given(session, account, school)
    right = given(session, account, school, "staff", until=TODAY + 3 * DAY)
    project(session, door, account.id, AT)
    account.person.surname = f"{surname} [1]"
    grants.end_at_once(session, right, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + DAY)
    refused = project(session, door, account.id, AT + DAY)
    assert (refused.kind, refused.written, refused.sessions_ended) == (ProjectionOutcome.REFUSED, True, True)
    assert sections_shown(door, account) == {"learners"}
    assert shown(door, account).surname == surname
    assert account.projection_pending
    people.rename(
        session,
        account.person,
        given_name="Anna",
        surname=f"{surname}-Kalna",
        reason="pase",
        origin=BY_REVIEWER,
        at=AT + DAY,
    )
    assert project(session, door, account.id, AT + DAY).kind == ProjectionOutcome.UPDATED
    assert shown(door, account).surname == f"{surname}-Kalna"
    assert not account.projection_pending


def test_an_account_of_that_name_that_is_not_ours_is_never_touched(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId, keycloak_admin: KeycloakAdmin
) -> None:
    foreign = keycloak_admin.create_user(
        account.username, given_name="Sveša", surname="Persona", email=account.email.lower()
    )
    given(session, account, school)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.USERNAME_TAKEN
    untouched = door.read(foreign)
    assert untouched is not None
    assert (untouched.given_name, untouched.attributes) == ("Sveša", {})
