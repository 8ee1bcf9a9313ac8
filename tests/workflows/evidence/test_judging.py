"""Signed files come in, verdicts come out, and are kept with all they were made from."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import psutil
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from demo.pki import Pki, Server, lv_list, person
from demo.signer import Level, sign_asice, sign_edoc, sign_pdf
from signing import Indication, NotFetched, Qualification, Report, RevocationNeed, TrustState, TrustStore, verify
from signing.trust import read_list
from tests.workflows.evidence.conftest import Lists
from tests.workflows.evidence.test_guard import FAULTY
from workflows.evidence import faults, service
from workflows.evidence.guard.judge import REHEARSAL, REHEARSED_AT
from workflows.evidence.judging import CouldNotBeJudged, Judge
from workflows.evidence.lookups import fetcher
from workflows.evidence.models import DocumentPage, Verification, VerificationOutcome, VerificationRevocation
from workflows.evidence.trust import current_trust
from workflows.settings import Settings

Fetch = Callable[[RevocationNeed], bytes]


@dataclass
class Asked:
    """A way to look things up that remembers what it was asked."""

    fetch: Fetch
    needs: list[RevocationNeed] = field(default_factory=list)

    def __call__(self, need: RevocationNeed) -> bytes:
        self.needs.append(need)
        return self.fetch(need)


def away(_need: RevocationNeed) -> bytes:
    raise NotFetched("fetch.failed")


def settings() -> Settings:
    return Settings.model_validate({"database_url": "postgresql:///", "private_addresses_allowed": ("127.0.0.1",)})


def letter(server: Server, at: datetime, *, level: Level = Level.LT) -> bytes:
    return sign_edoc([("letter.txt", b"I undertake")], person=person("user"), pki=server.built, at=at, level=level)


def judged(
    sessions: sessionmaker[Session], judge: Judge, document: bytes, *, at: datetime, fetch: Fetch = away
) -> Verification:
    with sessions.begin() as session:
        sha256 = service.receive(session, document, declared_name="letter.edoc", at=at).sha256
        case = service.open_case(session, sha256, name="letter.edoc", at=at)
        return service.record(session, service.judge_case(judge, case, fetch=fetch))


def report_of(verification: Verification) -> Report:
    assert verification.report is not None, (verification.code, verification.params)
    return verification.report


def test_a_qualified_letter_gets_its_verdict_by_the_lists_in_force(
    sessions: sessionmaker[Session], judge: Judge, pki_server: Server, lists: Lists
) -> None:
    lists.refresh()
    verification = judged(sessions, judge, letter(pki_server, lists.at), at=lists.at)

    report = report_of(verification)
    (signature,) = report.signatures
    assert (signature.indication, signature.qualification) == (Indication.TOTAL_PASSED, Qualification.QESIG)
    assert verification.outcome == VerificationOutcome.REPORT
    assert verification.trust_state == TrustState.FRESH
    assert set(verification.trust_digests) == {place.current for place in lists.places()}


def test_without_lists_nobody_is_refused(
    sessions: sessionmaker[Session], judge: Judge, pki_server: Server, lists: Lists
) -> None:
    verification = judged(sessions, judge, letter(pki_server, lists.at), at=lists.at)
    match verification.outcome:
        case VerificationOutcome.REPORT:
            (signature,) = report_of(verification).signatures
            assert signature.indication is Indication.INDETERMINATE
        case _:
            assert (verification.outcome, verification.code) == (VerificationOutcome.COULD_NOT_BE_JUDGED, "no-trust")


def test_a_fault_of_ours_is_kept_and_counted_and_no_unreadable_file(
    sessions: sessionmaker[Session], lists: Lists
) -> None:
    with Judge(seconds=5, memory_mb=64, judge_command=FAULTY) as faulty:
        verification = judged(sessions, faulty, b"bug", at=lists.at)
    assert (verification.outcome, verification.code) == (VerificationOutcome.COULD_NOT_BE_JUDGED, "failed")
    assert (verification.params or {})["detail"].startswith("AttributeError at ")
    with sessions() as session:
        assert faults.count_since(session, since=lists.at)["failed"] == 1
        assert set(faults.count_since(session, since=lists.at + timedelta(seconds=1)).values()) == {0}


def test_what_the_report_asks_for_is_fetched_outside_the_sandbox_and_kept(
    sessions: sessionmaker[Session], judge: Judge, pki_server: Server, lists: Lists
) -> None:
    lists.refresh()
    asked = Asked(fetcher(settings(), at=lists.at))

    verification = judged(sessions, judge, letter(pki_server, lists.at, level=Level.T), at=lists.at, fetch=asked)

    (signature,) = report_of(verification).signatures
    assert signature.indication is Indication.TOTAL_PASSED
    assert {need.kind for need in asked.needs} == {"ocsp"}
    with sessions() as session:
        kept = session.scalars(
            select(VerificationRevocation).where(VerificationRevocation.verification_id == verification.id)
        ).all()
        assert len(kept) == len(asked.needs)
        # Years later the same verdict comes of document, answers and lists, without any server.
        again = judge.judge(
            service.read(session, verification.sha256),
            name=verification.name,
            trust=current_trust(session),
            at=verification.judged_at,
            revocation=[one.content for one in kept],
        )
    assert again == report_of(verification)


def test_a_responder_that_is_away_leaves_the_question_open(
    sessions: sessionmaker[Session], judge: Judge, pki_server: Server, lists: Lists
) -> None:
    lists.refresh()
    verification = judged(sessions, judge, letter(pki_server, lists.at, level=Level.T), at=lists.at)
    (signature,) = report_of(verification).signatures
    assert signature.indication is Indication.INDETERMINATE
    assert report_of(verification).needs


def test_a_report_that_always_asks_for_more_is_not_followed_for_ever(lists: Lists) -> None:
    class Insatiable:
        rounds = 0

        def judge(self, *_: object, **__: object) -> Report:
            self.rounds += 1
            need = RevocationNeed(f"http://example.test/{self.rounds}", "ocsp", b"?", "0" * 64)
            return Report("x", "PAdES", lists.at, TrustState.FRESH, needs=(need,))

    with lists.sessions() as session:
        case = service.Case(
            sha256="0" * 64, document=b"", name="x", trust=current_trust(session), at=lists.at, expected=()
        )
    hungry = Insatiable()
    decided = service.judge_case(hungry, case, fetch=lambda _need: b"answer")  # type: ignore[arg-type]  # stands in
    assert hungry.rounds == 3
    assert len(decided.revocation) == 3


@pytest.mark.parametrize(
    ("document", "code"), [(b"", "document.empty"), (b"just text", "document.not-signed"), (b"%PDF-1.7\nrubbish", None)]
)
def test_what_cannot_be_read_says_why(
    sessions: sessionmaker[Session], judge: Judge, lists: Lists, document: bytes, code: str | None
) -> None:
    lists.refresh()
    verification = judged(sessions, judge, document, at=lists.at)
    assert verification.outcome == VerificationOutcome.UNREADABLE
    assert verification.report is None
    assert code is None or verification.code == code


def test_the_pages_of_a_pdf_are_drawn_once(sessions: sessionmaker[Session], judge: Judge, lists: Lists) -> None:
    made = pikepdf.new()
    for _ in range(3):
        made.add_blank_page(page_size=(595, 842))
    out = BytesIO()
    made.save(out)
    with sessions.begin() as session:
        sha256 = service.receive(session, out.getvalue(), declared_name="form.pdf", at=lists.at).sha256
        assert service.draw_pages(session, judge, sha256) == (1, 2, 3)
        assert service.draw_pages(session, judge, sha256) == (1, 2, 3)
    with sessions() as session:
        page = session.scalars(select(DocumentPage).where(DocumentPage.number == 3)).one()
        assert page.of == 3
        assert page.png.startswith(b"\x89PNG")
        assert int.from_bytes(page.png[16:20]) == pytest.approx(595 * 110 / 72, abs=2)


def test_a_pdf_that_cannot_be_drawn_has_no_pages(judge: Judge) -> None:
    assert not isinstance(judge.page_images(b"%PDF-1.7 rubbish"), CouldNotBeJudged)


def test_a_bomb_of_a_pdf_does_not_take_the_service_with_it(judge: Judge) -> None:
    made = pikepdf.new()
    made.add_blank_page(page_size=(14400, 14400))
    out = BytesIO()
    made.save(out)
    images = judge.page_images(out.getvalue())
    if isinstance(images, CouldNotBeJudged):
        assert images.reason in {"out-of-memory", "timed-out", "crashed"}


def test_a_judgement_takes_tens_of_milliseconds_once_warm(
    sessions: sessionmaker[Session], judge: Judge, pki_server: Server, lists: Lists
) -> None:
    lists.refresh()
    document = letter(pki_server, lists.at)
    judged(sessions, judge, document, at=lists.at)
    before = spent_on_documents()
    for _ in range(10):
        judged(sessions, judge, document, at=lists.at)
    # Processor time of the guard's children: what else the machine does is not the judge's fault.
    assert (spent_on_documents() - before) / 10 < 0.1


def spent_on_documents() -> float:
    """Sum the processor seconds of our guards' children that have ended."""
    spent = [guard.cpu_times() for guard in psutil.Process().children()]
    return sum(times.children_user + times.children_system for times in spent)


