"""What several stories of iam begin with."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from iam._base import ScopeId
from iam.grants.models import Account
from iam.institutions import service as institutions
from tests.iam.builders import imported
from tests.iam.rights import opened


@pytest.fixture
def school(session: Session, tmp_path: Path) -> ScopeId:
    imported(session, tmp_path)
    return institutions.scope_of_institution(session, "4113900001").id


@pytest.fixture
def account(session: Session) -> Account:
    return opened(session)
