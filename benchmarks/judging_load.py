"""200 signed documents at 10 a second, one worker: upload until the verdict stands on the page. The figure: p95 1 s.

Every document is really signed beforehand (eDoc, ASiC-E and PDF in turn), one of the two forms of an application. Each
is uploaded as a browser does it, and its page then asked for again as our own script does, until the verdict is there;
the clock begins when the document was due to be sent. One JSON line last.
"""

import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from benchmarks._clients import Applicant, network
from benchmarks._figures import Held, Machine, p95, spread, tell
from benchmarks._system import await_idle, sessions, system
from builders.workflows.filed import FILES, Submitted, submit
from demo.local_system import LocalSystem
from demo.pki import Pki, person
from demo.signer import sign_asice, sign_edoc, sign_pdf
from workflows import clock
from workflows.application.kinds.grant.documents import Part
from workflows.signed_forms.models import Upload

DOCUMENTS = 200
A_SECOND = 10
AT_MOST_MS = 1000.0
# frontend/scripts/progress.mjs: when the page first looks again, and how its pauses grow.
FIRST_LOOK = 0.25
LATER = 1.25
GIVE_UP = 60.0

_CHECKING = re.compile(r"data-progress|viis-progress")
_VERSION = re.compile(r'data-progress="([0-9]+)"')
_PAIRS = (("head", "user"), ("head-user", "head-user"))


@dataclass(frozen=True, slots=True)
class Document:
    """A signed file and the page it goes to."""

    applicant: Applicant
    name: str
    content: bytes


def main() -> None:
    """Prepare, let the worker come to rest, send."""
    with system() as stack, sessions(stack) as database:
        measure(stack, database)


def measure(stack: LocalSystem, database: sessionmaker[Session]) -> None:
    """Do it on a running system."""
    with network(stack) as http:
        documents = prepare(database, http, stack.pki.built, stack.base_url)
        await_idle(database)
        with Machine.watched() as machine:
            begun = time.perf_counter()
            took = send(documents)
            seconds = time.perf_counter() - begun
        judged, passed = _judged(database)
    tell(
        "judging_load",
        {"p95_ms": Held(p95(took), AT_MOST_MS)},
        machine,
        documents=DOCUMENTS,
        a_second=A_SECOND,
        kilobytes_each=round(sum(len(document.content) for document in documents) / len(documents) / 1000),
        seconds=round(seconds, 1),
        proving=passed,
        until_written=spread(judged, "ms"),
        **spread(took, "ms"),
    )


def prepare(database: sessionmaker[Session], http: httpx.Client, pki: Pki, base_url: str) -> list[Document]:
    """Submit applications through the service and sign both forms of each; shuffled, the same way every time."""
    documents: list[Document] = []
    for number in range(DOCUMENTS // len(Part)):
        at = clock.now()
        head, user = _PAIRS[number % len(_PAIRS)]
        with database.begin() as session:
            submitted = submit(session, person(head), person(user), base_url=base_url, at=at)
        applicant = Applicant(http, submitted)
        for part, signer in ((Part.APPLICATION, head), (Part.LETTER, user)):
            name, content = _signed(submitted, part, signer, pki, at, kind=len(documents) % 3)
            documents.append(Document(applicant, name, content))
    random.Random(1).shuffle(documents)  # noqa: S311 - an order, not a secret
    return documents


def send(documents: list[Document]) -> list[float]:
    """Send one every tenth of a second, whatever became of the earlier ones; milliseconds until each verdict."""
    start = time.perf_counter() + 0.5
    with ThreadPoolExecutor(len(documents)) as people:
        return list(people.map(lambda item: _follow(start + item[0] / A_SECOND, item[1]), enumerate(documents)))


def _follow(due: float, document: Document) -> float:
    time.sleep(max(due - time.perf_counter(), 0))
    document.applicant.upload(document.name, document.content)
    pause, shown = 0.0, ""
    while True:
        page = document.applicant.look(shown)
        if page and not _checking(page, document.name):
            return (time.perf_counter() - due) * 1000
        if version := _VERSION.search(page):
            shown = version[1]
        if time.perf_counter() - due > GIVE_UP:
            raise TimeoutError("a document got no verdict")
        pause = pause * LATER or FIRST_LOOK
        time.sleep(pause)


def _checking(page: str, name: str) -> bool:
    _, found, after = page.partition(f">{name}</h3>")  # the two files of an application have names of their own
    if not found:
        raise RuntimeError("the page does not show the file")
    return _CHECKING.search(after.partition("</article>")[0]) is not None


def _signed(submitted: Submitted, part: Part, signer: str, pki: Pki, at: datetime, *, kind: int) -> tuple[str, bytes]:
    form, who = (FILES[part], submitted.forms[part]), person(signer)
    match kind:
        case 0:
            return f"{part}.edoc", sign_edoc([form], person=who, pki=pki, at=at)
        case 1:
            return f"{part}.asice", sign_asice([form], person=who, pki=pki, at=at)
        case _:
            return f"{part}.pdf", sign_pdf(form[1], person=who, pki=pki, at=at)


def _judged(database: sessionmaker[Session]) -> tuple[list[float], int]:
    """Give the milliseconds from receiving to the written verdict as the database has them, and how many proved."""
    with database() as session:
        uploads = session.scalars(select(Upload)).all()
    times = [(one.judged_at - one.received_at).total_seconds() * 1000 for one in uploads if one.judged_at]
    return times, sum(any(found["standing"] == "proven" for found in one.findings) for one in uploads)


if __name__ == "__main__":
    main()
