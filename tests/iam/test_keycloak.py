"""Keycloak follows the database: on the real server, with every trap that is known of it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, imported, person
from demo.servers import Keycloak, KeycloakAdmin
from demo.servers.relying_party import LoginRefused, RelyingParty
from iam import audit
from iam.errors import KeycloakUnavailable
from iam.grants import service as grants
from iam.grants.evidence import TakenOver
from iam.grants.models import Account, EndCause, Grant, Level
from iam.ids import ScopeId
from iam.institutions import service as institutions
from iam.keycloak.client import DIGEST, KeycloakClient, KeycloakUser
from iam.keycloak.desired import DesiredUser
from iam.keycloak.projection import Projected, ProjectionOutcome, project
from iam.people import service as people
from tests.iam.doors import open_door
from tests.iam.lossy import LossyWire

pytestmark = pytest.mark.keycloak

TODAY = date(2026, 9, 1)
DAY = timedelta(days=1)
PASSWORD = "viens garš teikums 77"
SURNAMES = (f"Liepa{'abcdefghij'[number // 10 % 10]}{'abcdefghij'[number % 10]}" for number in count())


@pytest.fixture
def account(session: Session) -> Account:
    """An account with a name nobody else has: the server is shared by the tests."""
    surname = next(SURNAMES)
    return grants.open_account(
        session,
        person=person(session, f"Anna {surname}"),
        email=f"anna.{surname}@alda.example",
        phone="",
        language="lv",
        because=None,
        origin=BY_REVIEWER,
        at=AT,
    )


def give(
    session: Session,
    account: Account,
    scope: ScopeId,
    section: str = "learners",
    *,
    since: date = TODAY,
    until: date | None = None,
) -> Grant:
    return grants.give(
        session,
        section,
        Level.EDIT,
        to=account,
        at_scope=scope,
        since=since,
        until=until,
        because=TakenOver("adopt.csv line 2", "0" * 64),
        origin=BY_REVIEWER,
        at=AT,
    )


def shown(door: KeycloakClient, account: Account) -> KeycloakUser:
    assert account.keycloak_id is not None
    user = door.read(account.keycloak_id)
    assert user is not None
    return user


def sections_shown(door: KeycloakClient, account: Account) -> set[str]:
    return {value.split(":")[1] for value in shown(door, account).grants}


def test_from_a_right_given_to_the_token_and_back(
    session: Session,
    door: KeycloakClient,
    account: Account,
    school: ScopeId,
    keycloak: Keycloak,
    keycloak_admin: KeycloakAdmin,
) -> None:
    grant = give(session, account, school)
    outcome = project(session, door, account.id, AT + timedelta(minutes=1))
    assert (outcome.kind, outcome.settled, account.projection_pending) == (ProjectionOutcome.CREATED, True, False)
    keycloak_admin.set_password(account.username, PASSWORD)
    viis = RelyingParty(keycloak)
    tokens = viis.log_in(account.username, PASSWORD)
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
    give(session, account, school)
    project(session, door, account.id, AT)
    keycloak_admin.set_password(account.username, PASSWORD)
    viis = RelyingParty(keycloak)
    tokens = viis.log_in(account.username, PASSWORD)
    assert project(session, door, account.id, AT + DAY) == Projected(ProjectionOutcome.UNCHANGED)
    give(session, account, school, "staff")
    assert project(session, door, account.id, AT + DAY) == Projected(ProjectionOutcome.UPDATED, sessions_ended=False)
    assert viis.refresh(tokens).grants == ("i-4113900001:learners:edit", "i-4113900001:staff:edit")


def test_a_right_of_the_future_is_shown_on_its_day_and_no_longer_after_its_last(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    give(session, account, school, "learners", since=date(2026, 9, 10), until=date(2026, 9, 12))
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
    give(session, account, school)
    project(session, door, account.id, AT)
    before = shown(door, account)
    # An administrator shuts the user in Keycloak itself.
    keycloak_admin.send("PUT", f"/users/{before.id}", json={"enabled": False})
    give(session, account, school, "staff")
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
    give(session, account, school)
    project(session, door, account.id, AT)
    keycloak_admin.set_password(account.username, PASSWORD)
    viis = RelyingParty(keycloak)
    tokens = viis.log_in(account.username, PASSWORD)
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
    given = [
        give(session, account, institutions.scope_of_institution(session, row["reg_no"]).id, section.code)
        for row in rows
        for section in grants.sections(session, on=TODAY)
    ]
    project(session, door, account.id, AT)
    assert shown(door, account).grants == {"@api"}
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.UNCHANGED
    first = shown(door, account).digest
    grants.end_at_once(session, given[0], cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + DAY)
    assert project(session, door, account.id, AT + DAY).sessions_ended
    assert shown(door, account).digest != first
    for grant in given[1:20]:
        grants.end_at_once(session, grant, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + DAY)
    project(session, door, account.id, AT + 2 * DAY)
    assert len(shown(door, account).grants) == 30


def test_an_e_mail_of_somebody_else_is_an_outcome_and_rights_do_not_wait_for_it(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId, keycloak_admin: KeycloakAdmin
) -> None:
    taken = f"taken.{account.username}@alda.example"
    keycloak_admin.create_user(f"other.{account.username}", given_name="Cits", surname="Cits", email=taken)
    own = account.email.lower()
    grants.change_contact(
        session, account, email=taken.upper(), phone="", language="lv", because=None, origin=BY_REVIEWER, at=AT
    )
    give(session, account, school)
    refused = project(session, door, account.id, AT)
    assert (refused.kind, refused.settled) == (ProjectionOutcome.EMAIL_TAKEN, False)
    assert (account.projection_outcome, account.keycloak_id, account.projection_pending) == ("email_taken", None, True)

    grants.change_contact(session, account, email=own, phone="", language="lv", because=None, origin=BY_REVIEWER, at=AT)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.CREATED
    grants.change_contact(
        session, account, email=taken, phone="", language="lv", because=None, origin=BY_REVIEWER, at=AT
    )
    give(session, account, school, "staff")
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
    give(session, account, school, until=TODAY + 3 * DAY)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.REFUSED
    assert account.projection_pending
    assert project(session, door, account.id, AT + 4 * DAY).kind == ProjectionOutcome.NOT_NEEDED
    assert not account.projection_pending, "nobody waits for it any more"
    assert door.find(account.username) is None


def test_rights_do_not_wait_for_a_name_that_keycloak_refuses(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    surname = account.person.surname
    give(session, account, school)
    right = give(session, account, school, "staff", until=TODAY + 3 * DAY)
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
    give(session, account, school)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.USERNAME_TAKEN
    untouched = door.read(foreign)
    assert untouched is not None
    assert (untouched.given_name, untouched.attributes) == ("Sveša", {})


def test_a_user_whose_making_was_not_heard_of_is_made_once_and_recognised(
    session: Session, keycloak: Keycloak, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    give(session, account, school)
    making = b"POST /admin/realms/viis/users HTTP"
    with LossyWire(keycloak.port, lose=making) as wire, open_door(keycloak, url=wire.url) as lossy:
        with pytest.raises(KeycloakUnavailable):
            project(session, lossy, account.id, AT)
        assert wire.lost == 1
        assert account.keycloak_id is None
        assert account.projection_pending
        made = door.find(account.username)
        assert made is not None, "Keycloak had done it all the same"
        assert project(session, lossy, account.id, AT).kind == ProjectionOutcome.UNCHANGED
    assert account.keycloak_id == made.id


def test_sessions_are_ended_again_after_a_crash_between_writing_and_remembering(
    session: Session,
    door: KeycloakClient,
    account: Account,
    school: ScopeId,
    keycloak: Keycloak,
    keycloak_admin: KeycloakAdmin,
) -> None:
    grant = give(session, account, school)
    project(session, door, account.id, AT + timedelta(minutes=1))
    keycloak_admin.set_password(account.username, PASSWORD)
    viis = RelyingParty(keycloak)
    tokens = viis.log_in(account.username, PASSWORD)
    grants.end_at_once(session, grant, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + timedelta(minutes=2))
    # The run before us wrote the rights and died before ending the sessions.
    user = shown(door, account)
    keycloak_admin.send(
        "PUT",
        f"/users/{user.id}",
        json={
            "email": user.email,
            "firstName": user.given_name,
            "lastName": user.surname,
            "attributes": {DIGEST: [_digest_of_nothing()]},
        },
    )
    assert viis.introspect(tokens)["active"] is True
    assert project(session, door, account.id, AT + timedelta(minutes=3)).sessions_ended
    assert viis.introspect(tokens)["active"] is False


def _digest_of_nothing() -> str:
    return "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_user_deleted_behind_our_back_is_made_again(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId, keycloak_admin: KeycloakAdmin
) -> None:
    give(session, account, school)
    project(session, door, account.id, AT)
    first = account.keycloak_id
    keycloak_admin.delete(account.username)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.CREATED
    assert account.keycloak_id not in (None, first)


def test_an_account_that_ended_before_keycloak_knew_it_is_not_made(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    give(session, account, school)
    grants.end_account(session, account, cause=EndCause.ERROR, origin=BY_REVIEWER, at=AT)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.NOT_NEEDED
    assert not account.projection_pending
    assert door.find(account.username) is None


def test_a_renamed_person_is_called_so(session: Session, door: KeycloakClient, account: Account) -> None:
    project(session, door, account.id, AT)
    account.person.given_name = "Anna Marija"
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.UPDATED
    assert shown(door, account).given_name == "Anna Marija"


def test_two_runs_at_once_write_one_after_the_other(
    database_url: str, session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    give(session, account, school)
    account_id = account.id
    session.commit()
    engine = create_engine(database_url, pool_size=6)

    def go(_: int) -> ProjectionOutcome:
        with Session(engine) as mine, mine.begin():
            return project(mine, door, account_id, AT).kind

    with ThreadPoolExecutor(6) as pool:
        kinds = sorted(pool.map(go, range(6)))
    assert kinds == ["created", *["unchanged"] * 5]
    engine.dispose()


def test_a_decision_made_while_keycloak_is_slow_does_not_wait_and_is_shown_by_the_next_run(
    database_url: str,
    session: Session,
    door: KeycloakClient,
    account: Account,
    school: ScopeId,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give(session, account, school)
    staff = give(session, account, school, "staff")
    session.commit()
    new = f"jauna.{account.email}".lower()
    engine = create_engine(database_url, pool_size=2, connect_args={"options": "-c lock_timeout=2s"})
    asked, answers = threading.Event(), threading.Event()
    creating = KeycloakClient.create

    def slowly(slow: KeycloakClient, wanted: DesiredUser) -> str:
        asked.set()
        assert answers.wait(20)
        return creating(slow, wanted)

    def go() -> ProjectionOutcome:
        with Session(engine) as mine, mine.begin():
            return project(mine, door, account.id, AT + timedelta(minutes=1)).kind

    monkeypatch.setattr(KeycloakClient, "create", slowly)
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(go)
        try:
            assert asked.wait(20)
            with Session(engine) as other, other.begin():  # nobody waits for Keycloak
                whose = other.get_one(Account, account.id)
                grants.end_at_once(other, staff, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + timedelta(minutes=2))
                grants.change_contact(
                    other, whose, email=new, phone="", language="lv", because=None, origin=BY_REVIEWER, at=AT
                )
        finally:
            answers.set()
        assert run.result() is ProjectionOutcome.CREATED
    session.expire_all()
    # What was written meanwhile stands, and is known to be missing in Keycloak.
    assert (account.email, account.projection_pending) == (new, True)
    assert sections_shown(door, account) == {"learners", "staff"}
    again = project(session, door, account.id, AT + timedelta(minutes=3))
    assert (again.kind, again.sessions_ended, account.projection_pending) == (ProjectionOutcome.UPDATED, True, False)
    assert sections_shown(door, account) == {"learners"}
    assert shown(door, account).email == new
    engine.dispose()


def test_all_users_are_read_in_pages_with_their_attributes(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    give(session, account, school)
    project(session, door, account.id, AT)
    first: list[KeycloakUser] = door.page(0)
    assert {user.username: user.grants for user in first}[account.username] == {"i-4113900001:learners:edit"}
    assert door.page(len(first)) == []
