"""Who uploads without end fills no disk, and who is refused learns what was reached and when it is free again."""

import errno
import re
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from builders.workflows.policy_numbers import set_numbers
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import hand_in, send, text_of, token_in, version_in
from tests.workflows.web.site import METRICS_TOKEN, Site
from tests.workflows.web.test_track import link
from workflows import clock, health
from workflows.application.states import Party, State
from workflows.evidence import disk_space
from workflows.evidence.models import Document, DocumentChunk, Held, LookChunk
from workflows.validation import service as validation
from workflows.validation.models import Check
from workflows.web.http import spool as _spool

MIB = 2**20
FULL = """
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file "base/5/16400": No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON document_chunks EXECUTE FUNCTION no_space();
CREATE TRIGGER full_disk BEFORE INSERT ON look_chunks EXECUTE FUNCTION no_space();
"""


@pytest.fixture
def lowered(sessions: sessionmaker[Session]) -> Callable[..., None]:
    """Put other numbers in force: `lowered(evidence_most=1)`."""

    def lower(**numbers: int) -> None:
        with sessions.begin() as session:
            set_numbers(session, **numbers)

    return lower


def look_at(visitor: httpx.Client, content: bytes, language: str = "lv") -> httpx.Response:
    token = token_in(visitor.get("/verify").text)
    files = {"file": ("a.edoc", content)}
    return visitor.post("/verify", params={"lang": language}, data={"csrf": token}, files=files)


def bytes_in(sessions: sessionmaker[Session], table: type[DocumentChunk] | type[LookChunk]) -> int:
    with sessions() as session:
        return session.scalar(select(func.coalesce(func.sum(func.octet_length(table.content)), 0))) or 0


def given_back() -> bool:
    """Whether no temporary file is counted any more; it goes right after the answer."""
    until = time.monotonic() + 5
    while _spool._spooled and time.monotonic() < until:
        time.sleep(0.01)
    return _spool._spooled == 0


def opened(visitor: httpx.Client, office: Office, sessions: sessionmaker[Session], submitted: Submitted) -> str:
    visitor.get(link(sessions, office, submitted, Party.USER))
    return visitor.get(f"/track/{submitted.reference}").text


def test_files_to_look_at_fill_neither_the_evidence_nor_more_than_their_room(
    site: Site, sessions: sessionmaker[Session], lowered: Callable[..., None]
) -> None:
    lowered(waiting_for_verdict=4, looks_per_network=1000)
    before = bytes_in(sessions, DocumentChunk)
    with site.visitor() as visitor:
        answers = [look_at(visitor, bytes([number]) * MIB) for number in range(10)]
    assert [answer.status_code for answer in answers] == [303] * 4 + [503] * 6
    assert "Pašlaik tiek pārbaudīts pārāk daudz failu" in answers[-1].text
    assert answers[-1].headers["Retry-After"] == "60"
    assert bytes_in(sessions, DocumentChunk) == before
    assert bytes_in(sessions, LookChunk) == 4 * MIB


