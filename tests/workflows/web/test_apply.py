"""Somebody fills in an application with a browser that runs no JavaScript."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest

from iam.keycloak.client import KeycloakClient
from iam.keycloak.profile import UserProfile
from tests.workflows.web.reading import send, text_of, token_in
from tests.workflows.web.site import Site
from workflows.web.identity.known_profile import KnownProfile
from workflows.web.pages.applicants import apply

HEAD = {
    "given_name": "Ilze",
    "surname": "Paraudziņa",
    "personal_code": "320000 00101",
    "position": "direktore",
    "email": "ilze@skola.test",
}
USER = {
    "head_is_user": "no",
    "given_name": "Jānis",
    "surname": "Mēģinātājs",
    "personal_code": "32000000202",
    "position": "lietvedis",
    "email": "janis@skola.test",
    "phone": "+371 20000000",
}


def begin(visitor: httpx.Client) -> str:
    """Choose the first school that is found and return the draft's address."""
    page = visitor.get("/apply", params={"q": "pamatskola"}).text
    place = re.search(r'name="place" type="radio" value="(i-\d{10})"', page)
    assert place
    answer = visitor.post("/apply", data={"csrf": token_in(page), "place": place.group(1), "q": "pamatskola"})
    assert answer.status_code == 303
    return answer.headers["location"].removesuffix("/head")


def fill_in(visitor: httpx.Client, draft: str, **wishes: dict[str, str]) -> httpx.Response:
    """Answer every group and return the answer to the last."""
    groups = {
        "head": HEAD,
        "user": USER,
        "scope": {"level": "institution", "section.learners": "edit", "section.staff": "view"},
        "dates": {"since": f"{datetime.now(UTC):%d.%m.%Y}."},
        "why": {"basis": "new"},
        **wishes,
    }
    answer = httpx.Response(500)
    for group, fields in groups.items():
        answer = send(visitor, f"{draft}/{group}", **fields)
        assert answer.status_code == 303, text_of(answer.text)
    return answer


