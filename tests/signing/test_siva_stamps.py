"""What SiVa's published suite asks of stamps over simple containers, with files of our own."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from builders.signing import edits
from signing.siva.conclusion import conclusion
from tests.signing.test_archive_stamps import manifest
from tests.signing.test_siva_cases import ASIC_S, NOTE, archived, stamped, token

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.conftest import Judge

POLICIES = ("POLv3", "POLv4")


@pytest.mark.parametrize("policy", [*POLICIES, "qes-lv"])
def test_a_stamp_of_no_qualified_service_fails_and_opens_nothing(
    pki: Pki, judge: Judge, letter: bytes, policy: str
) -> None:
    found = conclusion(judge(stamped(pki, ("vēstule.edoc", letter), unit="tsa-plain")), policy=policy)
    (one,) = found["timeStampTokens"]
    assert one["timestampLevel"] == "TSA"
    if policy in POLICIES:
        assert (one["indication"], found["signaturesCount"]) == ("TOTAL-FAILED", 0)
        assert one["error"]
        assert not {"signatures"} & set(found)
        assert "timestampScopes" not in one
    else:
        assert (one["indication"], found["signaturesCount"]) == ("TOTAL-PASSED", 1), "ours says the standard's word"


@pytest.mark.parametrize("plain_first", [True, False])
def test_of_two_stamps_the_qualified_one_opens_the_container(
    pki: Pki, judge: Judge, letter: bytes, *, plain_first: bool
) -> None:
    inside = ("vēstule.edoc", letter)
    first, second = ("tsa-plain", "tsa") if plain_first else ("tsa", "tsa-plain")
    both = archived(pki, stamped(pki, inside, unit=first), inside[0], "META-INF/timestamp.tst", unit=second)
    found = conclusion(judge(both))
    told = {one["timestampLevel"]: one["indication"] for one in found["timeStampTokens"]}
    assert told == {"QTSA": "TOTAL-PASSED", "TSA": "TOTAL-FAILED"}
    assert found["validSignaturesCount"] == 1


def test_warnings_and_errors_of_stamps_have_the_names_of_the_schema(pki: Pki, judge: Judge) -> None:
    broken = archived(pki, stamped(pki, NOTE, over=b"something else"), "META-INF/timestamp.tst")
    first, second = conclusion(judge(broken))["timeStampTokens"]
    assert first["error"][0] == {"content": "The time-stamp message imprint is not intact!"}
    assert second["warning"] == [{"content": "The time-stamp token does not cover container datafile!"}]
    assert not {"errors", "warnings"} & {*first, *second}


def test_two_hundred_stamps_one_over_the_other(pki: Pki, judge: Judge) -> None:
    entries = edits.entries_of(stamped(pki, NOTE))
    for number in range(2, 201):
        token_name = f"META-INF/timestamp{number:03}.tst"
        listed = manifest(token_name, *(one for one in entries if one[0] != "mimetype"))
        made = pki.stamp(hashlib.sha256(listed).digest(), at=pki.epoch + timedelta(seconds=number))
        entries += [(f"META-INF/ASiCArchiveManifest{number:03}.xml", listed), (token_name, made)]
    tokens = conclusion(judge(edits.pack(entries, compression=0)))["timeStampTokens"]
    assert [one["indication"] for one in tokens] == ["TOTAL-PASSED"] * 200


def test_a_stamp_whose_own_signature_was_touched_fails_and_still_says_when(pki: Pki, judge: Judge) -> None:
    made = token(pki, NOTE[1])
    touched = made[:-1] + bytes((made[-1] ^ 1,))
    broken = edits.pack([ASIC_S, NOTE, ("META-INF/timestamp.tst", touched)])
    (one,) = conclusion(judge(broken))["timeStampTokens"]
    assert (one["indication"], one["subIndication"]) == ("TOTAL-FAILED", "SIG_CRYPTO_FAILURE")
    assert one["signedTime"] == pki.epoch.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert one["error"][0] == {"content": "The signature is not intact!"}
