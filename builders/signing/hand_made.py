"""Reports made by hand: what a policy reads, without any cryptography behind it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

from signing import (
    Content,
    Identity,
    Indication,
    Qualification,
    Report,
    SignatureReport,
    Signer,
    StampReport,
    TrustState,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEAD = Identity("PNO", "LV", "32000000001")
USER = Identity("PNO", "LV", "32000000002")
APPLICATION = "aa" * 32
LETTER = "bb" * 32


def signer(identity: Identity | None = HEAD, *, name: str = "Anna Paraudziņa") -> Signer:
    return Signer(
        common_name=name,
        given_name=name.split(maxsplit=1)[0],
        surname=name.rsplit(maxsplit=1)[-1],
        identity=identity,
        organisation="",
        country="LV",
        certificate_sha256="cc" * 32,
        not_before=datetime(2025, 1, 1, tzinfo=UTC),
        not_after=datetime(2030, 1, 1, tzinfo=UTC),
        serial_hex="1f",
        issuer_name="Demo eID ICA",
    )


def stamp(**changes: Any) -> StampReport:  # noqa: ANN401 - any field
    made = StampReport(time=NOON, qualified=True, authority="Demo TSA", indication=Indication.TOTAL_PASSED)
    return dataclasses.replace(made, **changes)


def signature(identity: Identity | None = HEAD, **changes: Any) -> SignatureReport:  # noqa: ANN401 - any field
    made = SignatureReport(
        id="S1",
        format="XAdES",
        level="LT",
        indication=Indication.TOTAL_PASSED,
        qualification=Qualification.QESIG,
        signer=signer(identity),
        claimed_signing_time=NOON,
        best_signature_time=NOON,
        stamps=(stamp(),),
        ocsp_time=NOON,
        covers=("iesniegums.pdf", "saistibu_raksts.pdf"),
        covers_everything=True,
    )
    return dataclasses.replace(made, **changes)


def report(*signatures: SignatureReport, trust_state: TrustState = TrustState.FRESH) -> Report:
    def covering(name: str) -> tuple[str, ...]:
        return tuple(one.id for one in signatures if name in one.covers)

    return Report(
        file_name="dokumenti.edoc",
        form="ASiC-E",
        judged_at=NOON,
        trust_state=trust_state,
        contents=(
            Content("iesniegums.pdf", 10, APPLICATION, "application/pdf", covering("iesniegums.pdf")),
            Content("saistibu_raksts.pdf", 20, LETTER, "application/pdf", covering("saistibu_raksts.pdf")),
        ),
        signatures=signatures,
    )
