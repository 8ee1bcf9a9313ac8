"""What an applicant reads: one plain reason and what to do, never greener than the verdict, in one language."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from demo.pki import person
from demo.signer import Level, Wrong, sign_edoc
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import hand_in, send, text_of
from tests.workflows.web.site import Site
from tests.workflows.web.test_apply import HEAD, USER, begin, fill_in
from tests.workflows.web.test_track import link
from workflows.application.kinds.grant.documents import Part
from workflows.application.states import Party
from workflows.signed_forms.states import Standing

# What belongs into the fold: words of standards, moments and numbers as machines write them.
TECHNICAL = re.compile(
    r"TOTAL|INDETERMINATE|_NO_POE|TRY_LATER|AdESig|QESig|XAdES|OCSP|CRL|SHA"
    r"|\d{4}-\d\d-\d\d|\+00:00|\d{3,} ?(?:sekun|second)"
)


def letter_by(office: Office, key: str, level: Level = Level.LT, wrong: Wrong | None = None) -> Submitted:
    """Have a letter signed by that person handed in and judged; they are its user unless they have no code."""
    user = "user" if key in {"seal", "stranger"} else key
    submitted = office.submit(user=user)
    signed = sign_edoc(
        submitted.files(Part.LETTER),
        person=person(key),
        pki=office.pki,
        at=office.now,
        level=level,
        wrong=wrong or Wrong(),
    )
    office.hand_in(submitted, signed, party=Party.USER)
    return submitted


def read(
    site: Site, office: Office, sessions: sessionmaker[Session], submitted: Submitted, language: str = "lv"
) -> tuple[str, str]:
    """Read the file's card as its sender does: what stands there, without what is folded as technical; and the HTML."""
    with site.visitor() as visitor:
        visitor.get(link(sessions, office, submitted, Party.USER))
        page = visitor.get(f"/track/{submitted.reference}", params={"lang": language}).text
    found = re.search(r"<article.*?</article>", page, re.DOTALL)
    assert found
    fold = "Tehniskā informācija" if language == "lv" else "Technical detail"
    plain = re.sub(
        rf'<details class="govuk-details">\s*<summary[^>]*><span[^>]*>{fold}.*?</details>',
        " ",
        found[0],
        flags=re.DOTALL,
    )
    return text_of(plain), found[0]


@pytest.mark.parametrize(
    ("key", "level", "wrong", "says"),
    [
        ("user", Level.B, Wrong(), "Parakstam nav laika zīmoga"),
        ("user", Level.LT, Wrong(unit="tsa-plain"), "kas nav kvalificēts pakalpojuma sniedzējs"),
        ("user", Level.LT, Wrong(unit="tsa-unlisted"), "laika zīmogs nav derīgs"),
        ("seal", Level.LT, Wrong(), "iestādes elektroniskais zīmogs"),
        ("software", Level.LT, Wrong(), "nav kvalificēts (drošs) elektroniskais paraksts"),
        ("stranger", Level.LT, Wrong(), "parakstīja ULDIS SVEŠAIS"),
        ("revoked", Level.LT, Wrong(), "jau bija atsaukts (kopš "),
        ("expired", Level.LT, Wrong(), "Sertifikāta derīguma termiņš bija beidzies"),
        ("unqualified", Level.LT, Wrong(), "nav uzticamo izdevēju sarakstā"),
    ],
)
def test_a_card_is_never_greener_than_the_verdict_and_says_the_reason_first(
    site: Site, office: Office, sessions: sessionmaker[Session], key: str, level: Level, wrong: Wrong, says: str
) -> None:
    submitted = letter_by(office, key, level, wrong)
    text, html = read(site, office, sessions, submitted)
    assert "Nav pieņemts" in text
    assert "--ok" not in html, "nothing in it is green"
    reason = text.partition("Saistību raksts")[2]
    assert says in reason[: reason.index(".") + 1] + reason[:160]
    assert "Lūdz" in reason, "what to do next"
    assert TECHNICAL.findall(text) == []
    english, _ = read(site, office, sessions, submitted, "en")
    assert TECHNICAL.findall(english) == []
    assert re.findall(r"\b(?:nav|ir|paraksts|lūdzu)\b", english) == []


