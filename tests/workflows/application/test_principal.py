"""Who is asking: staff, the holder of an account, both or neither; and what they may see of applications."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.iam.rights import given
from builders.workflows.office import SCHOOL, Office, Submitted
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import service as grants
from iam.grants.models import Account, EndCause
from iam.ids import MunicipalityId
from iam.institutions import service as institutions
from iam.visibility import EVERYTHING, NOTHING, Visibility
from workflows import staff
from workflows.application import repository, service
from workflows.application.errors import NoSuchApplication
from workflows.application.queue import Filters
from workflows.principal import Principal, principal_called
from workflows.staff import Role

BY = Actor(ActorKind.SYSTEM, "test")


def municipality_called(office: Office, name: str) -> MunicipalityId:
    with office.sessions() as session:
        return next(
            hit.id for hit in institutions.municipalities(session, on=office.today) if hit.name.startswith(name)
        )


def asks(office: Office, username: str, subject: str = "made for it") -> Principal | None:
    with office.sessions() as session:
        return principal_called(session, username, subject=subject, since=office.now, on=office.today)


def projected(office: Office, account: Account) -> Account:
    """Say that Keycloak has a user made for the account."""
    with office.sessions.begin() as session:
        session.get_one(Account, account.id).keycloak_id = "made for it"
    return account


def hired(office: Office, username: str, *roles: Role, municipality: MunicipalityId | None = None) -> Principal:
    with office.sessions.begin() as session:
        staff.add(
            session,
            username,
            name="Kāds Vārds",
            roles=roles,
            municipality_id=municipality,
            by=BY,
            door=Door.CLI,
            at=office.now - timedelta(days=1),
        )
    found = asks(office, username)
    assert found is not None
    return found


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.APPROVER, Role.AUDITOR])
def test_who_decides_or_checks_sees_everything(office: Office, role: Role) -> None:
    one = hired(office, "kads.vards", role)
    assert (one.roles, one.sees, str(one.actor)) == (frozenset({role}), EVERYTHING, "staff:kads.vards")


def test_an_administrator_sees_nothing_of_people_and_applications(office: Office) -> None:
    assert hired(office, "kads.vards", Role.ADMINISTRATOR).sees == NOTHING


def test_a_consultant_sees_the_municipality_they_were_given(office: Office) -> None:
    there = municipality_called(office, "Ezerpils")
    one = hired(office, "kads.vards", Role.CONSULTANT, municipality=there)
    assert one.sees == Visibility(municipalities=frozenset({there}))


def test_the_holder_of_an_account_sees_their_own_until_it_ends(office: Office, waiting: Submitted) -> None:
    account = projected(office, office.approve(waiting))
    one = asks(office, account.username)
    assert one is not None
    assert not one.is_staff
    assert one.account_id == account.id
    assert one.sees == Visibility(person=account.person_id)
    assert str(one.actor) == f"person:{account.person_id}"
    with office.sessions.begin() as session:
        grants.end_account(
            session,
            session.get_one(Account, account.id),
            cause=EndCause.IZM,
            origin=Origin(BY, Door.CLI),
            at=office.now,
        )
    assert asks(office, account.username) is None


def test_a_keycloak_user_who_is_called_like_an_account_does_not_hold_it(office: Office, waiting: Submitted) -> None:
    """Somebody else may have made a user of that name before we could, or renamed one."""
    account = office.approve(waiting)
    assert asks(office, account.username) is None
    projected(office, account)
    assert asks(office, account.username, "another") is None
    assert asks(office, account.username) is not None


def test_nobody_is_nobody_and_who_was_hired_after_signing_in_signs_in_anew(office: Office) -> None:
    assert asks(office, "kads.vards") is None
    hired(office, "kads.vards", Role.REVIEWER)
    with office.sessions() as session:
        before = office.now - timedelta(days=2)
        assert principal_called(session, "kads.vards", subject="a", since=before, on=office.today) is None


def test_staff_with_an_account_are_both(office: Office, waiting: Submitted) -> None:
    account = projected(office, office.approve(waiting))
    one = hired(office, account.username, Role.AUDITOR)
    assert (one.is_staff, one.account_id, one.sees.everything) == (True, account.id, True)
    assert str(one.actor) == f"staff:{account.username}"


def test_the_queue_and_a_case_are_those_of_whoever_asks(office: Office, waiting: Submitted) -> None:
    """Lists, counts, tiles, the next one and the case itself: all narrowed by the query."""
    here = hired(office, "sava", Role.CONSULTANT, municipality=municipality_called(office, "Ezerpils"))
    with office.sessions() as session:
        other = next(
            hit.id
            for hit in institutions.municipalities(session, on=office.today)
            if not hit.name.startswith("Ezerpils")
        )
    elsewhere = hired(office, "cita", Role.CONSULTANT, municipality=other)
    again = office.submit("head-user", "head-user")
    office.prove(again)
    holder = asks(office, projected(office, office.approve(waiting)).username)
    assert holder is not None

    def seen(by: Principal) -> tuple[object, ...]:
        with office.sessions() as session:
            view = service.queue(session, Filters(states=()), by=by, at=office.now)
            found = {
                one: repository.case_by_reference(session, one, sees=by.sees, on=office.today) is not None
                for one in (waiting.reference, again.reference)
            }
            following = service.next_one(session, by=by, at=office.now)
            account = session.scalars(select(Account)).one()
            about = repository.about_person(session, account.person_id, (), about={}, sees=by.sees, on=office.today)
            assert len(view.rows) == view.total
            assert (following is not None) == (view.waiting > 0)
            return view.total, view.waiting, view.municipalities, *found.values(), len(about)

    assert seen(hired(office, "inese.kalna", Role.REVIEWER))[:2] == (2, 1)
    assert seen(here) == (2, 1, ("Ezerpils",), True, True, 1)
    assert seen(elsewhere) == (0, 0, (), False, False, 0)
    assert seen(hired(office, "admin", Role.ADMINISTRATOR)) == (0, 0, (), False, False, 0)
    assert seen(holder) == (1, 0, (), True, False, 1), "what was decided about oneself, and nothing else"


def test_a_case_tells_of_the_users_other_rights_what_may_be_seen(office: Office, waiting: Submitted) -> None:
    account = office.approve(waiting)
    with office.sessions.begin() as session:
        state = institutions.state_scope(session).id
        given(session, session.get_one(Account, account.id), state, since=office.today, at=office.now)
    office.now += timedelta(days=2)
    again = office.submit(scope={"section.learners": "view"})
    office.prove(again)

    def told(sees: Visibility) -> list[str]:
        with office.sessions() as session:
            view = service.case_view(session, again.reference, sees=sees, own=False, at=office.now)
            return sorted({one.scope for one in view.rights.held})

    here = Visibility(municipalities=frozenset({municipality_called(office, "Ezerpils")}))
    assert told(EVERYTHING) == [f"i-{SCHOOL}", "s"]
    assert told(here) == [f"i-{SCHOOL}"]
    with pytest.raises(NoSuchApplication):
        told(NOTHING)
