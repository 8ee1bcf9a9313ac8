"""What the ministry asked for is answered on the page, in words and with files, in one answer."""

from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.attachments import photo, word
from builders.workflows.office import INESE, Office, Submitted
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import Site
from tests.workflows.web.test_track import link
from workflows.application import service
from workflows.application.models import Application
from workflows.application.states import Party

MIB = 1024 * 1024


def asked_for_more(site: Site, office: Office, sessions: sessionmaker[Session]) -> Submitted:
    """Let both sign and the reviewer ask for more a second later."""
    submitted = office.submit()
    office.prove(submitted)
    office.later()
    with sessions.begin() as session:
        seen = session.get_one(Application, submitted.id).version
        service.ask_more(
            session, submitted.id, seen=seen, reason="Kas ir Jānis?", by=INESE, base_url=site.url, at=office.now
        )
    return submitted


def test_what_is_asked_for_is_answered_in_words_on_the_page(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = asked_for_more(site, office, sessions)
    address = f"/track/{submitted.reference}"
    with site.visitor() as visitor:
        page = visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text
        empty = visitor.post(f"{address}/answer", data={"csrf": token_in(page), "answer": " "})
        assert empty.status_code == 422
        assert "Ierakstiet atbildi vai pievienojiet failu" in empty.text
        long = visitor.post(f"{address}/answer", data={"csrf": token_in(page), "answer": "Jā. " * 1001})
        assert long.status_code == 422
        assert "Jā. Jā." in long.text, "what was typed stays"
        said = visitor.post(f"{address}/answer", data={"csrf": token_in(page), "answer": "Jaunais lietvedis."})
        assert said.headers["location"] == address
        done = text_of(visitor.get(address).text)
        late = visitor.post(f"{address}/answer", data={"csrf": token_in(page), "answer": "Vēlreiz."})
    assert "Izskatīšanā" in done
    assert "Jaunais lietvedis." in done
    assert late.status_code == 409


def test_files_that_are_too_large_leave_the_words_of_an_answer_in_the_form(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = asked_for_more(site, office, sessions)
    address = f"/track/{submitted.reference}"
    one, two = ("a.pdf", b"0" * 20 * MIB), ("b.pdf", b"0" * 20 * MIB)
    with site.visitor() as visitor:
        token = token_in(visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text)
        answers = [
            visitor.post(f"{address}/answer", data={"csrf": said, "answer": "Rīkojums ir te."}, files=files)
            for said, files in ((token, [("file", one), ("file", two)]), ("forged", [("file", one), ("file", two)]))
        ]
        after = visitor.get(address).text
    good, forged = answers
    assert good.status_code == forged.status_code == 413
    assert "Rīkojums ir te.</textarea>" in good.text
    assert "Faili kopā ir pārāk lieli: pieņemam ne vairāk kā 25 MB" in text_of(good.text)
    assert "Rīkojums ir te." not in forged.text, "a form of nobody's is not read"
    assert "a.pdf" not in after, "nothing of it was kept"


def test_several_files_and_words_are_gathered_into_one_answer_on_the_page(
    site: Site, office: Office, sessions: sessionmaker[Session], sign_in: SignIn
) -> None:
    submitted = asked_for_more(site, office, sessions)
    address = f"/track/{submitted.reference}"
    with site.visitor() as visitor:
        token = token_in(visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text)
        so_far = visitor.post(
            f"{address}/answer",
            data={"csrf": token, "answer": "Rīkojumi un foto.", "more": "yes"},
            files=[("file", ("rikojums.docx", word("Rīkojums Nr. 7"))), ("file", ("foto.png", photo("PNG")))],
        )
        assert so_far.status_code == 303
        office.work()
        kept = visitor.get(address).text
        assert ">Rīkojumi un foto.</textarea>" in kept
        assert "Atbilde vēl nav nosūtīta." in text_of(kept)
        assert text_of(kept).count("rikojums.docx") >= 2
        many = visitor.post(
            f"{address}/answer",
            data={"csrf": token},
            files=[("file", (f"{number}.docx", word(str(number)))) for number in range(11)],
        )
        assert many.status_code == 400, "no page of ours sends more than its field says"
        empty = visitor.post(f"{address}/answer", data={"csrf": token}, files=[("file", ("tukšs.pdf", b""))])
        assert empty.status_code == 422
        assert 'href="#file"' in empty.text
        code = visitor.post(f"{address}/answer", data={"csrf": token, "answer": "Anna Liepa, 320000-12345."})
        assert code.status_code == 422
        assert 'href="#answer"' in code.text
        sent = visitor.post(
            f"{address}/answer",
            data={"csrf": token, "answer": "Rīkojumi un foto, tālrunis 37120000000."},
            files=[("file", ("vēl.docx", word("Rīkojums Nr. 8")))],
        )
        assert sent.status_code == 303
        assert "tās faili tiek pārbaudīti" in text_of(visitor.get(address).text)
        office.work()
        done = text_of(visitor.get(address).text)
    history = text_of(sign_in().get(f"/review/{submitted.reference}", params={"tab": "history"}).text)
    assert "Izskatīšanā" in done
    for page in (done, history):
        assert "Rīkojumi un foto, tālrunis" in page