def test_what_is_proven_of_an_unstamped_signature_is_said_and_no_more(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    text, _ = read(site, office, sessions, letter_by(office, "user", Level.B))
    says = "Neskarts, bet ar to nepietiek Dokuments kopš parakstīšanas nav mainīts. Iesniegumam ar to nepietiek, jo:"
    assert says in text
    assert "Derīgs" not in text


def test_a_good_signature_is_green_with_the_moment_as_people_write_it(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    text, html = read(site, office, sessions, letter_by(office, "user"))
    assert "viis-word--ok" in html
    assert re.search(r"Parakstīts \d\d\.\d\d\.\d{4}\. plkst\. \d\d\.\d\d ", text)


def test_a_suspended_certificate_is_not_refused_and_its_holder_is_told_what_to_do(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = letter_by(office, "suspended")
    letter = next(part for part in office.track(submitted).parts if part.part == Part.LETTER)
    assert letter.standing is Standing.UNDETERMINED
    text, html = read(site, office, sessions, submitted)
    assert "sertifikāta darbība parakstīšanas brīdī bija apturēta" in text
    assert "Kad sertifikāta darbība būs atjaunota" in text
    assert "uzticamie saraksti" not in text, "they are at hand"
    assert "viis-card--wait" in html
    assert "viis-card--bad" not in html
    # A new signature made with a certificate that works proves the letter all the same.
    assert office.track(submitted).accepts_files


def test_the_reviewer_reads_what_is_left_to_look_at_and_not_that_nothing_is_to_be_done(
    office: Office, sign_in: SignIn
) -> None:
    submitted = office.submit()
    office.hand_in(submitted, office.sign(submitted, "stranger", Part.LETTER), party=Party.USER)
    office.prove(submitted)
    reviewer = sign_in()
    pages = [text_of(reviewer.get(f"/review/{submitted.reference}?tab={tab}").text) for tab in ("signatures", "files")]
    for page in pages:
        assert "Jums nekas nav jādara" not in page
        assert "Nekas nav jādara" not in page
    assert "Lemjot pierakstiet paraksttiesīgo personu un avotu" in pages[0]
    assert "Pieteicējam teikts: „Lūdziet lietotāju parakstīt" in pages[1]


def test_a_name_full_of_tricks_is_kept_clean_and_shown_short(
    site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    with site.visitor() as visitor:
        page = visitor.get(link(sessions, office, submitted, Party.HEAD), follow_redirects=True).text
        name = "\u202eiesniegums\u200b-" + "ļ" * 500 + "-galīgais.edoc"
        hand_in(visitor, submitted.reference, page, name, b"no signature")
        office.work()
        shown = visitor.get(f"/track/{submitted.reference}").text
    kept = office.uploads(submitted)[0].name
    assert len(kept) == 255
    assert kept.startswith("iesniegums-ļ")
    assert kept.endswith(".edoc")
    title = re.search(r'<h3 class="govuk-heading-s viis-long"[^>]*>(.*?)</h3>', shown)
    assert title
    assert len(title[1]) == 60
    assert "…" in title[1]
    assert title[1].endswith(".edoc")
    assert "\u202e" not in shown


def test_english_pages_are_english_to_the_last_full_stop(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        visitor.get("/", params={"lang": "en"})
        fill_in(visitor, draft)
        pages = [visitor.get(f"{draft}/check").text, visitor.get(draft).text]
        send(visitor, draft, shown_at=f"{draft}/check")
        pages.append(visitor.get(f"{draft}/done").text)
        reference = re.search(r"/track/([0-9A-Z-]{14})", pages[-1])
        assert reference
        pages.append(visitor.get(f"/track/{reference[1]}").text)
    for page in pages:
        assert '<html lang="en"' in page
        assert ".." not in text_of(page)
    assert "Learners and" in text_of(pages[0])
    assert "Pedagogi" not in text_of(pages[0])
    assert "Izglītojamie" not in text_of(pages[3])


def test_whoever_fills_in_for_others_reads_who_gets_which_mail_and_signs_what(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        fill_in(visitor, draft)
        send(visitor, draft, shown_at=f"{draft}/check")
        done = text_of(visitor.get(f"{draft}/done").text)
        reference = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", done)
        assert reference
        follow = text_of(visitor.get(f"/track/{reference[0]}").text)
    assert (
        "Ilze Paraudziņa (vadītājs) adresē ilze@skola.test saņem e-pasta vēstuli ar saiti, paraksta iesniegumu" in done
    )
    assert "Jānis Mēģinātājs (lietotājs) adresē janis@skola.test" in done
    assert "jums nekas nav jāparaksta" in done
    assert "parakstiet" not in done.casefold()
    assert "parakstiet to ar savu" not in follow
    assert "paraksta Ilze Paraudziņa" in follow or "Ilze Paraudziņa" in follow


def test_the_head_stated_as_another_employee_is_led_to_the_other_choice_and_loses_nothing(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        send(visitor, f"{draft}/head", **HEAD)
        answer = send(visitor, f"{draft}/user", **{**USER, "personal_code": "320000-00101"})
        assert answer.status_code == 422
        assert 'href="#head_is_user"' in answer.text
        assert "Šis ir vadītāja personas kods" in text_of(answer.text)
        for typed in ("Jānis", "Mēģinātājs", "320000-00101", "lietvedis", "janis@skola.test"):
            assert f'value="{typed}"' in answer.text
        assert send(visitor, f"{draft}/user", head_is_user="yes", phone="").status_code == 303
        # The other way round: a head who gets the code of the user stated before.
        assert send(visitor, f"{draft}/user", **USER).status_code == 303
        back = send(visitor, f"{draft}/head", **{**HEAD, "personal_code": USER["personal_code"]})
    assert back.status_code == 422
    assert 'href="#personal_code"' in back.text


@pytest.mark.parametrize("email", ["a@b", "anna@skola", "anna@skola..lv", "anna@.lv", "anna@skola.lv."])
def test_an_address_no_mail_can_reach_is_told_while_it_is_typed(site: Site, email: str) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        answer = send(visitor, f"{draft}/head", **{**HEAD, "email": email})
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text


def test_a_number_that_is_none_is_named_by_its_line_and_the_rest_stays_as_typed(site: Site) -> None:
    typed = "9013900107\r\n\r\n12345\r\nRīgas 10. pamatskola"
    with site.visitor() as visitor:
        draft = begin(visitor)
        own = re.search(r"(\d{3})(\d{3})(\d{4})", text_of(visitor.get("/apply?q=pamatskola").text))
        assert own
        answer = send(visitor, f"{draft}/scope", level="institution", places=typed, **{"section.learners": "edit"})
        page = text_of(answer.text)
        spaced = " ".join(own.groups())
        again = send(visitor, f"{draft}/scope", level="institution", places=spaced, **{"section.learners": "edit"})
    assert answer.status_code == 422
    assert "3. rinda: nav iestādes ar numuru „12345”" in page
    assert "4. rinda: nav iestādes ar numuru „Rīgas 10. pamatskola”" in page
    assert "2. rinda" not in page
    assert re.search(r">9013900107\s+12345\s+Rīgas 10\. pamatskola</textarea>", answer.text)
    assert again.status_code == 303, "a number with spaces is a number"


def test_headings_name_what_the_page_is(site: Site) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        fill_in(visitor, draft, dates={"since": f"{datetime.now(UTC):%d.%m.%Y}."})
        assert ">Atbilžu pārbaude</h1>" in visitor.get(f"{draft}/check").text
