"""Accounts for a server that all tests share."""

from itertools import count

import pytest
from sqlalchemy.orm import Session

from builders.iam.rights import opened
from iam.grants.models import Account

SURNAMES = (f"Liepa{'abcdefghij'[number // 10 % 10]}{'abcdefghij'[number % 10]}" for number in count())


@pytest.fixture
def account(session: Session) -> Account:
    """An account with a name nobody else has: the server is shared by the tests."""
    surname = next(SURNAMES)
    return opened(session, f"Anna {surname}", email=f"anna.{surname}@alda.example")
