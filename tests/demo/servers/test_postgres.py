"""The embedded PostgreSQL, as the demo and every test use it."""

import os
import pwd
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.servers import Postgres, ProgramMissing


def test_a_test_gets_a_database_of_its_own(session: Session) -> None:
    assert session.scalar(text("SELECT current_database()")).startswith("test_")
    assert session.scalar(text("SHOW server_version")).startswith("18")


def test_root_without_a_user_to_run_it_as_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(name: str) -> NoReturn:
        raise KeyError(name)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", nobody)
    monkeypatch.setenv("PATH", str(tmp_path))
    server = Postgres(tmp_path / "postgres")
    with pytest.raises(ProgramMissing, match=r"root.*pgserver.*useradd"):
        server.start()
