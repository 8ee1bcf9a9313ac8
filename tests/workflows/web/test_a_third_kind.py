"""A kind that nobody knew is followed, signed, read, confirmed and decided on the pages of every kind."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from builders.workflows.office import SCHOOL, Office
from demo.pki import person
from demo.signer import sign_edoc
from tests.workflows.leaving.applying import submit
from tests.workflows.leaving.kind import known_leave
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import hand_in, send, text_of, token_in, version_in
from tests.workflows.web.site import Site
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
    assert "Viss ir saņemts" in after
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
    how = {"upload.leave": upload, "how.leave": "Zvanīju uz skolu."}
    assert act(reviewer, reference, "confirm", part="letter", **how).status_code == 400
    assert act(reviewer, reference, "confirm", part="leave", **how).status_code == 303
    assert "Pieņemts" in text_of(reviewer.get(f"/review/{reference}", params={"tab": "signatures"}).text)


def test_a_stranger_reads_the_objection_of_the_kind(site: Site, office: Office) -> None:
    _, after = sign_by_link(site, office, "stranger")
    assert "bet tā jāparaksta pašam aizejošajam" in after


def begin(visitor: httpx.Client, **typed: str) -> httpx.Response:
    """Choose the kind on the page of all kinds and send its first step."""
    choice = visitor.get("/apply").text
    assert "Iesniegums par VIIS lietotāja tiesību piešķiršanu" in text_of(choice)
    (address,) = re.findall(r'href="(/apply\?kind=leave)"', choice)
    assert 'name="kind"' not in visitor.get("/apply", params={"q": ""}).text, "the first kind is searched for as ever"
    first = visitor.get(address).text
    assert "Atteikšanās no VIIS lietotāja tiesībām, 1. solis no 2" in text_of(first)
    who = person("user")
    fields = {
        "kind": "leave",
        "place": SCHOOL,
        "given_name": who.given_name,
        "surname": who.surname,
        "personal_code": who.code,
        "position": "lietvedis",
        "email": who.email,
        **typed,
    }
    return visitor.post("/apply", data={"csrf": token_in(first), **fields})


def test_its_form_is_filled_in_and_sent_from_the_page_of_all_kinds_to_the_decision(
    site: Site, office: Office, sign_in: SignIn
) -> None:
    grant = office.submit(starts=timedelta())
    office.prove(grant)
    account = office.approve(grant)
    with site.visitor() as visitor:
        draft = begin(visitor).headers["location"].removesuffix("/when")
        overview = text_of(visitor.get(draft).text)
        assert "Kas aiziet Aizpildīts Kad Jāaizpilda" in overview
        assert "Kam nodots darbs" not in overview
        saved = send(visitor, f"{draft}/when", last_day=f"{office.today:%d.%m.%Y}.", hands_over="yes")
        assert saved.headers["location"] == f"{draft}/handed_over", "an answer adds a step"
        long = send(visitor, f"{draft}/handed_over", to="x" * 300)
        assert long.status_code == 422
        assert "„Kam darbs nodots”" in text_of(long.text), "a field is called what its kind calls it"
        assert f'value="{office.today:%d.%m.%Y}."' in visitor.get(f"{draft}/when").text, "a day as people write it"
        assert send(visitor, draft, shown_at=f"{draft}/who").status_code == 409, "the step that was added is needed"
        saved = send(visitor, f"{draft}/handed_over", to="Ilzei")
        assert saved.headers["location"] == f"{draft}/check"
        check = visitor.get(f"{draft}/check").text
        for seen in ("320000-00202", "Darbs nodots Ilzei", f"Aiziešanas diena {office.today:%d.%m.%Y}."):
            assert seen in text_of(check)
        assert set(re.findall(rf'href="{draft}/(\w+)"', check)) == {"who", "when"}
        assert send(visitor, draft, shown_at=f"{draft}/check").headers["location"] == f"{draft}/done"
        told = text_of(visitor.get(f"{draft}/done").text)
        assert "paraksta atteikšanos" in told
        reference = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", told)[0]
        page = visitor.get(f"/track/{reference}").text
        assert "saistību rakst" not in text_of(page)
        form = visitor.get(f"/track/{reference}/leave.pdf").content
        signed = sign_edoc([("atteiksanas.pdf", form)], person=person("user"), pki=office.pki, at=office.now)
        assert hand_in(visitor, reference, page, "atteiksanas.edoc", signed).status_code == 303
        office.work()
    assert act(sign_in(), reference, "decide", decision="approve").status_code == 303
    assert {right.until for right in office.rights(account)} == {office.today}


def test_what_is_wrong_with_its_first_step_is_said_and_what_was_typed_stays(site: Site) -> None:
    with site.visitor() as visitor:
        answer = begin(visitor, place="4013999999", email="nekur", surname="Meģinātājs-Jaunais")
        assert answer.status_code == 422
        assert "Tādas iestādes nav" in text_of(answer.text)
        assert 'value="Meģinātājs-Jaunais"' in answer.text
        assert 'name="kind" value="leave"' in answer.text
        assert visitor.get("/apply", params={"kind": "wish"}).status_code == 404


def test_a_second_one_for_the_same_person_and_place_is_said_at_the_step_after(site: Site, office: Office) -> None:
    submit(office)
    with site.visitor() as visitor:
        following = visitor.get(begin(visitor).headers["location"]).text
    assert "jau ir iesniegts iesniegums" in text_of(following)


def test_a_step_it_does_not_have_is_not_found_and_what_is_submitted_is_followed(site: Site, office: Office) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor).headers["location"].removesuffix("/when")
        for step in ("head", "institution", "handed_over"):
            assert visitor.get(f"{draft}/{step}").status_code == 404, step
    application_id, reference, _ = submit(office)
    with office.sessions.begin() as session:
        application = session.get_one(Application, application_id)
        token = links.mint(session, application.signing, "applicant", email="", at=office.now)
        assert application.state is State.AWAITING_SIGNATURES
    with site.visitor() as visitor:
        for path in ("", "/check", "/who"):
            answer = visitor.get(f"/apply/{token}{path}")
            assert answer.headers["location"] == f"/track/{reference}", path
        assert reference in visitor.get(f"/apply/{token}/done").text
        assert visitor.get(f"/track/{reference}").status_code == 200
