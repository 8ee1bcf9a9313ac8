"""A signed container of the demo's people, and the trust to judge it by."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from demo.pki import lv_list, person
from demo.signer import sign_again, sign_edoc
from signing import Report, TrustStore, verify
from signing.trust import read_list

if TYPE_CHECKING:
    from datetime import datetime

    from demo.pki import Pki

APPLICATION = ("iesniegums.txt", "Lūdzu piešķirt tiesības.".encode())
LETTER = ("saistību raksts.txt", "Apņemos ievērot noteikumus.".encode())


class Judge(Protocol):
    """Judges bytes an hour after the signatures of these tests were made, unless told otherwise."""

    def __call__(
        self,
        document: bytes,
        *,
        trust: TrustStore | None = None,
        at: datetime | None = None,
        revocation: tuple[bytes, ...] = (),
    ) -> Report: ...


@pytest.fixture(scope="session")
def latvian_list(pki: Pki) -> TrustStore:
    return TrustStore.of_anchors([], [read_list(lv_list(pki, at=pki.epoch))])


@pytest.fixture(scope="session")
def judge(pki: Pki, latvian_list: TrustStore) -> Judge:
    def judged(
        document: bytes,
        *,
        trust: TrustStore | None = None,
        at: datetime | None = None,
        revocation: tuple[bytes, ...] = (),
    ) -> Report:
        moment = at or pki.epoch + timedelta(hours=1)
        return verify(document, name="dokuments.edoc", trust=trust or latvian_list, at=moment, revocation=revocation)

    return judged


@pytest.fixture(scope="session")
def letter(pki: Pki) -> bytes:
    """Two files in one container, signed by the head."""
    return sign_edoc([APPLICATION, LETTER], person=person("head"), pki=pki, at=pki.epoch)


@pytest.fixture(scope="session")
def two_signatures(pki: Pki, letter: bytes) -> bytes:
    """The same, signed by the user as well."""
    return sign_again(letter, person=person("user"), pki=pki, at=pki.epoch + timedelta(minutes=5))