def test_a_look_leaves_no_bytes_behind_once_it_is_judged(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    with site.visitor() as visitor:
        found = look_at(visitor, b"nothing signed").headers["Location"]
        office.work()
        assert "Tiek pārbaudīts" not in visitor.get(found).text
    assert bytes_in(sessions, LookChunk) == 0
    with sessions() as session:
        check = session.scalars(select(Check)).one()
        assert session.get_one(Document, check.sha256).held is Held.DROPPED


def test_two_who_look_at_the_same_file_both_get_their_verdict(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    with site.visitor() as one, site.visitor() as other:
        addresses = [look_at(visitor, b"the same file").headers["Location"] for visitor in (one, other)]
        drained = office.work()
        assert drained.failed == 0
        assert len({text_of(one.get(address).text) for address in addresses}) == 1
        again = look_at(one, b"the same file").headers["Location"]
        office.work()
        assert text_of(one.get(again).text)
    assert bytes_in(sessions, LookChunk) == 0


def test_a_file_nobody_judged_for_an_hour_goes_and_its_sender_is_told(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    with site.visitor() as visitor:
        found = look_at(visitor, b"no worker is there").headers["Location"]
        with sessions.begin() as session:
            session.execute(text("UPDATE web_checks SET received_at = received_at - interval '61 minutes'"))
        with sessions.begin() as session:
            validation.expire_unjudged(session, at=clock.now())
        assert bytes_in(sessions, LookChunk) == 0
        assert office.work().failed == 0
        assert "viis-card--wait" in visitor.get(found).text


@pytest.mark.parametrize(
    ("language", "says"),
    [("lv", "No viena tīkla stundas laikā pieņemam ne vairāk par 2,0 MB"), ("en", "at most 2.0 MB an hour")],
)
def test_a_network_that_sent_too_much_is_told_how_much_and_until_when(
    site: Site, lowered: Callable[..., None], language: str, says: str
) -> None:
    lowered(looks_per_network=2)
    with site.visitor() as visitor:
        assert [look_at(visitor, bytes([one]) * MIB).status_code for one in range(2)] == [303, 303]
        refused = look_at(visitor, b"x" * MIB, language)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert says in text_of(refused.text)
    assert re.search(r"\b\d\d[.:]00\.", text_of(refused.text)), "when it is free again"
    assert 'href="/verify"' in refused.text


def test_an_application_that_holds_too_much_says_so_and_keeps_what_it_has(
    site: Site, office: Office, sessions: sessionmaker[Session], lowered: Callable[..., None]
) -> None:
    lowered(per_application=2)
    submitted = office.submit()
    with site.visitor() as visitor:
        page = opened(visitor, office, sessions, submitted)
        assert hand_in(visitor, submitted.reference, page, "a.edoc", b"a" * MIB).status_code == 303
        refused = hand_in(visitor, submitted.reference, page, "b.edoc", b"b" * 2 * MIB)
        assert refused.status_code == 413
        assert "nedrīkst pārsniegt 2,0 MB" in text_of(refused.text)
        assert f'href="/track/{submitted.reference}"' in refused.text
        assert hand_in(visitor, submitted.reference, page, "c.edoc", b"c").status_code == 303
    assert len(office.uploads(submitted)) == 2


@pytest.mark.parametrize("why", ["the cap", "the disk"])
def test_without_room_uploads_are_refused_politely_and_everything_else_goes_on(
    site: Site,
    office: Office,
    sessions: sessionmaker[Session],
    lowered: Callable[..., None],
    sign_in: SignIn,
    why: str,
) -> None:
    decided, open_ = office.submit(), office.submit(user="head")
    office.prove(decided)
    reviewer = sign_in()
    case = f"/review/{decided.reference}"
    if why == "the cap":
        lowered(evidence_most=1, waiting_for_verdict=1)
    else:
        with sessions.begin() as session:
            session.execute(text(FULL))
    with site.visitor() as visitor:
        page = opened(visitor, office, sessions, open_)
        refused = hand_in(visitor, open_.reference, page, "a.edoc", b"a" * 2 * MIB)
        assert refused.status_code == 507
        assert "Pašlaik jauniem failiem nav vietas" in refused.text
        assert "Nekas no iepriekš saņemtā nav zudis" in refused.text
        assert look_at(visitor, b"b" * 2 * MIB).status_code in {503, 507}
        assert visitor.get(f"/track/{open_.reference}").status_code == 200, "reading goes on"
        assert send(visitor, "/reset", username="anna.ozola", answer="wrong").status_code == 422, "so do resets"
    shown = reviewer.get(case).text
    claimed = reviewer.post(f"{case}/claim", data={"csrf": token_in(shown), "version": version_in(shown)})
    assert claimed.status_code == 303
    seen = office.case(decided)
    assert seen.state is State.IN_REVIEW
    account = office.approve(decided)
    assert account.username
    assert office.uploads(open_) == []


def test_a_full_temporary_folder_is_told_as_politely(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(tempfile.SpooledTemporaryFile[bytes]):
        def write(self, _content: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with site.visitor() as visitor:
        token = token_in(visitor.get("/verify").text)
        monkeypatch.setattr("workflows.web.http.form_parser.tempfile.SpooledTemporaryFile", Full)
        refused = visitor.post("/verify", data={"csrf": token}, files={"file": ("a.edoc", b"x")})
        monkeypatch.undo()
    assert refused.status_code == 507
    assert "Pašlaik jauniem failiem nav vietas" in refused.text


def test_what_comes_in_at_once_has_one_allowance_and_gives_it_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.visitor() as visitor:
        monkeypatch.setattr(_spool, "MOST", MIB)
        assert look_at(visitor, b"x" * 2 * MIB).status_code == 503
        assert given_back()
        assert look_at(visitor, b"x" * 1000).status_code == 303
        assert given_back()


def test_watchers_read_how_much_room_there_is(site: Site) -> None:
    with site.visitor() as visitor:
        shown = visitor.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    for name in (
        "viis_database_bytes",
        'viis_documents_bytes{held="looked-at"}',
        "viis_disk_free_bytes{",
        'viis_not_judged{reason="failed"}',
    ):
        assert name in shown


def test_doctor_warns_before_uploads_are_refused(
    sessions: sessionmaker[Session], lowered: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC)
    with sessions.begin() as session:
        session.add(
            Document(
                sha256="0" * 64, size=MIB, chunks=1, declared_name="x", media_type="x", received_at=at, held=Held.KEPT
            )
        )
        assert health.space(session, at=at).well
    lowered(evidence_most=1)
    with sessions() as session:
        answer = health.space(session, at=at)
        assert not answer.well
        assert "evidence_most" in answer.advice
        monkeypatch.setattr(disk_space, "LEAST_FREE", 2**62)
        assert "Free space on the disk" in health.space(session, at=at).advice
