"""A signed list, mutated blindly: either what it says is unchanged, or it is refused with a reason of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builders.signing.trusted_lists import (
    EIDAS,
    Entry,
    ListText,
    Party,
    ServiceEntry,
    authority,
    qualifier,
    sign,
    uses,
    when,
)
from signing.pki.trust_protocol import Purpose
from signing.trust import TrustStore, UnusableList, read_list, verify_list

NOW = when("2026-04-01")


@pytest.fixture(scope="module")
def operator() -> Party:
    return authority("Operator")


@pytest.fixture(scope="module")
def signed(operator: Party) -> bytes:
    extensions = (uses("ForeSignatures"), qualifier("QCWithQSCD"))
    entry = Entry("granted", EIDAS, certificates=(authority("CA").certificate,), extensions=extensions)
    return sign(ListText(services=(ServiceEntry("CA", entry),)).xml(), operator)


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(where=st.floats(0, 1), length=st.integers(0, 80), put=st.binary(max_size=4), source=st.floats(0, 1))
def test_a_mutant_says_the_same_or_is_refused(
    signed: bytes, operator: Party, where: float, length: int, put: bytes, source: float
) -> None:
    at, taken = int(where * len(signed)), int(source * len(signed))
    mutant = signed[:at] + (put or signed[taken : taken + length]) + signed[at + length :]
    try:
        verified = verify_list(mutant, [operator.certificate], at=NOW)
        assert replace(verified, sha256="") == replace(read_list(signed), sha256="")
    except UnusableList:
        pass
    try:
        store = TrustStore.of_anchors([], [read_list(mutant)])
        store.is_anchor(operator.certificate, purpose=Purpose.SIGNER, at=NOW)
    except UnusableList:
        pass
