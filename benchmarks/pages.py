"""Every main page at 20 requests a second, 500 applications in review. The figure: p95 of each page 100 ms.

Requests are sent when they are due, whatever became of the earlier ones, and timed from then on. One JSON line last.
"""

import hashlib
import random
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus

import httpx
from sqlalchemy.orm import Session, sessionmaker

from benchmarks._applications import invented
from benchmarks._clients import Applicant, Staff, network
from benchmarks._figures import Held, Machine, spread, tell
from benchmarks._system import await_idle, sessions, system
from benchmarks.approval import SIGNATORY
from builders.workflows.filed import Submitted, prove, submit
from demo.local_system import LocalSystem
from workflows import clock
from workflows.application.kinds.grant.rules import GROUPS
from workflows.application.models import Application
from workflows.evidence.models import Document
from workflows.signed_forms.models import MadeForm, RequiredDocument, SigningRequest
from workflows.signed_forms.references import new_reference

IN_REVIEW = 500
HOLDERS = 10
A_SECOND = 20
ROUNDS = 40
AT_MOST_MS = 100.0
_TOWNS = ("Ezerpils", "Liepkalnu novads", "Kalnāju novads", "Bērzaines novads")
_PLACE = "i-9013900107"


@dataclass(frozen=True, slots=True)
class Page:
    """An address and who asks for it."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    known_as: str = ""

    @property
    def name(self) -> str:
        """What the result calls it: secrets and numbers are the same page."""
        return self.known_as or self.address


def main() -> None:
    """Start a system and measure."""
    with system() as stack, sessions(stack) as database:
        measure(stack, database)


def measure(stack: LocalSystem, database: sessionmaker[Session]) -> None:
    """Do it on a running system."""
    with network(stack) as http, Staff(stack, stack.staff[0]) as reviewer:
        pages = [*_public(http), *_applicants(database, http, stack.base_url), *_staff(database, reviewer, stack)]
        await_idle(database)
        _ask(http, pages, rounds=2)  # templates compile once
        with Machine.watched() as machine:
            took = _ask(http, pages, rounds=ROUNDS)
    each = {name: spread(values, "ms") for name, values in took.items()}
    worst = max(each.values(), key=lambda said: said["p95_ms"])
    tell(
        "pages",
        {"worst_page_p95_ms": Held(worst["p95_ms"], AT_MOST_MS)},
        machine,
        a_second=A_SECOND,
        in_review=IN_REVIEW,
        pages=each,
        **spread([one for values in took.values() for one in values], "ms"),
    )


def _ask(http: httpx.Client, pages: list[Page], *, rounds: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {page.name: [] for page in pages}
    start = time.perf_counter() + 0.2

    def one(numbered: tuple[int, Page]) -> None:
        number, page = numbered
        due = start + number / A_SECOND
        time.sleep(max(due - time.perf_counter(), 0))
        if page.form is None:
            answer = http.get(page.address, headers=page.headers)
        else:
            answer = http.post(page.address, data=page.form, headers=page.headers)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{page.address} was answered with {answer.status_code}")
        took[page.name].append((time.perf_counter() - due) * 1000)

    with ThreadPoolExecutor(A_SECOND * 2) as people:
        asked = pages * rounds
        random.Random(1).shuffle(asked)  # noqa: S311 - an order, not a secret
        list(people.map(one, enumerate(asked)))
    return took


def _public(http: httpx.Client) -> list[Page]:
    begun = http.get("/apply", params={"q": "vidusskola"})
    cookies = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in begun.cookies.jar)}
    plain = ("/", "/help", "/support", "/accessibility", "/privacy", "/cookies", "/apply", "/apply?q=vidusskola")
    return [Page(address, cookies) for address in (*plain, "/track", "/verify", "/?lang=en")]


def _applicants(database: sessionmaker[Session], http: httpx.Client, base_url: str) -> list[Page]:
    with database.begin() as session:
        submitted = submit(session, invented(0), invented(1), base_url=base_url, at=clock.now())
    applicant = Applicant(http, submitted)
    begun = applicant.begin_draft(_PLACE)
    steps = [
        Page(f"/apply/{begun}/{group}", applicant.headers, known_as=f"/apply/…/{group}")
        for group in GROUPS
        if group != "institution"
    ]
    return [
        Page(f"/apply/{begun}", applicant.headers, known_as="/apply/…"),
        *steps,
        Page(applicant.address, applicant.headers, known_as="/track/…"),
    ]


def _staff(database: sessionmaker[Session], reviewer: Staff, stack: LocalSystem) -> list[Page]:
    held = [_proven(database, stack.base_url, number) for number in range(2, 2 + HOLDERS)]
    shown = _proven(database, stack.base_url, 1000)
    await_idle(database)
    for case in held:
        address = f"/review/{case.reference}"
        form = {**reviewer.fields(address), **SIGNATORY, "decision": "approve", "reason": ""}
        reviewer.send(f"{address}/decide", form)
    _multiply(database, shown, IN_REVIEW - 1)
    with httpx.Client(base_url=stack.base_url, cookies=reviewer.http.cookies, timeout=60) as browser:
        headers = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)}
    token = reviewer.fields("/people")
    case_page = f"/review/{shown.reference}"
    person = invented(2)
    username = f"{person.given_name}.{person.surname}".lower()
    return [
        *(Page(f"/review{query}", headers) for query in ("", "?page=8", "?q=ezer", "?who=nobody", "?signed=clean")),
        Page(f"/review?municipality={_TOWNS[1]}", headers, known_as="/review?municipality=…"),
        Page(case_page, headers, known_as="/review/…"),
        Page(f"{case_page}?tab=history", headers, known_as="/review/…?tab=history"),
        Page("/people", headers),
        Page("/people", headers, form={**token, "q": person.surname}, known_as="POST /people"),
        Page(f"/people/{username}", headers, known_as="/people/…"),
        *(Page(f"/grants{query}", headers) for query in ("", "?q=vidusskola", f"?scope={_PLACE}")),
    ]


def _proven(database: sessionmaker[Session], base_url: str, number: int) -> Submitted:
    at = clock.now()
    with database.begin() as session:
        submitted = submit(session, invented(0), invented(number), base_url=base_url, at=at)
        prove(session, submitted, base_url=base_url, at=at)
    return submitted


def _multiply(database: sessionmaker[Session], submitted: Submitted, times: int) -> None:
    """Put copies of an application into the queue; their forms are rows only, nobody opens them."""
    with database.begin() as session:
        first = session.get_one(Application, submitted.id)
        for number in range(times):
            since = clock.now() - timedelta(hours=number)
            changes = {
                "reference": new_reference(),
                "municipality": _TOWNS[number % len(_TOWNS)],
                "in_review_at": since,
                "claimed_by": "juris.apstiprinatajs" if number % 5 == 0 else None,
                "claimed_at": since if number % 5 == 0 else None,
            }
            copy = Application(**{**_row(first), **changes})
            request = SigningRequest(**{**_row(first.signing), "reference": changes["reference"]})
            session.add(request)
            session.flush()
            copy.request_id = request.id
            for document in first.documents:
                digest = hashlib.sha256(f"{document.part} {number}".encode()).hexdigest()
                session.add(
                    Document(
                        sha256=digest,
                        size=1,
                        chunks=1,
                        declared_name="x.pdf",
                        media_type="application/pdf",
                        received_at=since,
                    )
                )
                row = RequiredDocument(**{**_row(document), "request_id": request.id})
                row.made = MadeForm(sha256=digest, size=1, edition=first.edition or "", made_at=since)
                session.add(row)
            session.add(copy)


def _row(of: Application | SigningRequest | RequiredDocument) -> dict[str, object]:
    names = [column.key for column in type(of).__mapper__.column_attrs]
    return {name: getattr(of, name) for name in names if name not in {"id", "version"}}


if __name__ == "__main__":
    main()