def test_from_the_search_to_the_reference_number(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        assert fill_in(visitor, draft).headers["location"] == f"{draft}/check"
        check = text_of(visitor.get(f"{draft}/check").text)
        assert "320000-00101" in check
        assert "Pedagogi un tehniskais personāls" in check
        assert send(visitor, draft, shown_at=f"{draft}/check").headers["location"] == f"{draft}/done"
        done = text_of(visitor.get(f"{draft}/done").text)
        reference = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", done)
        assert reference
        assert "janis@skola.test" in done
        assert "Kad abi ir kārtībā, ministrija lēmumu pieņem 5 darbdienu laikā." in done
        # The draft's address now leads to following it, and the browser may look without another link.
        assert visitor.get(draft).headers["location"] == f"/track/{reference.group()}"
        assert "Gaida parakstus" in visitor.get(f"/track/{reference.group()}").text


def test_a_button_clicked_twice_does_its_work_once(site: Site) -> None:
    with site.visitor() as visitor, ThreadPoolExecutor(3) as clicks:
        draft = begin(visitor)

        def click(address: str, fields: dict[str, str]) -> list[httpx.Response]:
            return list(clicks.map(lambda _: visitor.post(address, data=fields), range(3)))

        fill_in(visitor, draft)
        token = token_in(visitor.get(f"{draft}/check").text)
        saved = click(f"{draft}/head", {"csrf": token, **HEAD, "position": "direktores vietniece"})
        assert {answer.headers.get("location") for answer in saved} == {f"{draft}/check"}
        sent = click(draft, {"csrf": token})
        assert {answer.headers.get("location") for answer in sent} == {f"{draft}/done"}


def test_one_network_cannot_have_mails_sent_without_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "_MOST_DRAFTS", 3)
    monkeypatch.setattr(apply, "_MOST_SUBMITTED", 2)
    with site.visitor() as visitor:
        answers = []
        for _ in range(3):
            draft = begin(visitor)
            fill_in(visitor, draft)
            answers.append(send(visitor, draft, shown_at=f"{draft}/check"))
        assert [answer.status_code for answer in answers] == [303, 303, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert visitor.get(f"{draft}/check").status_code == 200, "the draft is kept"
        assert send(visitor, "/apply", shown_at="/apply?q=pamatskola", place="s").status_code == 429


def test_what_an_applicant_typed_can_be_copied_from_the_page_of_a_failure_but_no_personal_code(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise RuntimeError("a slip")

    with site.visitor() as visitor:
        draft = begin(visitor)
        page = visitor.get(f"{draft}/head").text
        monkeypatch.setattr("workflows.application.drafts.save_group", fail)
        answer = visitor.post(f"{draft}/head", data={"csrf": token_in(page), **HEAD})
    assert answer.status_code == 500
    told = text_of(answer.text)
    for name in ("given_name", "surname", "position", "email"):
        assert HEAD[name] in told
    assert HEAD["personal_code"] not in answer.text
    assert HEAD["personal_code"].replace("-", "") not in answer.text


def test_who_has_not_said_whether_the_head_is_the_user_is_asked_that_first(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        send(visitor, f"{draft}/head", **HEAD)
        answer = send(visitor, f"{draft}/user")
    assert answer.status_code == 422
    assert answer.text.count('class="govuk-error-message"') == 1
    assert 'href="#head_is_user"' in answer.text


def test_a_head_who_is_the_user_says_everything_once(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        fill_in(visitor, draft, user={"head_is_user": "yes", "phone": ""})
        assert "paraksta abus dokumentus" in visitor.get(f"{draft}/check").text


def test_what_is_wrong_is_said_on_top_and_at_the_field_and_what_was_typed_stays(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        answer = send(visitor, f"{draft}/head", **{**HEAD, "personal_code": "010190-12345", "email": "nowhere"})
    assert answer.status_code == 422
    assert "<title>Kļūda: " in answer.text
    assert answer.text.count("Ievadiet e-pasta adresi, piemēram") == 2
    assert 'href="#personal_code"' in answer.text
    assert 'value="Paraudziņa"' in answer.text
    assert 'aria-describedby="email-hint email-error"' in answer.text


def test_what_the_realm_refuses_of_a_name_is_said_at_its_field_before_an_account_is_asked_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {"firstName": {"length": {"max": 6}}, "email": {"email": {"max-local-length": 3}}}
    monkeypatch.setattr(KeycloakClient, "user_profile", lambda _: UserProfile(rules))
    with site.visitor() as visitor:
        draft = begin(visitor)
        answer = send(visitor, f"{draft}/head", **{**HEAD, "given_name": "Anna Marija"})
    assert answer.status_code == 422
    said = text_of(answer.text)
    assert "līdz 6 rakstzīmēm: tagad to ir" in said
    assert "pirms zīmes @ drīkst būt ne vairāk kā 3 rakstzīmes: tagad to ir 4" in said


def test_a_draft_of_before_is_checked_by_the_rules_of_the_realm_as_they_are_now(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        fill_in(visitor, draft)
        monkeypatch.setattr(KnownProfile, "at", lambda *_: UserProfile({"lastName": {"length": {"max": 2}}}))
        assert visitor.get(f"{draft}/check").status_code == 303
        answer = send(visitor, draft, shown_at=f"{draft}/user")
    assert answer.status_code == 409


def test_a_draft_is_resumed_by_its_address_and_by_nothing_else(site: Site) -> None:
    with site.visitor() as mine, site.visitor() as other:
        draft = begin(mine)
        send(mine, f"{draft}/head", **HEAD)
        assert 'value="Ilze"' in other.get(f"{draft}/head").text
        assert other.get(f"{draft[:-3]}xyz/head").status_code == 404


def test_an_incomplete_draft_cannot_be_submitted(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        assert visitor.get(f"{draft}/check").headers["location"] == draft
        assert send(visitor, draft, shown_at=f"{draft}/head").status_code == 409
        overview = visitor.get(draft).text
    assert "Jāaizpilda" in overview
    assert "/check" not in overview


def test_nothing_found_says_what_to_do(site: Site) -> None:
    with site.visitor() as visitor:
        page = text_of(visitor.get("/apply", params={"q": "Cūkkārpas"}).text)
    assert "Pēc „Cūkkārpas” nekas nav atrasts" in page
    assert "10 ciparu numuru" in page


def test_who_chooses_no_place_is_told_so_beside_what_was_found(site: Site) -> None:
    with site.visitor() as visitor:
        answer = send(visitor, "/apply", shown_at="/apply?q=pamatskola", q="pamatskola")
    assert answer.status_code == 422
    assert re.search(r'name="place" type="radio" value="i-\d{10}"', answer.text)
    assert 'href="#place"' in answer.text


def test_a_typed_tag_is_text(site: Site) -> None:
    with site.visitor() as visitor:
        page = visitor.get("/apply", params={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page


@pytest.mark.parametrize("form", ["application", "letter", "revocation"])
def test_blank_forms_can_be_had(site: Site, form: str) -> None:
    with site.visitor() as visitor:
        answer = visitor.get(f"/forms/{form}.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("place", ["m-99999", "i-4013900099", "", "x"])
def test_a_place_no_page_offers_is_not_taken(site: Site, place: str) -> None:
    with site.visitor() as visitor:
        answer = send(visitor, "/apply", shown_at="/apply?q=pamatskola", place=place)
    assert answer.status_code == 422


def test_every_group_of_the_form_has_its_page(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        for part in ("", "/institution", "/head", "/user", "/scope", "/dates", "/why"):
            assert visitor.get(f"{draft}{part}").status_code == 200
        fill_in(visitor, draft)
        assert visitor.get(f"{draft}/check").status_code == 200
        send(visitor, draft, shown_at=f"{draft}/check")
        assert visitor.get(f"{draft}/done").status_code == 200


def test_the_searches_that_the_page_suggests_find_something(site: Site) -> None:
    with site.visitor() as visitor:
        hint = re.search(
            r"Pietiek ar daļu, piemēram, „([^”]+)” vai „([^”]+)”", visitor.get("/apply", params={"kind": "grant"}).text
        )
        assert hint
        for suggested in hint.groups():
            found = visitor.get("/apply", params={"q": suggested}).text
            assert 'name="place"' in found, suggested
