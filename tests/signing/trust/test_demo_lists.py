"""The demo's own lists, made and signed by code that shares nothing with the reader, good ones and twisted ones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from demo.pki import Twist, ee_list, lotl, lv_list
from demo.pki.trusted_list import EE_PATH, LV_PATH
from signing import TrustState
from signing.pki.certificates import Certificate
from signing.pki.trust_protocol import Purpose
from signing.trust import TrustStore, UnverifiedList, load_lotl

if TYPE_CHECKING:
    from datetime import datetime

    from demo.pki import Pki


def of(pki: Pki, label: str) -> Certificate:
    return Certificate.from_der(pki.certificate(label).public_bytes(Encoding.DER))


def load(
    pki: Pki, at: datetime, *, twist: Twist | None = None, previous: TrustStore | None = None, signer: str = "lotl"
) -> TrustStore:
    """What a refresh at that moment gives, Latvia's list being twisted."""
    served = {
        pki.base_url + LV_PATH: lv_list(pki, at=at, twist=twist or Twist()),
        pki.base_url + EE_PATH: ee_list(pki, at=at),
    }
    return load_lotl(lotl(pki, at=at), signers=[of(pki, signer)], fetch=served.__getitem__, at=at, previous=previous)


def problem_of(store: TrustStore, territory: str) -> str:
    state = next(one for one in store.states if one.territory == territory)
    return state.problem.code if state.problem is not None else ""


def test_the_demos_lists_are_what_a_verifier_needs(pki: Pki) -> None:
    store = load(pki, pki.epoch)
    assert [(state.territory, state.condition(pki.epoch)) for state in store.states] == [
        ("EU", TrustState.FRESH),
        ("LV", TrustState.FRESH),
        ("EE", TrustState.FRESH),
    ]
    assert store.is_anchor(of(pki, "eid"), purpose=Purpose.SIGNER, at=pki.epoch)
    unit = of(pki, "tsa")
    assert store.stamp_unit_qualified(unit, [unit], at=pki.epoch) is True
    stranger = of(pki, "tsa-unlisted")
    assert not store.is_anchor(stranger, purpose=Purpose.STAMP, at=pki.epoch)


@pytest.mark.parametrize(
    ("twist", "code"),
    [
        (Twist(signer="list-impostor"), "list.signer-not-announced"),
        (Twist(torn=True), "list.signature-broken"),
    ],
    ids=["signed by an impostor", "one byte changed"],
)
def test_a_twisted_list_is_missing_with_its_reason(pki: Pki, twist: Twist, code: str) -> None:
    store = load(pki, pki.epoch, twist=twist)
    assert problem_of(store, "LV") == code
    assert store.state(pki.epoch) is TrustState.MISSING
    assert not store.is_anchor(of(pki, "eid"), purpose=Purpose.SIGNER, at=pki.epoch)


def test_the_second_announced_signer_may_sign_too(pki: Pki) -> None:
    assert problem_of(load(pki, pki.epoch, twist=Twist(signer="list-lv-next")), "LV") == ""


def test_an_expired_list_is_stale(pki: Pki) -> None:
    assert load(pki, pki.epoch, twist=Twist(expired=True)).state(pki.epoch) is TrustState.STALE


def test_a_rollback_keeps_the_newer_list(pki: Pki) -> None:
    now = load(pki, pki.epoch)
    older = load(pki, pki.epoch + timedelta(days=1), twist=Twist(sequence=1), previous=now)
    assert problem_of(older, "LV") == "list.rollback"
    assert older.lists[1] == now.lists[1]


def test_a_withdrawn_authority_anchors_nothing_from_that_day_on(pki: Pki) -> None:
    withdrawn = pki.epoch - timedelta(days=10)
    store = load(pki, pki.epoch, twist=Twist(statuses={"eid": ("withdrawn", withdrawn)}))
    trusted = [
        store.is_anchor(of(pki, "eid"), purpose=Purpose.SIGNER, at=moment)
        for moment in (withdrawn - timedelta(days=1), withdrawn + timedelta(days=1))
    ]
    assert trusted == [True, False]


def test_a_list_of_lists_signed_by_nobody_we_were_told_of(pki: Pki) -> None:
    with pytest.raises(UnverifiedList, match=r"list\.signer-not-announced"):
        load(pki, pki.epoch, signer="list-lv")
