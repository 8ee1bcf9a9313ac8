"""An answer serves again where asking again could tell nothing new, and nowhere else."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from demo.pki import lv_list, person
from demo.signer import Level, sign_edoc
from signing import TrustStore, verify
from signing.model import RevocationNeed
from signing.online.cache import Cache, next_update
from signing.online.client import Client
from signing.trust import read_list
from tests.signing.test_online import LOOPBACK, answering

if TYPE_CHECKING:
    from datetime import datetime

    from demo.pki import Pki

URL = "http://ocsp.example/"


@pytest.fixture
def now(pki: Pki) -> datetime:
    return pki.epoch + timedelta(minutes=10)


@pytest.fixture
def answer(pki: Pki) -> bytes:
    return pki.ocsp(pki.certificate("head"), at=pki.epoch)


def need(since: datetime | None, *, url: str = URL, request: bytes = b"request", kind: str = "ocsp") -> RevocationNeed:
    return RevocationNeed(url, kind, request, "", since)


def test_an_answer_serves_signatures_older_than_itself_until_its_next_update(
    pki: Pki, now: datetime, answer: bytes
) -> None:
    cache = Cache(longest=timedelta(days=365))
    cache.keep(need(now), answer, at=now)
    promised = next_update("ocsp", answer)
    assert promised is not None
    assert cache.find(need(pki.epoch), at=now) == answer
    assert cache.find(need(now), at=promised - timedelta(seconds=1)) == answer
    assert cache.find(need(pki.epoch), at=promised) is None
    assert cache.find(need(pki.epoch), at=now) is None, "what is over is forgotten"


def test_a_signature_made_since_and_one_without_a_proven_time_ask_again(now: datetime, answer: bytes) -> None:
    cache = Cache()
    cache.keep(need(now), answer, at=now)
    later = now + timedelta(minutes=5)
    assert cache.find(need(now + timedelta(seconds=1)), at=later) is None
    assert cache.find(need(None), at=later) is None
    assert cache.find(need(now), at=later) == answer, "and the answer stays for those it serves"


def test_an_answer_is_kept_an_hour_at_most_and_serves_no_earlier_moment(now: datetime, answer: bytes) -> None:
    cache = Cache()
    cache.keep(need(now), answer, at=now)
    assert cache.find(need(now), at=now + timedelta(minutes=59)) == answer
    assert cache.find(need(now), at=now + timedelta(minutes=60)) is None
    cache.keep(need(now), answer, at=now)
    assert cache.find(need(now - timedelta(hours=1)), at=now - timedelta(minutes=1)) is None, "a clock that went back"


def test_other_requests_addresses_and_kinds_have_answers_of_their_own(now: datetime, answer: bytes) -> None:
    cache = Cache()
    cache.keep(need(now), answer, at=now)
    for other in (
        need(now, request=b"another"),
        need(now, url="http://evil.example/"),
        need(now, kind="crl"),
    ):
        assert cache.find(other, at=now) is None


def test_what_does_not_say_how_long_it_is_good_is_not_kept(now: datetime) -> None:
    cache = Cache()
    cache.keep(need(now), b"nonsense", at=now)
    cache.keep(need(now, kind="crl"), b"nonsense", at=now)
    assert cache.find(need(now), at=now) is None


def test_it_is_bounded_in_number_and_in_bytes(now: datetime, answer: bytes) -> None:
    few = Cache(most=3)
    for number in range(5):
        few.keep(need(now, url=f"http://{number}.example/"), answer, at=now)
        few.find(need(now, url="http://0.example/"), at=now)
    held = [number for number in range(5) if few.find(need(now, url=f"http://{number}.example/"), at=now)]
    assert held == [0, 3, 4], "what was not asked for longest went first"

    small = Cache(most_bytes=2 * len(answer) + 1)
    for number in range(5):
        small.keep(need(now, url=f"http://{number}.example/"), answer, at=now)
        small.keep(need(now, url=f"http://{number}.example/"), answer, at=now)
    held = [number for number in range(5) if small.find(need(now, url=f"http://{number}.example/"), at=now)]
    assert held == [3, 4]
    Cache(most_bytes=10).keep(need(now), answer, at=now)


def test_threads_share_it(now: datetime, answer: bytes) -> None:
    cache = Cache(most=4)
    faults: list[Exception] = []

    def work(thread: int) -> None:
        try:
            for number in range(300):
                one = need(now, url=f"http://{(thread + number) % 9}.example/")
                found = cache.find(one, at=now)
                assert found in (None, answer)
                cache.keep(one, answer, at=now)
        except Exception as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_the_second_of_two_letters_asks_nobody(pki: Pki, now: datetime) -> None:
    letter = sign_edoc([("a.txt", b"x")], person=person("user"), pki=pki, at=pki.epoch, level=Level.T)
    trust = TrustStore.of_anchors([], [read_list(lv_list(pki, at=pki.epoch))])
    report = verify(letter, name="a.edoc", trust=trust, at=now)
    since = report.signatures[0].best_signature_time
    assert since is not None
    assert {one.since for one in report.needs} == {since}
    crl = pki.crl("eid", at=now)
    client = Client(private_allowed=LOOPBACK)
    with answering(crl) as url:
        asked = need(since, url=url, request=b"", kind="crl")
        assert client.fulfil(asked, at=now) == crl
    assert client.fulfil(asked, at=now + timedelta(minutes=1)) == crl, "nobody listens there any more"
