"""The reviewer's desk: a word about the signatures above the decision, and everything to correct said at once."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta

import httpx
import pikepdf
import pytest
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.attachments import photo, word
from builders.workflows.office import Office, Submitted
from demo.pki import person
from demo.signer import sign_edoc
from iam.people.rules import codes_in
from tests.workflows.web.acting import act
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import Site
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.states import Party, State

TABS = ("data", "signatures", "files", "history")
CODE = "320000-12345"


def problems(page: httpx.Response) -> list[str]:
    """Name the fields that the summary on top leads to."""
    assert page.status_code == 422
    summary = page.text.partition('class="govuk-error-summary"')[2].partition("</ul>")[0]
    return re.findall(r'href="#([\w.]+)"', summary)


@pytest.fixture
def case(office: Office) -> Submitted:
    """An application with both signatures; who may sign is not recorded yet."""
    submitted = office.submit()
    office.prove(submitted)
    return submitted


def test_every_tab_says_above_the_decision_what_the_signatures_say_and_what_is_missing(
    office: Office, case: Submitted, sign_in: SignIn
) -> None:
    unread = office.submit("head-user", "head-user")
    office.prove(unread, Part.APPLICATION)
    office.prove(unread, Part.LETTER, foreign=True)
    reviewer = sign_in()
    for tab in TABS:
        page = reviewer.get(f"/review/{case.reference}", params={"tab": tab}).text
        verdict, _, rest = page.partition('id="decide"')
        said = text_of(verdict)
        assert "Paraksttiesības jāapstiprina" in said, tab
        assert "Iestādes paraksttiesības nav reģistrētas." in said
        assert "Iesniegums: iestādes Ezerpils 1. vidusskola vārdā parakstīja ILZE PARAUDZIŅA" in said
        assert "Saistību raksts: savā vārdā parakstīja JĀNIS MĒĢINĀTĀJS" in said
        assert 'name="decision"' in rest
    assert "Saistību raksts: jāizlasa un jāapstiprina darbiniekam." in text_of(
        reviewer.get(f"/review/{unread.reference}").text
    )


def test_a_decision_is_told_everything_that_is_to_be_corrected_at_once(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    assert problems(act(reviewer, case, "decide", decision="approve")) == ["capacity", "source"]
    everything = act(
        reviewer,
        case,
        "decide",
        decision="approve",
        signs_since="31.02.2020.",
        signs_until="?",
        reason=f"Anna {CODE}",
    )
    assert sorted(problems(everything)) == ["capacity", "reason", "signs_since", "signs_until", "source"]
    assert re.search(r'<details[^>]* open>\s*<summary class="govuk-button"', everything.text)
    later = datetime.now(UTC) + timedelta(days=9)
    late = act(
        reviewer, case, "decide", decision="approve", capacity="head", source="x", signs_since=f"{later:%d.%m.%Y}."
    )
    assert problems(late) == ["signs_since"]
    assert "Dokuments parakstīts" in text_of(late.text)
    for typed in ("31.12.9999.", "9999-12-31", "01.01.0001.", "01.12.26", f"01.01.{later.year + 11}.", "2199-12-31"):
        far = act(reviewer, case, "decide", decision="approve", capacity="head", source="x", signs_until=typed)
        assert (far.status_code, problems(far)) == (422, ["signs_until"]), typed
        assert "gadu" in text_of(far.text), "it says what to do"
    assert problems(act(reviewer, case, "decide", reason="x" * 2001)) == ["decision", "reason"]
    with sessions() as session:
        assert session.get_one(Application, case.id).state is State.IN_REVIEW


def test_no_text_of_staff_is_kept_with_a_personal_code_in_it(
    office: Office, case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    unread = office.submit("head-user", "head-user")
    office.prove(unread, Part.APPLICATION)
    office.prove(unread, Part.LETTER, foreign=True)
    reviewer = sign_in()
    for decision in ("ask", "refuse"):
        assert problems(act(reviewer, case, "decide", decision=decision, reason=f"Nav {CODE}.")) == ["reason"]
    approve = {"decision": "approve", "capacity": "head", "signs_since": "01.09.2020.", "source_kind": "register"}
    assert problems(act(reviewer, case, "decide", **approve, source=f"Rīkojums par {CODE}")) == ["source"]
    upload = str(office.uploads(unread)[-1].id)
    how = act(reviewer, unread, "confirm", part="letter", **{"upload.letter": upload, "how.letter": f"Zvanīja {CODE}"})
    assert problems(how) == ["how.letter"]
    assert act(reviewer, case, "decide", **approve, source="Rīkojums Nr. 5").status_code == 303
    rights = reviewer.get("/people/janis.meginatajs").text
    where = "/people/janis.meginatajs/end/" + rights.partition("/people/janis.meginatajs/end/")[2].partition('"')[0]
    said = {"when": "now", "cause": "izm", "reason": f"Vēstule par {CODE}", "confirmed": "yes"}
    assert problems(reviewer.post(where, data={"csrf": token_in(reviewer.get(where).text), **said})) == ["reason"]
    with sessions() as session:
        kept = session.get_one(Application, case.id).decisions[-1].reason
    assert codes_in(kept) == ()


def test_whose_code_is_shown_is_said_before_and_after(case: Submitted, sign_in: SignIn) -> None:
    reviewer = sign_in()
    page = text_of(reviewer.get(f"/review/{case.reference}").text)
    assert "Rādīt pilnu kodu: Ilze Paraudziņa" in page
    assert "Rādīt pilnu kodu: Jānis Mēģinātājs" in page
    shown = text_of(act(reviewer, case, "reveal", whose="user").text)
    assert "Šoreiz pilnībā parādīts personas kods: Jānis Mēģinātājs." in shown
    assert "Rādīt pilnu kodu: Jānis" not in shown
    history = text_of(reviewer.get(f"/review/{case.reference}", params={"tab": "history"}).text)
    assert "Parādīts pilns personas kods: lietotājs" in history


def test_rights_of_the_person_stand_apart_by_when_they_are_held(
    office: Office, case: Submitted, sign_in: SignIn
) -> None:
    office.approve(case)
    page = text_of(sign_in().get(f"/review/{case.reference}").text)
    later = page.partition("Personas tiesības")[2]
    assert later.index("Nekas.") < later.index("Sāksies vēlāk") < later.index("Izglītojamie un piederība (labot)")


def pdf() -> bytes:
    made = pikepdf.new()
    made.add_blank_page(page_size=(595, 842))
    made.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    made.save(out, deterministic_id=True)
    return out.getvalue()


def boxed(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in files:
            package.writestr(name, content)
    return out.getvalue()


def pictures(page: str) -> list[str]:
    """Name the documents that have pictures, once a picture."""
    return re.findall(r'alt="([^"]*), \d+\. lapa', page)


@pytest.mark.parametrize(
    ("files", "pages"),
    [
        ([("pilnvara.pdf", pdf())], 2),
        ([("rikojums.pdf", pdf()), ("foto.jpg", photo()), ("piezime.docx", word("Iecelt Jāni"))], 4),
        ([("iekšā.zip", boxed(("dziļāk.pdf", pdf())))], 2),
        ([("tabula.xlsx", boxed(("[Content_Types].xml", b"<Types/>"), ("xl/media/1.png", photo("PNG"))))], 0),
        ([("pilnvara.pdf", pdf()), ("tabula.ods", b"\x00no picture of it")], 2),
        ([("pilnvara.pdf", pdf()), ("rikojums.txt", "Rīkojums Nr. 7: iecelt Jāni".encode("cp1257"))], 3),
    ],
    ids=["a PDF", "of three kinds", "a container in it", "nothing that can be drawn", "one that cannot", "a text"],
)
def test_a_signed_container_of_other_files_shows_exactly_the_pages_a_person_must_read(
    office: Office, sign_in: SignIn, files: list[tuple[str, bytes]], pages: int
) -> None:
    case = office.submit()
    office.hand_in_both(case)
    reviewer = sign_in()
    assert act(reviewer, case, "decide", decision="ask", reason="Lūdzu, pilnvaru.").status_code == 303
    office.now = datetime.now(UTC)
    signed = sign_edoc(files, person=person("head"), pki=office.pki, at=office.now)
    office.upload(case, signed, name="pilnvara.edoc", party=Party.HEAD)
    office.work()
    office.work()
    page = reviewer.get(f"/review/{case.reference}").text
    shown = pictures(page)
    assert shown.count("pilnvara.edoc") == pages
    assert len(shown) > pages, "and those of our forms"
    undrawn = any(name.startswith("tabula") for name, _ in files)
    assert ("Lai izlasītu, lejupielādējiet: pilnvara.edoc" in text_of(page)) is undrawn
    for address in re.findall(r'href="(/review/[^"]+/pages/[^"]+)"', page):
        assert reviewer.get(f"{address}.png").content.startswith(b"\x89PNG")


def test_what_lies_beside_a_form_in_its_container_is_read_and_the_form_itself_is_not_read_twice(
    office: Office, sign_in: SignIn
) -> None:
    case = office.submit()
    both = [*case.files(Part.APPLICATION), ("pielikums.pdf", pdf())]
    office.upload(case, sign_edoc(both, person=person("head"), pki=office.pki, at=office.now), party=Party.HEAD)
    office.upload(case, office.sign(case, "user", Part.LETTER), name="raksts.edoc", party=Party.USER)
    office.work()
    office.work()
    page = sign_in().get(f"/review/{case.reference}").text
    shown = pictures(page)
    assert shown.count("parakstits.edoc") == 2
    assert "raksts.edoc" not in shown
    assert "Jāizlasa: parakstits.edoc." in text_of(page)


def test_the_history_names_files_and_results_and_folds_what_was_refused_before(
    site: Site, office: Office, sign_in: SignIn
) -> None:
    case = office.submit()
    for number in range(2):
        office.upload(case, f"words {number}".encode(), name=f"nederigs-{number}.edoc", party=Party.USER)
        office.work()
    office.upload(case, office.sign(case, "user", Part.LETTER), name="raksts.edoc", party=Party.USER)
    office.work()
    with site.visitor() as applicant:
        track = applicant.get(f"/track/{case.reference}?key={case.token}", follow_redirects=True).text
    desk = sign_in().get(f"/review/{case.reference}", params={"tab": "history"}).text
    assert "Fails pārbaudīts: raksts.edoc (Pieņemts)" in text_of(desk)
    assert "Augšupielādēts fails: raksts.edoc (Pieņemts)" in text_of(track)
    assert "2 agrāki faili, kas nav pieņemti" in text_of(track)
    for page in (one.partition("viis-timeline")[2] for one in (desk, track)):
        folded = "".join(re.findall(r"<details.*?</details>", page, re.DOTALL))
        assert "nederigs-0.edoc" in folded
        assert "2 faili, kas nav pieņemti" in text_of(folded)
        apart = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
        assert "nederigs" not in apart
        assert "raksts.edoc" in apart
