"""Two applications for one user are approved at the same moment: both take effect, one after the other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from builders.workflows.office import INESE, REGISTER, Office
from iam.errors import IamError
from workflows.application import service
from workflows.application.decisions import Reviewer
from workflows.application.errors import ApplicationError

MARTA = Reviewer("marta.priede", "Marta Priede")


@pytest.mark.parametrize("known", [False, True], ids=["a new user", "a user with an account"])
@pytest.mark.parametrize("later", [-1, 0, 1])
def test_two_approvals_for_one_user_at_once_both_hold(office: Office, *, known: bool, later: int) -> None:
    """`later`: whose clock was ahead when their request began; who commits first is the machine's to choose."""
    if known:
        before = office.submit()
        office.prove(before)
        office.approve(before)
    pairs = [(office.submit(), INESE, office.now), (office.submit(), MARTA, office.now + timedelta(seconds=later))]
    for submitted, _, _ in pairs:
        office.prove(submitted)
    seen = {submitted.id: office.case(submitted, by).version for submitted, by, _ in pairs}
    start = Barrier(len(pairs))

    def approve(number: int) -> str:
        submitted, by, at = pairs[number]
        start.wait()
        try:
            with office.sessions.begin() as session:
                account = service.approve(
                    session,
                    submitted.id,
                    seen=seen[submitted.id],
                    by=by,
                    signatory=REGISTER,
                    base_url=office.settings.base_url,
                    at=at,
                )
                return "" if account is None else account.username
        except (ApplicationError, IamError) as told:
            return type(told).__name__

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(approve, range(2)))
    account = office.case(pairs[0][0]).account
    assert account is not None
    assert done == [account.username] * 2
