"""Whoever changes the language in the middle of a form finds what they typed, without a script."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from jinja2 import nodes
from sqlalchemy import text

from builders.workflows.office import Office
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import Site
from tests.workflows.web.test_apply import HEAD, begin
from tests.workflows.web.test_templates import PAGES, syntax
from workflows.jobs import defer
from workflows.web import cleanup as _its_jobs  # noqa: F401 - declares them
from workflows.web.identity import kept_forms
from workflows.web.templating import environment

# Templates whose form has nothing to type that could be taken along, and why.
NOTHING_TO_KEEP = {
    "apply_check.html": "a button",
    "apply_mailbox.html": "a secret is kept nowhere",
    "reset_password.html": "a password is kept nowhere",
    "reset_dead.html": "a button",
    "reset_link.html": "a secret is kept nowhere",
    "reset_staff.html": "a button",
    "verify.html": "a file, which no browser gives back",
    "person.html": "ticks before the page where rights are ended",
}


def switch(visitor: httpx.Client, page: str, **typed: str) -> httpx.Response:
    """Press the switch of the page's form with something typed, and follow where it leads."""
    found = re.search(r'<button class="viis-link-button" type="submit" form="[\w-]+" formmethod="post"[^>]*>', page)
    assert found, "the switch is no button of the form"
    address = re.search(r'formaction="([^"]+)"', found[0])
    assert address
    answer = visitor.post(unescape(address[1]), data={"csrf": token_in(page), **typed})
    assert answer.status_code == 303, text_of(answer.text)
    return visitor.get(answer.headers["location"])


