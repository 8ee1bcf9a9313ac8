"""Head and user open their links, read, download, upload, and read what came of it."""

import re
from datetime import datetime, timedelta

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from tests.workflows.web.reading import hand_in, send, text_of, token_in
from tests.workflows.web.site import Site
from workflows.application import service
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.states import Party
from workflows.application.views import TrackingView
from workflows.evidence.models import Document
from workflows.mail.models import Mail
from workflows.signed_forms import links
from workflows.signed_forms.references import new_reference
from workflows.validation.service import forget
from workflows.web.pages.applicants import track
from workflows.web.site import STAFF_PAGES


def link(sessions: sessionmaker[Session], office: Office, submitted: Submitted, party: Party) -> str:
    """Make a link as a mail would carry it."""
    with sessions.begin() as session:
        application = session.get_one(Application, submitted.id)
        token = links.mint(session, application.signing, party, email="x@skola.test", at=office.now)
    return f"/track/{submitted.reference}?key={token}"


def test_a_mailed_link_opens_the_application_and_leaves_the_address(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    with site.visitor() as visitor:
        answer = visitor.get(link(sessions, office, submitted, Party.HEAD))
        assert answer.headers["location"] == f"/track/{submitted.reference}"
        page = visitor.get(answer.headers["location"]).text
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert title.startswith("Gaida parakstus")
    assert submitted.reference in title, "several applications are several tabs"
    assert "Ilze" in page
    assert "320000-00101" not in page, "codes are masked behind a mailed link"
    assert "******-*0101" in page


def test_without_a_link_nobody_learns_whether_the_number_exists(site: Site, office: Office) -> None:
    submitted = office.submit()
    with site.visitor() as visitor:
        real = visitor.get(f"/track/{submitted.reference}")
        never_given = new_reference()
        invented = visitor.get(f"/track/{never_given}")
        wrong = visitor.get(f"/track/{submitted.reference}", params={"key": "guessed"}, follow_redirects=True)
    assert real.status_code == wrong.status_code == invented.status_code == 403
    assert submitted.reference in real.text
    assert text_of(invented.text).replace(never_given, "") == text_of(real.text).replace(submitted.reference, "")


def test_who_lost_the_mail_gets_a_new_link_at_the_stated_address_and_strangers_the_same_answer(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    never_given = new_reference()

    def written() -> list[str]:
        with sessions() as session:
            return list(session.scalars(select(Mail.to_address).where(Mail.template == "application_link")))

    with site.visitor() as visitor:

        def ask(reference: str, email: str) -> tuple[int, str]:
            answer = send(visitor, f"/track/{reference}/link", shown_at=f"/track/{reference}", email=email)
            return answer.status_code, text_of(answer.text).replace(reference, "")

        stranger = ask(submitted.reference, "somebody@else.test")
        nowhere = ask(never_given, "head@demo.test")
        office.work()
        assert written() == []
        known = ask(submitted.reference, "HEAD@demo.test")
        assert written() == [], "the page does the same whoever is meant: a job looks"
        office.work()
        assert written() == ["head@demo.test"]
        assert stranger == nowhere == known
        assert known[0] == 200
        assert ask(submitted.reference, "not an address")[0] == 422


def test_a_link_opens_no_other_application(site: Site, office: Office, sessions: sessionmaker[Session]) -> None:
    first, second = office.submit(), office.submit("head-user", "head-user")
    key = link(sessions, office, first, Party.HEAD).partition("=")[2]
    with site.visitor() as visitor:
        visitor.get(f"/track/{second.reference}", params={"key": key})
        assert visitor.get(f"/track/{second.reference}").status_code == 403
        assert visitor.get(f"/track/{second.reference}/letter.pdf").status_code == 404


def _text(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize(("party", "both"), [(Party.USER, False), (Party.HEAD, True), (Party.APPLICANT, True)], ids=str)
def test_a_user_does_not_get_the_document_that_names_the_heads_code(
    site: Site, office: Office, sessions: sessionmaker[Session], party: Party, *, both: bool
) -> None:
    submitted = office.submit()
    with site.visitor() as visitor:
        page = visitor.get(link(sessions, office, submitted, party), follow_redirects=True).text
        assert ("/application.pdf" in page) is both
        assert "/letter.pdf" in page
        assert ("personas kods, tāpēc to var lejupielādēt" in page) is not both
        assert visitor.get(f"/track/{submitted.reference}/letter.pdf").status_code == 200
        asked = visitor.get(f"/track/{submitted.reference}/application.pdf")
        head = visitor.head(f"/track/{submitted.reference}/application.pdf")
    assert asked.status_code == (200 if both else 404)
    assert head.status_code != 200


def test_the_letter_holds_no_code_but_the_users(office: Office) -> None:
    submitted = office.submit()
    texts = {part: _text(submitted.forms[part]) for part in Part}
    assert "320000-00101" in texts[Part.APPLICATION], "the head's"
    assert "320000-00101" not in texts[Part.LETTER]


def test_a_head_who_is_the_user_gets_both(site: Site, office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit("head-user", "head-user")
    with site.visitor() as visitor:
        visitor.get(link(sessions, office, submitted, Party.HEAD))
        for part in Part:
            assert visitor.get(f"/track/{submitted.reference}/{part.value}.pdf").status_code == 200


def test_the_document_to_sign_is_ours_byte_for_byte(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    with site.visitor() as visitor:
        visitor.get(link(sessions, office, submitted, Party.USER))
        answer = visitor.get(f"/track/{submitted.reference}/letter.pdf")
    assert answer.content == submitted.forms[Part.LETTER]
    assert answer.headers["content-disposition"].startswith("attachment")


def test_an_upload_is_kept_queued_and_its_result_read_on_the_page(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit("head-user", "head-user")
    signed = office.sign(submitted, "head-user")
    with site.visitor() as visitor:
        page = visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text
        answer = hand_in(visitor, submitted.reference, page, "Māras dokumenti.edoc", signed)
        assert answer.status_code == 303
        waiting = visitor.get(f"/track/{submitted.reference}").text
        assert "Tiek pārbaudīts" in waiting
        assert '<noscript><meta http-equiv="refresh"' in waiting
        office.work()
        done = text_of(visitor.get(f"/track/{submitted.reference}").text)
        assert "Izskatīšanā" in done
        assert "Māras dokumenti.edoc Pieņemts" in done
        assert "Derīgs" in done
        assert "MĀRA VIENTULE" in done
        assert "Augšupielādēt failu" not in done, "nothing more is awaited"


def test_each_cause_has_its_sentence_and_next_step(site: Site, office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    office.hand_in(submitted, office.sign(submitted, "stranger", Part.LETTER), party=Party.USER)
    with site.visitor() as visitor:
        page = text_of(visitor.get(link(sessions, office, submitted, Party.USER), follow_redirects=True).text)
        english = text_of(visitor.get(f"/track/{submitted.reference}", params={"lang": "en"}).text)
    assert "Nav pieņemts" in page
    assert "jāparaksta pašam lietotājam" in page
    assert "Lūdziet lietotāju parakstīt" in page
    assert "the user must sign it personally" in english


def test_the_same_file_twice_is_told_and_kept_once(site: Site, office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    with site.visitor() as visitor:
        page = visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text
        for _ in range(2):
            answer = hand_in(visitor, submitted.reference, page, "a.edoc", b"not a container")
        again = visitor.get(answer.headers["location"].partition("#")[0])
    assert "jau ir saņemts" in again.text
    assert len(office.uploads(submitted)) == 1


def test_one_application_takes_so_many_files_and_others_are_not_touched(
    site: Site, office: Office, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track, "_MOST_UPLOADS", 2)

    def upload(submitted: Submitted, times: int) -> list[int]:
        with site.visitor() as visitor:
            page = visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text
            where, fields = f"/track/{submitted.reference}/upload", {"csrf": token_in(page)}
            files = [{"file": (f"{number}.edoc", f"file {number}".encode())} for number in range(times)]
            return [visitor.post(where, data=fields, files=one).status_code for one in files]

    first, second = office.submit(), office.submit()
    assert upload(first, 3) == [303, 303, 429]
    assert upload(second, 1) == [303]
    assert len(office.uploads(first)) == 2


def test_nothing_chosen_and_an_empty_file_are_told_apart(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    with site.visitor() as visitor:
        page = visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text
        where, fields = f"/track/{submitted.reference}/upload", {"csrf": token_in(page)}
        nothing = visitor.post(where, data=fields, files={"file": ("", b"")})
        empty = visitor.post(where, data=fields, files={"file": ("tukšs.edoc", b"")})
    assert nothing.status_code == empty.status_code == 422
    assert "Vispirms izvēlieties parakstīto failu" in nothing.text
    assert "Fails „tukšs.edoc” ir tukšs" in empty.text


def test_a_file_a_little_over_the_limit_is_named_at_its_field_and_nothing_else_is_touched(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    office.hand_in(submitted, b"not a container", name="pirmais.edoc")
    with site.visitor() as visitor:
        page = visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text
        large = hand_in(visitor, submitted.reference, page, "skenets.pdf", b"0" * (25 * 1024 * 1024 + 1))
    assert large.status_code == 422
    text = text_of(large.text)
    assert "Fails „skenets.pdf” ir pārāk liels: tajā ir 25,1 MB, bet pieņemam ne vairāk kā 25 MB" in text
    assert 'href="#file"' in large.text
    assert "pirmais.edoc" in text
    assert len(office.uploads(submitted)) == 1


def test_a_number_with_a_slip_is_found_before_anything_is_looked_up(site: Site) -> None:
    with site.visitor() as visitor:
        assert send(visitor, "/track", reference="3HXM 97QA KD6D").status_code == 422
        assert send(visitor, "/track", reference="").status_code == 422


def test_a_document_dropped_for_a_look_is_judged_shown_and_forgotten(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    signed = office.sign(submitted, "user", Part.LETTER)
    with site.visitor() as visitor, site.visitor() as stranger:
        page = visitor.get("/verify").text
        answer = visitor.post("/verify", data={"csrf": token_in(page)}, files={"file": ("letter.edoc", signed)})
        where = answer.headers["location"]
        assert "Tiek pārbaudīts" in visitor.get(where).text
        office.work()
        shown = text_of(visitor.get(where).text)
        assert "JĀNIS MĒĢINĀTĀJS" in shown
        assert "Derīgs" in shown
        assert "320000-00202" not in shown
        titled = visitor.get(where).text.partition("<title>")[2].partition("</title>")[0]
        assert titled.startswith("Pārbaudes rezultāts: derīgs")
        report = visitor.get(f"{where}/report.json")
        assert report.json()["signatures"][0]["indication"] == "TOTAL-PASSED"
        assert "320000-00202" not in report.text
        assert report.headers["content-disposition"].startswith("attachment")
        assert stranger.get(where[:-3] + "xyz/report.json").status_code == 404
        assert stranger.get(where[:-3] + "xyz").status_code == 404
    with sessions.begin() as session:
        forget(session, at=office.now + timedelta(days=1, hours=1))
        assert session.scalar(select(Document).where(Document.declared_name == "letter.edoc")) is None


def test_a_link_that_opens_nothing_says_so_and_offers_another_but_never_replaces_a_good_one(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    good = link(sessions, office, submitted, Party.HEAD)
    with site.visitor() as visitor:
        dead = visitor.get(f"/track/{submitted.reference}", params={"key": "cut-off"})
        assert dead.status_code == 403
        assert "Šī saite vairs nav derīga" in text_of(dead.text)
        visitor.get(good)
        again = visitor.get(f"/track/{submitted.reference}", params={"key": "cut-off"}, follow_redirects=True)
    assert again.status_code == 200


def test_who_signs_both_reads_which_and_when_their_part_is_done(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    both, one = office.submit("head-user", "head-user"), office.submit()
    office.prove(one, Part.LETTER)
    with site.visitor() as visitor:
        page = text_of(visitor.get(link(sessions, office, both, Party.HEAD), follow_redirects=True).text)
        assert "Jums jāparaksta:" in page
        assert "Izlasiet abus dokumentus" in page
        user = text_of(visitor.get(link(sessions, office, one, Party.USER), follow_redirects=True).text)
    assert "No jūsu puses viss ir izdarīts" in user
    assert "Jums jāparaksta:" not in user


def test_an_empty_search_says_so(site: Site) -> None:
    with site.visitor() as visitor:
        assert visitor.get("/apply").status_code == 200
        empty = visitor.get("/apply", params={"q": " "})
    assert empty.status_code == 422
    assert "Ierakstiet daļu no nosaukuma" in text_of(empty.text)


def test_programs_find_what_they_ask_for_by_custom(site: Site) -> None:
    with site.visitor() as visitor:
        left_alone = re.findall(r"Disallow: (\S+)", visitor.get("/robots.txt").text)
        assert {"/track/", *(page for page, _ in STAFF_PAGES)} <= set(left_alone)
        security = visitor.get("/.well-known/security.txt").text
        assert {"Contact", "Expires", "Canonical"} <= {line.partition(":")[0] for line in security.splitlines()}
        assert visitor.get("/favicon.ico", follow_redirects=True).headers["content-type"] == "image/svg+xml"


def test_the_script_is_told_when_there_is_nothing_new(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit("head-user", "head-user")
    address = link(sessions, office, submitted, Party.APPLICANT)
    office.upload(submitted, office.sign(submitted, "head-user"))
    page = f"/track/{submitted.reference}"
    with site.visitor() as visitor, site.visitor() as stranger:
        shown = visitor.get(address, follow_redirects=True).text
        version = shown.partition('data-progress="')[2].partition('"')[0]
        tag = {"If-None-Match": f'W/"{version}"'}
        nothing_new = visitor.get(page, headers=tag)
        assert (nothing_new.status_code, nothing_new.content) == (304, b"")
        assert stranger.get(page, headers=tag).status_code == 403
        office.work()
        assert "data-progress" not in visitor.get(page, headers=tag).raise_for_status().text


def test_what_a_page_shows_is_one_moment_even_if_the_file_is_judged_while_the_page_is_made(
    site: Site, office: Office, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted = office.submit("head-user", "head-user")
    address = link(sessions, office, submitted, Party.APPLICANT)
    office.upload(submitted, office.sign(submitted, "head-user"))
    shown = service.tracking_view
    worked: list[bool] = []

    def meanwhile(session: Session, application: Application, party: Party, *, at: datetime) -> TrackingView:
        # The page has read the application's state; its files it has not.
        if not worked:
            office.work()
            worked.append(True)
        return shown(session, application, party, at=at)

    monkeypatch.setattr(service, "tracking_view", meanwhile)
    with site.visitor() as visitor:
        before = visitor.get(address, follow_redirects=True).text
        after = visitor.get(f"/track/{submitted.reference}").text
    assert worked
    assert "Gaida parakstus" in before
    assert "data-progress" in before, "who is shown the old state goes on asking for the new one"
    assert '<h1 class="govuk-heading-l">Izskatīšanā</h1>' in after
    assert "data-progress" not in after
