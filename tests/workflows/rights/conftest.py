"""What do the tests of rights lean on? A register, and many people with rights in it; no Keycloak, no pages."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from builders.iam.register import imported
from iam.ids import ScopeId
from iam.institutions import service as institutions
from workflows.rights import askers


@pytest.fixture
def school(session: Session, tmp_path: Path) -> ScopeId:
    imported(session, tmp_path)
    return institutions.scope_of_institution(session, "4113900001").id


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[askers.Lookup]:
    """The registered lookups of askers: none, unless the test registers some."""
    registered: list[askers.Lookup] = []
    monkeypatch.setattr(askers, "_LOOKUPS", registered)
    return registered
