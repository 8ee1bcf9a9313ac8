"""`make journey`: the main job, played through the real pages, the real mailbox and the real Keycloak."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.keycloak


def test_the_journey_goes_from_form_to_token_and_back_and_says_so(servers_folder: Path) -> None:
    played = subprocess.run(
        [sys.executable, "-m", "demo", "journey", "--state", str(servers_folder / "journey")],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    said = " ".join(played.stdout.split())
    assert played.returncode == 0, said + played.stderr
    assert "✗" not in said
    for step in (
        "fills in the application",
        "uploads the letter",
        "approves",
        "in the access token",
        "new number",
        "ends one right",
        "first in the queue",
        "until midnight the right is in the token",
        "on the next day introspection says inactive",
    ):
        assert step in said, said
    assert "i-9013900107:learners:edit" in said
    assert "i-9013900999:learners:edit" in said, "the right in the school that an order founded"
