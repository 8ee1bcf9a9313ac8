"""A link that opens nothing says so, and one press sends a new one to the mailbox of the old."""

from datetime import UTC, datetime, timedelta

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import Site
from workflows.application import notices
from workflows.application.models import Application
from workflows.application.states import Party
from workflows.mail.models import Mail
from workflows.signed_forms import links, requests
from workflows.signed_forms.references import new_reference
from workflows.signed_forms.repository import end_links

ELSEWHERE = "corrected@demo.test"


def key(sessions: sessionmaker[Session], office: Office, submitted: Submitted, email: str = ELSEWHERE) -> str:
    """Make a link as a mail to the head would carry it."""
    with sessions.begin() as session:
        signing = session.get_one(Application, submitted.id).signing
        return links.mint(session, signing, Party.HEAD, email=email, at=office.now - timedelta(hours=1))


def mailed(sessions: sessionmaker[Session], office: Office) -> list[str]:
    """Do what is queued, and say to whom new links were mailed."""
    office.work()
    with sessions() as session:
        return list(session.scalars(select(Mail.to_address).where(Mail.template == "application_link")))


def press(visitor: httpx.Client, page: httpx.Response, reference: str) -> httpx.Response:
    """Press the button of the page: it sends the hidden fields alone."""
    mark = page.text.partition('name="mark" value="')[2].partition('"')[0]
    assert mark, "there is a button"
    return visitor.post(f"/track/{reference}/link", data={"csrf": token_in(page.text), "mark": mark})


def test_one_press_sends_a_new_link_to_the_mailbox_of_the_one_that_was_cut_off(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    cut = key(sessions, office, submitted)[:20]
    with site.visitor() as visitor:
        dead = visitor.get(f"/track/{submitted.reference}", params={"key": cut})
        assert dead.status_code == 403
        assert "Šī saite vairs nav derīga" in text_of(dead.text)
        assert ELSEWHERE not in dead.text
        assert cut not in dead.text, "no more of a secret than tells the mailbox"
        answer = press(visitor, dead, submitted.reference)
        assert answer.status_code == 200
        assert "Ieskatieties savā pastkastē" in text_of(answer.text)
        assert mailed(sessions, office) == [ELSEWHERE], "not the address stated, nor both parties"
        press(visitor, dead, submitted.reference)
    assert mailed(sessions, office) == [ELSEWHERE], "pressed twice is one wish"


def test_strangers_are_answered_the_same_and_bring_nobody_mail(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted, never_given = office.submit(), new_reference()
    known, guessed = key(sessions, office, submitted)[:20], "A" * 43
    said = []
    with site.visitor() as visitor:
        for reference, tried in (
            (submitted.reference, guessed),
            (never_given, guessed),
            (never_given, known),
            (submitted.reference, known),
        ):
            dead = visitor.get(f"/track/{reference}", params={"key": tried})
            answer = press(visitor, dead, reference)
            pages = (text_of(one.text).replace(reference, "") for one in (dead, answer))
            said.append((dead.status_code, answer.status_code, *pages))
            if (reference, tried) != (submitted.reference, known):
                assert mailed(sessions, office) == []
    assert said.count(said[0]) == 4
    assert mailed(sessions, office) == [ELSEWHERE]


def test_a_mailbox_gets_so_many_links_an_hour_and_no_more_by_the_button(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    cut = key(sessions, office, submitted)[:20]
    earlier = datetime.now(UTC) - timedelta(minutes=5)
    with sessions.begin() as session:
        application = session.get_one(Application, submitted.id)
        for _ in range(5):
            notices.link_again(session, application, Party.HEAD, ELSEWHERE, base_url=site.url, at=earlier)
    with site.visitor() as visitor:
        press(visitor, visitor.get(f"/track/{submitted.reference}", params={"key": cut}), submitted.reference)
    assert mailed(sessions, office) == [ELSEWHERE] * 5


def test_a_link_that_ended_with_its_application_says_so_and_the_browser_that_kept_one_is_told_too(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    whole = key(sessions, office, submitted)
    address = f"/track/{submitted.reference}"
    with site.visitor() as visitor:
        assert visitor.get(address, params={"key": whole}, follow_redirects=True).status_code == 200
        with sessions.begin() as session:
            requests.close(session.get_one(Application, submitted.id).signing, at=office.now)
            end_links(session, of_closed_before=office.now + timedelta(seconds=1), at=office.now)
        for page in (visitor.get(address), visitor.get(address, params={"key": whole, "lang": "en"})):
            assert page.status_code == 403
            assert 'name="mark"' not in page.text, "no new link would come"
        assert "its links have ended with it" in text_of(page.text)
        late = visitor.post(f"{address}/answer", data={"csrf": token_in(visitor.get("/track").text), "answer": "Jā"})
        assert late.status_code == 404
        assert "nav atvērts šajā pārlūkā" in text_of(visitor.get(f"{address}/letter.pdf?lang=lv").text)
        assert f'href="{address}"' in late.text


def test_a_dead_link_to_a_draft_says_what_became_of_it_and_leads_on(site: Site) -> None:
    with site.visitor() as visitor:
        for path in ("", "/head", "/check", "/done", "/institution"):
            dead = visitor.get(f"/apply/{'x' * 43}{path}")
            assert dead.status_code == 404, path
            assert "Šī saite vairs nav derīga" in text_of(dead.text), path
            assert 'href="/apply"' in dead.text.partition("<main")[2], path
            assert 'href="/track"' in dead.text.partition("<main")[2], path
        sent = visitor.post(f"/apply/{'x' * 43}/head", data={"csrf": token_in(visitor.get("/track").text)})
    assert sent.status_code == 404
    assert "Šī saite vairs nav derīga" in text_of(sent.text)
