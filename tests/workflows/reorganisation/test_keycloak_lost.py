"""Keycloak's answers get lost at random while a plan is carried out and undone: in the end it shows what is held."""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select, text

from demo.servers import Keycloak, KeycloakAdmin
from iam.grants.models import Account
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.iam.lossy import LossyWire
from tests.workflows.reorganisation.office import DAY, JOINED, Office
from workflows import clock, database
from workflows.jobs import Tools, drain
from workflows.rights.projection import follow
from workflows.settings import Settings

pytestmark = pytest.mark.keycloak

A = "i-4113900001"
# Names nobody else has: the server is shared by the tests.
NAMES = [
    f"{given_name} Zudusi"
    for given_name in (
        *("Rota", "Sniedze", "Ulla", "Vija", "Solvita", "Uldis"),
        *("Ziedonis", "Normunds", "Gatis", "Oskars", "Kate", "Evita"),
    )
]
_SEED = 11
_POINTS = 50
_ROUNDS = 200


class LossyAtRandom(LossyWire):
    """Loses the answer to many a request: it was heard, and nobody knows."""

    def __init__(self, port: int, random: Random) -> None:
        super().__init__(port, lose=b"")
        self._random = random

    def loses(self, request: bytes) -> bool:
        """Say whether the answer to this request is lost."""
        lost = self._random.random() < 0.5 and not request.startswith(b"POST /realms")  # else no token ever
        self.lost += lost
        return lost


@pytest.fixture
def office(database_url: str, tmp_path: Path, keycloak_admin: KeycloakAdmin) -> Iterator[Office]:
    engine = database.engine(database_url)
    made = Office(database.session_factory(engine))
    made.open(tmp_path)
    accounts = [made.account(name) for name in NAMES]
    for account in accounts:
        made.give(account, A, "learners", "staff")
    yield made
    engine.dispose()
    for account in accounts:
        keycloak_admin.delete(account.username)


def settings_of(url: str, keycloak: Keycloak, at: str) -> Settings:
    return Settings.model_validate(
        {
            "database_url": url,
            "keycloak_url": at,
            "keycloak_client_secret": keycloak.secrets.service_secret,
            "base_url": "https://viis.test",
        }
    )


def brought_to_keycloak(office: Office, settings: Settings) -> None:
    """Do what waits, attempt by attempt, until Keycloak shows everybody as they are."""
    with Tools(settings) as tools:
        for _ in range(_ROUNDS):
            drain(settings, tools=tools)
            with office.sessions.begin() as session:
                if not session.scalar(select(func.count()).where(Account.revision != Account.projected_revision)):
                    return
                waits = "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = 'rights.project'"
                session.execute(text(f"{waits} AND status = 'todo'"))
    pytest.fail("it never came to an end")


def shown(office: Office, admin: KeycloakAdmin) -> dict[str, list[str]]:
    """What Keycloak shows of everybody's rights."""
    with office.sessions() as session:
        usernames = list(session.scalars(select(Account.username).order_by(Account.username)))
    found = {}
    for username in usernames:
        user = admin.find(username)
        assert user is not None
        attributes = user.get("attributes", {})
        assert isinstance(attributes, dict)
        found[username] = sorted(attributes.get("viis_grants", []))
    return found


def test_what_is_lost_on_the_way_to_keycloak_arrives_in_the_end(
    office: Office,
    database_url: str,
    keycloak: Keycloak,
    keycloak_admin: KeycloakAdmin,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: office.now)
    with office.sessions.begin() as session:
        follow(session, *session.scalars(select(Account.id)))
    brought_to_keycloak(office, settings_of(database_url, keycloak, keycloak.url))
    before = shown(office, keycloak_admin)
    assert set(map(tuple, before.values())) == {(f"{A}:learners:edit", f"{A}:staff:edit")}
    ids, _ = office.approved(JOINED)
    with LossyAtRandom(keycloak.port, Random(_SEED)) as wire:  # noqa: S311 - the same losses each time
        lossy = settings_of(database_url, keycloak, wire.url)
        office.now = midnight_in_riga(DAY)
        brought_to_keycloak(office, lossy)
        assert set(office.states().values()) == {OrderState.APPLIED}
        assert set(map(tuple, shown(office, keycloak_admin).values())) == {()}
        applied = wire.lost
        office.pass_days(1)
        office.confirm(office.propose_undo(ids))
        brought_to_keycloak(office, lossy)
    sys.stdout.write(f"seed {_SEED}: {applied} answers lost, {wire.lost - applied} while undoing\n")
    assert wire.lost >= _POINTS
    assert set(office.states().values()) == {OrderState.UNDONE}
    assert shown(office, keycloak_admin) == before
    assert len(office.mails("order_ahead")) == len(office.mails("rights_again")) == len(NAMES)