def test_yesterdays_verdict_is_not_touched_by_todays(
    sessions: sessionmaker[Session], judge: Judge, pki_server: Server, lists: Lists
) -> None:
    lists.refresh()
    document = letter(pki_server, lists.at)
    first = judged(sessions, judge, document, at=lists.at)
    second = judged(sessions, judge, document, at=lists.at + timedelta(hours=1))
    assert first.id != second.id
    assert first.sha256 == second.sha256


def test_what_a_guard_rehearses_with_passes_to_the_last_question() -> None:
    trust = TrustStore.of_anchors([], [read_list((REHEARSAL / "lv.xml").read_bytes())])
    for name in ("letter.edoc", "letter.pdf"):
        report = verify((REHEARSAL / name).read_bytes(), name=name, trust=trust, at=REHEARSED_AT)
        (signature,) = report.signatures
        assert (signature.indication, signature.qualification) == (Indication.TOTAL_PASSED, Qualification.QESIG)
        assert signature.stamped_at is not None
        assert report.needs == ()


def test_a_guard_has_loaded_everything_before_the_first_document(pki: Pki, tmp_path: Path) -> None:
    blank = BytesIO()
    made = pikepdf.new()
    made.add_blank_page(page_size=(595, 842))
    made.save(blank)
    who, at = person("user"), pki.epoch
    samples = {
        "letter.edoc": sign_edoc([("letter.txt", b"x")], person=who, pki=pki, at=at),
        "letter.asice": sign_asice([("letter.txt", b"x")], person=who, pki=pki, at=at),
        "letter.pdf": sign_pdf(blank.getvalue(), person=who, pki=pki, at=at),
    }
    for name, content in samples.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "lv.xml").write_bytes(lv_list(pki, at=at))
    program = Path(__file__).with_name("late_loading.py")
    loaded = subprocess.run(
        [sys.executable, str(program), str(tmp_path), at.isoformat()], check=True, capture_output=True, text=True
    )
    assert json.loads(loaded.stdout) == {name: [] for name in samples}
