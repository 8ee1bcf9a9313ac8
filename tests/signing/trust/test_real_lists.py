"""Real lists of Latvia, Estonia's test scheme and the EU: what they say is what we read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders.shared import SHARED
from builders.signing.trusted_lists import when
from signing import TrustState
from signing.pki.certificate_files import load_certificates
from signing.pki.trust_protocol import Purpose
from signing.trust import TrustStore, UnverifiedList, load_lotl, read_list, verify_list
from signing.trust.anchors import gather
from signing.trust.identifiers import ServiceKind, Status

if TYPE_CHECKING:
    from datetime import datetime

    from signing.trust import TrustedList

TRUST = SHARED / "corpus" / "trust"
pytestmark = pytest.mark.shared


def trusted(listed: TrustedList, purpose: Purpose, at: datetime) -> int:
    """How many certificates a list makes anchors for the purpose at that moment."""
    anchors = [one for named in gather((), [listed]).values() for one in named]
    return sum(len(one.certificates) for one in anchors if one.trusted_for(purpose, at))


def content(name: str) -> bytes:
    return (TRUST / name).read_bytes()


def test_latvias_list_of_2023_keeps_every_authority_it_ever_vouched_for() -> None:
    latvian = read_list(content("lv/LV-2023-09-12-seq41.xml"))
    assert (latvian.territory, latvian.sequence, len(latvian.services), latvian.remarks) == ("LV", 41, 29, ())
    signers = {day: trusted(latvian, Purpose.SIGNER, when(day)) for day in ("2012-01-01", "2019-01-01", "2023-01-01")}
    assert signers == {"2012-01-01": 3, "2019-01-01": 14, "2023-01-01": 8}
    stamps = [
        service.name
        for service in latvian.services
        for period in service.periods
        if period.covers(when("2023-01-01")) and (period.kind, period.status) == (ServiceKind.TSA_QTST, Status.GRANTED)
    ]
    assert stamps == ["eParaksts TSA A 2021", "eParaksts TSA B 2021"]


def test_the_snapshot_is_stale_today_and_was_fresh_in_its_time() -> None:
    store = TrustStore.of_anchors([], [read_list(content("lv/LV-2023-09-12-seq41.xml"))])
    assert store.state(when("2023-12-01")) is TrustState.FRESH
    assert store.state(when("2026-06-01")) is TrustState.STALE


def test_estonias_test_list_is_signed_as_a_whole_by_its_operator() -> None:
    operator = load_certificates(content("estonian-test/TSL.crt"))
    estonian = verify_list(content("estonian-test/EE_T.xml"), operator, at=when("2026-06-01"))
    assert (estonian.territory, estonian.sequence, len(estonian.services)) == ("EE_T", 34, 31)
    for day in ("2019-09-02", "2023-09-12"):
        with pytest.raises(UnverifiedList):
            verify_list(content("lv/LV-2023-09-12-seq41.xml"), operator, at=when(day))


def test_the_eus_list_of_lists_is_verified_by_the_official_journals_certificates_and_points_to_thirty_one() -> None:
    signers = load_certificates(content("eu-lotl-2026/lotl-signers.pem"))

    def fetch(address: str) -> bytes:
        raise ConnectionError(address)

    store = load_lotl(content("eu-lotl-2026/eu-lotl.xml"), signers=signers, fetch=fetch, at=when("2026-06-01"))
    territories = {state.territory for state in store.states}
    assert {"EU", "LV", "EE", "LT", "DE", "EL", "UK"} <= territories
    assert len(store.states) == len(territories) == 32
    assert store.state(when("2026-06-01")) is TrustState.MISSING
