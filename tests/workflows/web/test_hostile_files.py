"""Files nobody honest sends, and honest people's slips: each gets a page with a sentence and the next step."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor

import httpx
import pikepdf
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from tests.workflows.web.reading import hand_in, send, text_of, token_in
from tests.workflows.web.site import Site
from tests.workflows.web.test_apply import begin, fill_in
from tests.workflows.web.test_track import link
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.states import Party, State
from workflows.evidence.models import Document
from workflows.mail.models import Mail
from workflows.signed_forms.models import Upload
from workflows.validation.models import Check

MIB = 1024 * 1024


def drop(visitor: httpx.Client, name: str, content: bytes, *, language: str = "lv") -> httpx.Response:
    page = visitor.get("/verify", params={"lang": language}).text
    return visitor.post("/verify", data={"csrf": token_in(page)}, files={"file": (name, content)})


def shown(visitor: httpx.Client, office: Office, name: str, content: bytes, *, language: str = "lv") -> httpx.Response:
    """Drop a file on the check page, have it judged, and open the result."""
    where = drop(visitor, name, content, language=language).headers["location"]
    office.work()
    return visitor.get(where)


def locked_pdf() -> bytes:
    pdf, kept = pikepdf.new(), io.BytesIO()
    pdf.add_blank_page()
    pdf.save(kept, encryption=pikepdf.Encryption(owner="o", user="u"))
    return kept.getvalue()


def crowded_zip() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as container:
        container.writestr("mimetype", "application/vnd.etsi.asic-e+zip")
        for number in range(10_000):
            container.writestr(f"{number}.txt", b"")
    return kept.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("vēstule.edoc", "Labdien! Pielikumā iesniegums.".encode(), "Šis nav elektroniski parakstīts fails."),
        ("slēgts.pdf", locked_pdf(), "aizsargāts ar paroli"),
        ("daudz.edoc", crowded_zip(), "Failā ir vairāk nekā"),
        ("puse.edoc", crowded_zip()[:2000], "Fails ir bojāts"),
        ("lapa.pdf", b"%PDF-1.7\n%nothing follows", "PDF fails ir bojāts"),
    ],
)
def test_what_cannot_be_judged_is_called_by_its_name_on_the_check_page(
    site: Site, office: Office, name: str, content: bytes, said: str
) -> None:
    with site.visitor() as visitor:
        result = shown(visitor, office, name, content)
    assert result.status_code == 200
    text = text_of(result.text)
    assert said in text
    assert "Derīgs" not in text
    assert "viis-card--bad" in result.text


def test_an_empty_file_and_none_at_all_are_told_apart_before_anything_is_kept(
    site: Site, sessions: sessionmaker[Session]
) -> None:
    with site.visitor() as visitor:
        empty = drop(visitor, "tukšs.edoc", b"")
        none = drop(visitor, "", b"")
    assert empty.status_code == none.status_code == 422
    assert "Fails „tukšs.edoc” ir tukšs" in empty.text
    assert "Vispirms izvēlieties parakstīto failu" in none.text
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Check)) == 0


@pytest.mark.parametrize(
    ("size", "language", "status", "said"),
    [
        (
            60 * MIB,
            "lv",
            413,
            "Fails „liels.edoc” ir pārāk liels: pieņemam ne vairāk kā 25 MB. Izvēlieties mazāku failu",
        ),
        (60 * MIB, "en", 413, "The file “liels.edoc” is too large: at most 25 MB are accepted. Choose a smaller one"),
        (25 * MIB + 1, "lv", 422, "Fails „liels.edoc” ir pārāk liels: tajā ir 25,1 MB"),
    ],
)
def test_a_file_too_large_for_the_check_page_is_told_at_its_field(
    site: Site, sessions: sessionmaker[Session], size: int, language: str, status: int, said: str
) -> None:
    with site.visitor() as visitor:
        answer = drop(visitor, "liels.edoc", b"0" * size, language=language)
        small = visitor.post(
            "/verify", data={"csrf": token_in(answer.text)}, files={"file": ("mazs.edoc", b"no signature in here")}
        )
    assert answer.status_code == status
    text = text_of(answer.text)
    assert text.count(said) == 2, "in the summary, and at the field"
    assert 'id="file-error"' in answer.text
    assert small.status_code == 303, "the page that says so takes the next file"
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Document).where(Document.size > 20 * MIB)) == 0


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>.edoc",
        "\u202eoops\u2066.edoc",
        "a" * 500 + ".edoc",
        "..\\..\\C:\\fakepath\\x\x07.edoc",
    ],
)
def test_a_hostile_name_is_only_text_and_never_longer_than_the_page(site: Site, office: Office, name: str) -> None:
    with site.visitor() as visitor:
        result = shown(visitor, office, name, b"no signature in here")
    assert result.status_code == 200
    assert "<script>alert" not in result.text
    assert not {"\u202e", "\u2066", "\x07"} & set(result.text)
    assert "fakepath" not in result.text
    caption = text_of(result.text.partition('class="govuk-caption-l')[2].partition(">")[2].partition("<")[0])
    assert caption.endswith(".edoc")
    assert len(caption) <= 60


def test_a_nul_in_a_files_name_is_left_out(site: Site, office: Office) -> None:
    with site.visitor() as visitor:
        token = token_in(visitor.get("/verify").text)
        body = (
            f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{token}\r\n'
            '--b\r\nContent-Disposition: form-data; name="file"; filename="a\0b.edoc"\r\n\r\nno signature\r\n--b--\r\n'
        )
        answer = visitor.post(
            "/verify", content=body.encode(), headers={"Content-Type": "multipart/form-data; boundary=b"}
        )
        assert answer.status_code in {303, 400}
        if answer.status_code == 303:
            office.work()
            assert "ab.edoc" in visitor.get(answer.headers["location"]).text


def test_somebody_elses_result_cannot_be_guessed_and_is_kept_by_no_cache(site: Site, office: Office) -> None:
    with site.visitor() as mine, site.visitor() as stranger:
        where = drop(mine, "mans.edoc", b"no signature in here").headers["location"]
        office.work()
        result = mine.get(where)
        guessed = [
            stranger.get(path).status_code for path in ("/verify/1", "/verify/", f"{where[:-4]}AAAA", f"{where}x")
        ]
    assert "no-store" in result.headers["cache-control"]
    assert result.headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert len(where) > len("/verify/") + 40
    assert set(guessed) <= {404, 303, 307}
    assert guessed[2:] == [404, 404]


@pytest.mark.parametrize(("language", "said", "on"), [
    ("lv", "Fails „iesniegums.edoc” ir pārāk liels", "Izvēlieties mazāku failu"),
    ("en", "The file “iesniegums.edoc” is too large", "Choose a smaller one"),
])  # fmt: skip
def test_a_head_sends_60_mb_reads_what_to_do_and_what_came_before_stays(
    site: Site, office: Office, sessions: sessionmaker[Session], language: str, said: str, on: str
) -> None:
    submitted = office.submit()
    office.hand_in(submitted, office.sign(submitted, "user", Part.LETTER), party=Party.USER)
    with site.visitor() as head:
        head.get(link(sessions, office, submitted, Party.HEAD))
        page = head.get(f"/track/{submitted.reference}", params={"lang": language}).text
        answer = hand_in(head, submitted.reference, page, "iesniegums.edoc", b"0" * 60 * MIB)
        # (1) not the browser's own error but a page, in the language chosen, with the limit and a way on
        assert answer.status_code == 413
        text = text_of(answer.text)
        assert "25 MB" in text
        assert said in text
        assert on in text
        assert f'action="/track/{submitted.reference}/upload"' in answer.text, "another file is chosen right here"
        # (2) the letter that came before is still there, and nothing of the large file is
        after = text_of(head.get(f"/track/{submitted.reference}").text)
    assert ("Parakstīja JĀNIS MĒĢINĀTĀJS" if language == "lv" else "Signed by JĀNIS MĒĢINĀTĀJS") in after
    assert len(office.uploads(submitted)) == 1
    # (3) and the smaller file that follows does what the large one was meant to
    office.hand_in(submitted, office.sign(submitted, "head", Part.APPLICATION), party=Party.HEAD)
    assert office.track(submitted).state is State.IN_REVIEW


def test_a_file_sent_by_three_clicks_is_one_upload(site: Site, office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    signed = office.sign(submitted, "head", Part.APPLICATION)
    with site.visitor() as visitor, ThreadPoolExecutor(3) as clicks:
        page = visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text

        def click(_: int) -> httpx.Response:
            return hand_in(visitor, submitted.reference, page, "iesniegums.edoc", signed)

        answers = list(clicks.map(click, range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert len(office.uploads(submitted)) == 1
    office.work()
    assert len(office.track(submitted).uploads) == 1


def test_a_form_submitted_by_three_clicks_is_one_application_and_one_mail_to_each(
    site: Site, sessions: sessionmaker[Session]
) -> None:
    with site.visitor() as visitor, ThreadPoolExecutor(3) as clicks:
        draft = begin(visitor)
        fill_in(visitor, draft)
        token = token_in(visitor.get(f"{draft}/check").text)
        answers = list(clicks.map(lambda _: visitor.post(draft, data={"csrf": token}), range(3)))
    assert {answer.headers.get("location") for answer in answers} == {f"{draft}/done"}
    with sessions() as session:
        mails = list(session.scalars(select(Mail.to_address).where(Mail.template == "application_sign")))
        sent = session.scalar(
            select(func.count()).select_from(Application).where(Application.submitted_at.is_not(None))
        )
    assert sorted(mails) == ["ilze@skola.test", "janis@skola.test"]
    assert sent == 1


def test_a_link_asked_for_by_three_clicks_is_one_mail(site: Site, office: Office) -> None:
    submitted = office.submit()
    with site.visitor() as visitor, ThreadPoolExecutor(3) as clicks:
        fields = {"csrf": token_in(visitor.get(f"/track/{submitted.reference}").text), "email": "head@demo.test"}
        address = f"/track/{submitted.reference}/link"
        answers = list(clicks.map(lambda _: visitor.post(address, data=fields), range(3)))
    assert {answer.status_code for answer in answers} == {200}
    office.work()
    assert office.mails("head@demo.test") == ["application_sign", "application_link"]


def test_a_file_for_a_complete_application_gets_a_page_that_leads_back(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit("head-user", "head-user")
    signed = office.sign(submitted, "head-user")
    with site.visitor() as visitor:
        page = visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text
        office.hand_in(submitted, signed, party=Party.HEAD)
        assert office.track(submitted).state is State.IN_REVIEW

        def upload(content: bytes) -> httpx.Response:
            return hand_in(visitor, submitted.reference, page, "vēlreiz.edoc", content)

        late, same = upload(b"something else"), upload(signed)
        shown_again = text_of(visitor.get(same.headers["location"].partition("#")[0]).text)
    assert late.status_code == 409
    assert "iesniegums tiek izskatīts" in late.text
    assert f'href="/track/{submitted.reference}"' in late.text
    assert same.status_code == 303, "the very same bytes are no mistake"
    assert "jau ir saņemts" in shown_again
    with sessions() as session:
        kept = session.scalar(select(func.count()).select_from(Upload))
        assert (
            session.scalar(select(func.count()).select_from(Document).where(Document.declared_name == "vēlreiz.edoc"))
            == 0
        )
    assert kept == 1


def test_an_answer_changed_after_submitting_gets_a_page_that_leads_to_the_application(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        fill_in(visitor, draft)
        token = token_in(visitor.get(f"{draft}/head").text)
        send(visitor, draft, shown_at=f"{draft}/check")
        late = visitor.post(f"{draft}/head", data={"csrf": token, "given_name": "Anna"})
        assert late.status_code == 409
        assert "jau ir iesniegts" in late.text
        leads = late.text.partition('class="govuk-button" href="')[2].partition('"')[0]
        assert visitor.get(leads).status_code == 200
