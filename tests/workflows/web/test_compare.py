"""A reviewer compares a form that a program saved anew with ours, side by side, and confirms it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from builders.workflows.rewriting import TOLD, rewritten
from demo.pki import person
from demo.signer import sign_pdf
from tests.workflows.web.conftest import SignIn, session_of
from tests.workflows.web.reading import text_of, token_in, version_in
from tests.workflows.web.site import Site
from tests.workflows.web.test_browser import aside, check
from workflows.application.kinds.grant.documents import Part
from workflows.application.states import Party
from workflows.signed_forms.states import Standing
from workflows.staff import Role


@pytest.fixture
def saved_anew(office: Office) -> Submitted:
    """An application whose letter was saved anew, with a script put into it, and then signed well."""
    submitted = office.submit()

    def sign() -> None:
        office.hand_in(submitted, office.sign(submitted, "head", Part.APPLICATION), party=Party.HEAD)
        anew = rewritten(submitted.forms[Part.LETTER], TOLD["script"].change)
        signed = sign_pdf(anew, person=person("user"), pki=office.pki, at=office.now)
        office.hand_in(submitted, signed, name="saistibu-raksts-parakstits.pdf", party=Party.USER)

    aside(sign)
    return submitted


def address(office: Office, submitted: Submitted) -> str:
    return f"/review/{submitted.reference}/compare/{office.uploads(submitted)[-1].id}"


def standing(office: Office, submitted: Submitted) -> Standing:
    return next(view.standing for view in office.track(submitted).parts if view.part == Part.LETTER)


def test_both_documents_stand_side_by_side_and_the_confirmation_is_bound_to_what_was_seen(
    office: Office, saved_anew: Submitted, sign_in: SignIn
) -> None:
    reviewer, path = sign_in(), address(office, saved_anew)
    case = reviewer.get(f"/review/{saved_anew.reference}", params={"tab": "signatures"}).text
    assert f'href="{path}"' in case
    assert 'name="upload.letter"' not in case, "it is not confirmed without looking"
    page = reviewer.get(path).text
    said = text_of(page)
    assert "Visu lapu teksts ir tas pats." in said
    assert "programma vai darbība" in said, "what another program may show differently"
    for sha256 in (office.uploads(saved_anew)[-1].sha256, office.track(saved_anew).parts[1].sha256):
        picture = f"/review/{saved_anew.reference}/pages/{sha256}/1.png"
        assert f'src="{picture}"' in page
        assert reviewer.get(picture).content.startswith(b"\x89PNG")
    digest = page.partition('name="comparison" value="')[2].partition('"')[0]
    form = {"csrf": token_in(page), "version": version_in(page), "part": "letter", "comparison": digest}
    upload = str(office.uploads(saved_anew)[-1].id)
    elsewhere = {**form, "upload": upload, "how": "neskatījos", "comparison": ""}
    assert reviewer.post(f"/review/{saved_anew.reference}/confirm", data=elsewhere).status_code == 409
    assert reviewer.post(f"{path}/confirm", data={**form, "comparison": "0" * 64, "how": "x"}).status_code == 409
    nothing = reviewer.post(f"{path}/confirm", data={**form, "how": " "})
    assert nothing.status_code == 422
    assert 'href="#how"' in nothing.text
    assert standing(office, saved_anew) is Standing.NEEDS_PERSON
    assert reviewer.post(f"{path}/confirm", data={**form, "how": "abas izlasītas"}).status_code == 303
    assert standing(office, saved_anew) is Standing.PROVEN
    history = text_of(reviewer.get(f"/review/{saved_anew.reference}", params={"tab": "history"}).text)
    assert "Dokumentu apstiprinājis darbinieks: Saistību raksts: abas izlasītas" in history
    assert 'name="how"' not in reviewer.get(path).text, "it is confirmed once"


def test_only_staff_see_it_and_only_what_was_compared_has_such_a_page(
    office: Office, saved_anew: Submitted, sign_in: SignIn, site: Site
) -> None:
    path = address(office, saved_anew)
    with site.visitor() as stranger:
        assert stranger.get(path).status_code == 303
    auditor = sign_in("karlis.eglitis", "Kārlis Eglītis", Role.AUDITOR)
    assert 'name="how"' not in auditor.get(path).text
    reviewer = sign_in()
    first = office.uploads(saved_anew)[0].id
    assert reviewer.get(f"/review/{saved_anew.reference}/compare/{first}").status_code == 404
    assert reviewer.get(f"/review/{saved_anew.reference}/compare/999999").status_code == 404


def test_what_a_reviewer_typed_too_late_stands_in_the_form_again(
    office: Office, saved_anew: Submitted, sign_in: SignIn
) -> None:
    reviewer, path = sign_in(), address(office, saved_anew)
    page = reviewer.get(path).text
    digest = page.partition('name="comparison" value="')[2].partition('"')[0]
    claimed = {"csrf": token_in(page), "version": version_in(page)}
    assert reviewer.post(f"/review/{saved_anew.reference}/claim", data=claimed).status_code == 303
    late = {**claimed, "part": "letter", "comparison": digest, "how": "abas izlasītas"}
    assert reviewer.post(f"{path}/confirm", data=late).status_code == 409
    assert 'value="abas izlasītas"' in reviewer.get(path).text


def test_before_signing_both_pages_say_which_way_is_sure(office: Office, site: Site) -> None:
    submitted = office.submit()
    with site.visitor() as applicant:
        start = text_of(applicant.get("/").text)
        track = text_of(
            applicant.get(f"/track/{submitted.reference}?key={submitted.token}", follow_redirects=True).text
        )
    for said in (start, track):
        assert "Adobe Acrobat" in said
        assert "eDoc vai ASiC-E" in said


@pytest.fixture
def page(chromium: Browser, site: Site, sessions: sessionmaker[Session]) -> Iterator[Page]:
    """A browser in which a reviewer is signed in."""
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    context.add_cookies(
        [{"name": "viis-session", "value": session_of(sessions, "inese.kalna", "Inese Kalna"), "url": site.url}]
    )
    yield context.new_page()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["lv", "en"])
def test_comparing_is_accessible_and_fits_a_telephone(
    page: Page, office: Office, saved_anew: Submitted, language: str
) -> None:
    page.goto(f"{address(office, saved_anew)}?lang={language}")
    check(page)
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        tops = page.evaluate("[...document.querySelectorAll('.viis-beside figure')].map(one => one.offsetTop)")
        assert (tops[0] == tops[1]) is (width > 320), "side by side where there is room"
        if folder := os.environ.get("VIIS_PICTURES"):
            page.evaluate("document.querySelectorAll('img').forEach(one => one.loading = 'eager')")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=Path(folder) / f"compare-{language}-{width}.png", full_page=True)
