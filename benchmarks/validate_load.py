"""32 documents at once for `POST /validate`, one worker: how many are answered, and how soon. The figure: all, in 4 s.

Every document is really signed beforehand (eDoc, ASiC-E and PDF in turn). A client that is told to come back does so
when it was told to, as SiVa's clients do; `refused` counts how often that happened. One JSON line last.
"""

import base64
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO

import httpx
import pikepdf

from benchmarks._clients import network
from benchmarks._figures import Held, Machine, spread, tell
from benchmarks._system import await_idle, sessions, system
from demo.pki import Pki, person
from demo.signer import sign_asice, sign_edoc, sign_pdf
from workflows import clock

AT_ONCE = 32
AT_MOST_MS = 4000.0
GIVE_UP = 60.0
_ROUNDS = 3


def main() -> None:
    """Sign, let the worker come to rest, ask."""
    with system() as stack, sessions(stack) as database, network(stack) as http:
        documents = [_signed(stack.pki.built, number) for number in range(AT_ONCE)]
        _ask(http, documents[0])
        await_idle(database)
        took: list[float] = []
        refused = 0
        with Machine.watched() as machine:
            for _round in range(_ROUNDS):
                times, told = ask_at_once(http, documents)
                took += times
                refused += told
    tell(
        "validate_load",
        {"slowest_ms": Held(max(took), AT_MOST_MS)},
        machine,
        at_once=AT_ONCE,
        rounds=_ROUNDS,
        refused=refused,
        **spread(took, "ms"),
    )


def ask_at_once(http: httpx.Client, documents: Sequence[bytes]) -> tuple[list[float], int]:
    """Ask about all of them; return the milliseconds until each was answered, and how often one was told to wait."""
    with ThreadPoolExecutor(len(documents)) as clients:
        answered = list(clients.map(lambda document: _ask(http, document), documents))
    return [took for took, _ in answered], sum(refused for _, refused in answered)


def _ask(http: httpx.Client, document: bytes) -> tuple[float, int]:
    body = {"filename": "document.edoc", "document": base64.b64encode(document).decode("ascii")}
    begun, refused = time.perf_counter(), 0
    while True:
        answer = http.post("/validate", json=body)
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            break
        refused += 1
        if time.perf_counter() - begun > GIVE_UP:
            raise TimeoutError("a document got no verdict")
        time.sleep(float(answer.headers["Retry-After"]))
    if answer.json()["validationReport"]["validationConclusion"]["validSignaturesCount"] != 1:
        raise RuntimeError("a sound document was not")
    return (time.perf_counter() - begun) * 1000, refused


def _signed(pki: Pki, number: int) -> bytes:
    at, who, file = clock.now(), person("user"), (f"{number}.txt", b"Iesniegums")
    match number % 3:
        case 0:
            return sign_edoc([file], person=who, pki=pki, at=at)
        case 1:
            return sign_asice([file], person=who, pki=pki, at=at)
        case _:
            made = BytesIO()
            with pikepdf.new() as document:
                document.add_blank_page()
                document.save(made)
            return sign_pdf(made.getvalue(), person=who, pki=pki, at=at)


if __name__ == "__main__":
    main()
