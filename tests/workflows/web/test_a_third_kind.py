"""A kind that nobody knew is followed, signed, read, confirmed and decided on the pages of every kind."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from builders.workflows.office import Office
from demo.pki import person
from demo.signer import sign_edoc
from iam.audit import Door
from tests.workflows.leaving.applying import submit
from tests.workflows.leaving.kind import known_leave
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import hand_in, send, text_of, token_in, version_in
from tests.workflows.web.site import Site
from workflows.application import service
from workflows.application.models import Application
from workflows.application.states import State
from workflows.mail.models import Mail
from workflows.signed_forms import links


@pytest.fixture(autouse=True)
def _known() -> Iterator[None]:
    """Make the kind known for one test."""
    with known_leave():
        yield


def sign_by_link(site: Site, office: Office, signer: str) -> tuple[str, str]:
    """Apply, open the leaver's link, sign with somebody's certificate, hand in; return number and page."""
    application_id, reference, form = submit(office)
    with office.sessions.begin() as session:
        application = session.get_one(Application, application_id)
        token = links.mint(session, application.signing, "leaver", email="x@skola.test", at=office.now)
        asked = select(Mail.text_body).where(Mail.template == "application_sign").order_by(Mail.id.desc())
        text = session.scalars(asked).first() or ""
        assert "Lūdzu, izlasiet un parakstiet atteikšanos no tiesībām." in text
        assert "saistību rakst" not in text
    with site.visitor() as visitor:
        page = visitor.get(f"/track/{reference}", params={"key": token}, follow_redirects=True)
        assert page.status_code == 200
        said = text_of(page.text)
        for seen in ("Atteikšanās no tiesībām", "Aizejošais", "******-*0202", "Aiziešanas diena"):
            assert seen in said
        assert "320000-00202" not in page.text
        assert visitor.get(f"/track/{reference}/leave.pdf").content == form
        signed = sign_edoc([("atteiksanas.pdf", form)], person=person(signer), pki=office.pki, at=office.now)
        assert hand_in(visitor, reference, page.text, "atteiksanas.edoc", signed).status_code == 303
        office.work()
        return reference, text_of(visitor.get(f"/track/{reference}").text)


def act(visitor: httpx.Client, reference: str, verb: str, **fields: str) -> httpx.Response:
    """Do what a form of the case page does, on the version shown now."""
    page = visitor.get(f"/review/{reference}", params={"tab": "signatures"}).text
    said = {"csrf": token_in(page), "version": version_in(page), **fields}
    return visitor.post(f"/review/{reference}/{verb}", data=said)


def test_from_the_link_to_the_decision(site: Site, office: Office, sign_in: SignIn) -> None:
    grant = office.submit(starts=timedelta())
    office.prove(grant)
    account = office.approve(grant)
    reference, after = sign_by_link(site, office, "user")
    assert "Nekas. Viss ir saņemts" in after
    reviewer = sign_in()
    assert reference in reviewer.get("/review").text
    assert reference in reviewer.get(f"/people/{account.username}").text
    for tab in ("data", "signatures", "files", "history"):
        page = reviewer.get(f"/review/{reference}", params={"tab": tab})
        assert page.status_code == 200, tab
        assert "320000-00202" not in page.text
    data = reviewer.get(f"/review/{reference}").text
    assert "Aiziešanas diena" in text_of(data)
    shown = reviewer.post(f"/review/{reference}/reveal", data={"csrf": token_in(data), "whose": "leaver"})
    assert "320000-00202" in shown.text
    nobody = reviewer.post(f"/review/{reference}/reveal", data={"csrf": token_in(data), "whose": "head"})
    assert nobody.status_code == 404
    drawn = re.findall(rf"/review/{reference}/pages/[0-9a-f]{{64}}/1(?=\")", data)
    assert drawn
    assert "Atteikšanās no tiesībām" in text_of(reviewer.get(drawn[0]).text)
    assert act(reviewer, reference, "decide", decision="approve").status_code == 303
    assert {right.until for right in office.rights(account)} == {office.today}
    assert office.mails(person("user").email)[-1] == "application_approved"


def test_who_signs_without_a_code_is_confirmed_by_a_person(site: Site, office: Office, sign_in: SignIn) -> None:
    reference, _ = sign_by_link(site, office, "no-code")
    reviewer = sign_in()
    page = reviewer.get(f"/review/{reference}", params={"tab": "signatures"}).text
    (upload,) = re.findall(r'<option value="(\d+)"', page)
    how = {"upload": upload, "how": "Zvanīju uz skolu."}
    assert act(reviewer, reference, "confirm", part="letter", **how).status_code == 400
    assert act(reviewer, reference, "confirm", part="leave", **how).status_code == 303
    assert "Pieņemts" in text_of(reviewer.get(f"/review/{reference}", params={"tab": "signatures"}).text)


def test_a_stranger_reads_the_objection_of_the_kind(site: Site, office: Office) -> None:
    _, after = sign_by_link(site, office, "stranger")
    assert "bet tā jāparaksta pašam aizejošajam" in after


def test_a_draft_that_has_no_pages_is_not_found_and_what_is_submitted_is_followed(site: Site, office: Office) -> None:
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="leave", language="lv", door=Door.WEB, at=office.now)
    with site.visitor() as visitor:
        for path in ("", "/check", "/done", "/head", "/institution", "/who"):
            assert visitor.get(f"/apply/{draft.token}{path}").status_code == 404, path
        assert send(visitor, f"/apply/{draft.token}", shown_at="/track").status_code == 404
    application_id, reference, _ = submit(office)
    with office.sessions.begin() as session:
        application = session.get_one(Application, application_id)
        token = links.mint(session, application.signing, "applicant", email="", at=office.now)
        assert application.state is State.AWAITING_SIGNATURES
    with site.visitor() as visitor:
        for path in ("", "/check", "/done"):
            answer = visitor.get(f"/apply/{token}{path}")
            assert answer.headers["location"] == f"/track/{reference}", path
        assert visitor.get(f"/track/{reference}").status_code == 200