def test_what_was_typed_stands_in_the_form_in_the_other_language_and_nothing_is_saved(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        page = visitor.get(f"{draft}/head").text
        typed = {**HEAD, "personal_code": "pusu"}
        english = switch(visitor, page, **typed)
        assert english.url.path == f"{draft}/head"
        assert '<html lang="en"' in english.text
        assert 'value="Paraudziņa"' in english.text
        assert 'value="pusu"' in english.text
        assert "There is a problem" not in text_of(english.text)
        latvian = switch(visitor, english.text, **{**typed, "position": "v. i."})
        assert '<html lang="lv"' in latvian.text
        assert 'value="v. i."' in latvian.text
        assert 'value="Paraudziņa"' not in visitor.get(f"{draft}/head").text, "only its own address shows it"


def test_choices_and_long_texts_are_kept(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        page = visitor.get(f"{draft}/scope").text
        typed = {"level": "municipality", "places": "4013900001\n4013900002", "section.learners": "edit"}
        english = switch(visitor, page, **typed).text
    assert re.search(r'value="municipality" checked', english)
    assert re.search(r'name="section.learners" type="radio" value="edit" checked', english)
    assert "4013900001\n4013900002</textarea>" in english


def test_what_was_objected_to_stays_as_it_was_typed(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        page = visitor.get(f"{draft}/head").text
        refused = visitor.post(f"{draft}/head", data={"csrf": token_in(page), **HEAD, "email": "nekur"})
        assert refused.status_code == 422
        english = switch(visitor, refused.text, **{**HEAD, "email": "nekur"})
        assert english.url.path == f"{draft}/head"
        assert 'value="nekur"' in english.text


def test_another_browser_and_another_login_find_nothing(site: Site, sign_in: SignIn) -> None:
    with site.visitor() as mine, site.visitor() as other:
        draft = begin(mine)
        switch(mine, mine.get(f"{draft}/head").text, **HEAD)
        address = f"{draft}/head?lang=en&typed=1"
        assert 'value="Paraudziņa"' in mine.get(address).text
        assert 'value="Paraudziņa"' not in other.get(address).text
    reviewer = sign_in()
    assert 'value="Zane"' in switch(reviewer, reviewer.get("/people").text, q="Zane").text
    switch(reviewer, reviewer.get("/track").text, reference="3HXM")
    assert 'value="3HXM"' in reviewer.get("/track?typed=1").text
    (session,) = (name for name in reviewer.cookies if "session" in name)
    reviewer.cookies.delete(session)
    assert 'value="3HXM"' not in reviewer.get("/track?typed=1").text


def test_what_was_kept_is_gone_after_half_an_hour(site: Site, office: Office) -> None:
    with site.visitor() as visitor:
        switch(visitor, visitor.get("/track").text, reference="3HXM")
        with office.sessions.begin() as session:
            session.execute(text("UPDATE web_kept_forms SET kept_at = kept_at - interval '31 minutes'"))
        assert 'value="3HXM"' not in visitor.get("/track?typed=1").text
    with office.sessions.begin() as session:
        defer(session, "web.forget")
    office.work()
    with office.sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM web_kept_forms")) == 0


def test_a_decision_is_not_kept_but_its_reason_is(office: Office, sign_in: SignIn) -> None:
    submitted = office.submit()
    office.prove(submitted)
    reviewer = sign_in()
    page = reviewer.get(f"/review/{submitted.reference}").text
    english = switch(reviewer, page, decision="refuse", reason="Trūkst rīkojuma.").text
    assert "Trūkst rīkojuma.</textarea>" in english
    assert not re.search(r'value="refuse" checked', english)


def test_what_was_typed_before_a_confirmation_goes_back_into_its_form(office: Office, sign_in: SignIn) -> None:
    submitted = office.submit()
    office.prove(submitted)
    reviewer = sign_in()
    case = f"/review/{submitted.reference}"
    page = reviewer.get(case).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    typed = {"version": version[1], "decision": "refuse", "reason": "Trūkst rīkojuma."}
    asked = reviewer.post(f"{case}/decide", data={"csrf": token_in(page), **typed})
    assert "Vai noraidīt šo iesniegumu?" in asked.text
    english = switch(reviewer, asked.text, **typed)
    assert english.url.path == case
    assert "Trūkst rīkojuma.</textarea>" in english.text
    account = office.approve(submitted)
    ending = f"/people/{account.username}/end/{office.rights(account)[0].id}"
    typed = {"when": "now", "last_day": "", "cause": "izm", "reason": "Vēstule Nr. 9"}
    sure = reviewer.post(ending, data={"csrf": token_in(reviewer.get(ending, params={"lang": "lv"}).text), **typed})
    assert "Vai viss ir pareizi?" in sure.text
    english = switch(reviewer, sure.text, **typed)
    assert english.url.path == ending
    assert "Vēstule Nr. 9</textarea>" in english.text


@pytest.mark.parametrize("tab", ["signatures", "files", "history"])
def test_the_switch_stays_on_the_tab_of_a_case(office: Office, sign_in: SignIn, tab: str) -> None:
    submitted = office.submit()
    office.prove(submitted)
    reviewer = sign_in()
    page = reviewer.get(f"/review/{submitted.reference}", params={"tab": tab}).text
    english = switch(reviewer, page, reason="Nav.").text
    assert re.search(rf'\?tab={tab}" aria-current="page"', english)


def test_a_search_is_sent_along(site: Site) -> None:
    with site.visitor() as visitor:
        page = visitor.get("/apply", params={"kind": "grant"}).text
        assert re.search(r'<button [^>]*form="search" name="lang" value="en"', page)
        english = visitor.get("/apply", params={"q": "", "lang": "en"}).text
        assert "There is a problem" not in text_of(english)
        found = visitor.get("/apply", params={"q": "pamatskola", "lang": "lv"}).text
        assert 'value="pamatskola"' in found


@pytest.mark.parametrize("page", ["//evil.example/x", "https://evil.example/", "evil", "/\\evil.example", ""])
def test_the_switch_leads_to_no_other_host(site: Site, page: str) -> None:
    with site.visitor() as visitor:
        shown = visitor.get("/track").text
        answer = visitor.post("/language", params={"page": page}, data={"csrf": token_in(shown), "reference": "x"})
    assert answer.status_code == 400


def test_a_form_of_another_site_keeps_nothing(site: Site) -> None:
    with site.visitor() as visitor:
        answer = visitor.post("/language", params={"page": "/track"}, data={"csrf": "x", "reference": "x"})
    assert answer.status_code == 403


def test_more_than_a_form_holds_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_forms, "_MOST_BYTES", 10)
    with site.visitor() as visitor:
        token = token_in(visitor.get("/track").text)
        answer = visitor.post("/language", params={"page": "/track"}, data={"csrf": token, "reference": "x" * 20})
    assert answer.status_code == 413


def test_the_address_of_the_switch_keeps_the_rest_of_the_address(site: Site) -> None:
    with site.visitor() as visitor:
        page = visitor.get("/apply", params={"q": "pamatskola"}).text
        found = re.search(r'formaction="([^"]+)"', page)
        assert found
        (target,) = parse_qs(urlsplit(unescape(found[1])).query)["page"]
    assert parse_qs(urlsplit(target).query) == {"q": ["pamatskola"], "lang": ["en"]}


def forms_in(template: str) -> bool:
    source = environment().loader.get_source(environment(), template)[0]  # type: ignore[union-attr]  # it has one
    return bool(re.search(r"<form\b", source))


@pytest.mark.parametrize("template", sorted(template for template, _ in PAGES if forms_in(template)))
def test_every_page_with_a_form_names_the_one_that_is_taken_along(template: str) -> None:
    blocks = {block.name for block in syntax(template).find_all(nodes.Block)}
    named = bool(blocks & {"language_form", "language_search"})
    assert named != (template in NOTHING_TO_KEEP)
