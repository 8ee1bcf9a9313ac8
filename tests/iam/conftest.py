"""What several stories of iam begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from builders.iam.register import imported
from builders.iam.rights import opened
from demo.servers import Keycloak
from iam.grants.models import Account
from iam.ids import ScopeId
from iam.institutions import service as institutions
from iam.keycloak.client import KeycloakClient
from tests.iam.doors import open_door


@pytest.fixture
def school(session: Session, tmp_path: Path) -> ScopeId:
    imported(session, tmp_path)
    return institutions.scope_of_institution(session, "4113900001").id


@pytest.fixture
def account(session: Session) -> Account:
    return opened(session)


@pytest.fixture
def door(keycloak: Keycloak) -> Iterator[KeycloakClient]:
    """The service's door to the real server."""
    with open_door(keycloak) as opened:
        yield opened
