"""Reviewers read, decide on what they saw, and are told when it is no longer so."""

import io
import re
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import SCHOOL, Office, Submitted
from iam.audit import AuditEntry
from iam.grants.models import Grant
from tests.workflows.application.test_signed_documents import recorded
from tests.workflows.web.acting import act
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in, version_in
from tests.workflows.web.site import Site
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.states import State
from workflows.evidence.models import DocumentPage
from workflows.signed_forms.models import Upload
from workflows.staff import Role


@pytest.fixture
def case(office: Office) -> Submitted:
    """An application with both signatures; who may sign is not recorded yet."""
    submitted = office.submit()
    office.prove(submitted)
    return submitted


def state_of(sessions: sessionmaker[Session], case: Submitted) -> State:
    with sessions() as session:
        return session.get_one(Application, case.id).state


SIGNATORY = {"capacity": "head", "source": "Rīkojums Nr. 5", "source_kind": "register", "signs_since": "01.09.2020."}


def test_strangers_are_sent_to_the_login_and_other_roles_are_refused(
    site: Site, case: Submitted, sign_in: SignIn
) -> None:
    with site.visitor() as stranger:
        assert stranger.get("/review").headers["location"] == "/login?then=/review"
        assert stranger.get(f"/review/{case.reference}").status_code == 303
        assert stranger.get("/people/x").status_code == 303
    administrator = sign_in("sandra.ozola", "Sandra Ozola", Role.ADMINISTRATOR)
    assert administrator.get("/review").status_code == 403
    auditor = sign_in("karlis.eglitis", "Kārlis Eglītis", Role.AUDITOR)
    page = auditor.get(f"/review/{case.reference}").text
    assert "Pieņemt lēmumu" not in page
    assert "Rādīt pilnu" not in page
    assert auditor.post("/review/next", data={"csrf": token_in(page)}).status_code == 403


def test_the_next_one_is_the_oldest_and_two_reviewers_get_two(case: Submitted, office: Office, sign_in: SignIn) -> None:
    other = office.submit("head-user", "head-user")
    office.prove(other)
    first, second = sign_in(), sign_in("valdis.upe", "Valdis Upe")
    got = []
    for reviewer in (first, second):
        token = token_in(reviewer.get("/review").text)
        got.append(reviewer.post("/review/next", data={"csrf": token}).headers["location"])
    assert got == [f"/review/{case.reference}", f"/review/{other.reference}"]


def test_approving_needs_the_signatory_and_then_gives_the_rights(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    without = act(reviewer, case, "decide", decision="approve")
    assert without.status_code == 422
    assert 'href="#capacity"' in without.text
    bad_day = act(reviewer, case, "decide", decision="approve", **{**SIGNATORY, "signs_since": "31.02.2020."})
    assert 'href="#signs_since"' in bad_day.text
    assert 'value="Rīkojums Nr. 5"' in bad_day.text, "what was typed stays"
    backwards = act(reviewer, case, "decide", decision="approve", **SIGNATORY, signs_until="31.08.2020.")
    assert 'href="#signs_until"' in backwards.text
    assert act(reviewer, case, "decide", decision="approve", **SIGNATORY).status_code == 303
    assert state_of(sessions, case) is State.APPROVED
    page = text_of(reviewer.get(f"/review/{case.reference}").text)
    assert "Vēl nav pabeigts" in page, "Keycloak does not answer, and the page says so"
    person = text_of(reviewer.get("/people/janis.meginatajs").text)
    assert "Izglītojamie un piederība" in person
    assert "320000-00202" not in person


@pytest.mark.parametrize(
    ("until", "refused"), [({}, True), ({"signs_until": "31.12.2030."}, True), ({"last": True}, False)]
)
def test_nobody_signs_for_an_institution_longer_than_it_is_recorded_to_exist(
    case: Submitted,
    office: Office,
    sign_in: SignIn,
    sessions: sessionmaker[Session],
    until: dict[str, str],
    *,
    refused: bool,
) -> None:
    last = office.today + timedelta(days=40)
    with sessions.begin() as session:
        ends = "UPDATE institutions SET period = daterange(lower(period), :after) WHERE reg_no = :number"
        session.execute(text(ends), {"after": last + timedelta(days=1), "number": SCHOOL})
    said = {"signs_until": f"{last:%d.%m.%Y}."} if "last" in until else until
    answer = act(sign_in(), case, "decide", decision="approve", **SIGNATORY, **said)
    assert (answer.status_code == 422) is refused
    assert ('href="#signs_until"' in answer.text) is refused
    assert (f"{last:%d.%m.%Y}" in text_of(answer.text)) is refused
    assert state_of(sessions, case) is (State.IN_REVIEW if refused else State.APPROVED)


def test_what_no_page_of_ours_sends_is_refused_and_changes_nothing(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    approve = {"decision": "approve", **SIGNATORY}
    assert act(reviewer, case, "decide", **{**approve, "capacity": "emperor"}).status_code == 400
    assert act(reviewer, case, "decide", **{**approve, "source_kind": "rumour"}).status_code == 400
    assert act(reviewer, case, "decide", **approve, version="9" * 5000).status_code == 400
    assert act(reviewer, case, "confirm", part="third", **{"upload.third": "1", "how.third": "?"}).status_code == 400
    assert act(reviewer, case, "confirm", part="letter", **{"upload.letter": "first"}).status_code == 400
    assert state_of(sessions, case) is State.IN_REVIEW


def test_addresses_somebody_made_up_name_nothing(case: Submitted, sign_in: SignIn) -> None:
    reviewer = sign_in()
    for made_up in ("/people/%00", "/review?municipality=%00", "/review?page=99999999999999999999"):
        assert reviewer.get(made_up).status_code == 404, made_up
    assert reviewer.get(f"/review/{case.reference}/decide").headers["location"] == f"/review/{case.reference}"


def test_refusing_and_asking_need_a_reason_the_applicant_reads(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session], site: Site
) -> None:
    reviewer = sign_in()
    for decision in ("refuse", "ask"):
        answer = act(reviewer, case, "decide", decision=decision, reason=" ")
        assert answer.status_code == 422
        assert 'href="#reason"' in answer.text
    assert act(reviewer, case, "decide", decision="ask", reason="Lūdzu, rīkojumu par iecelšanu.").status_code == 303
    assert state_of(sessions, case) is State.MORE_REQUESTED
    with site.visitor() as applicant:
        page = applicant.get(f"/track/{case.reference}?key={case.token}", follow_redirects=True).text
    assert "Lūdzu, rīkojumu par iecelšanu." in page
    assert "inese" not in page.lower(), "who decides is not told"


def test_a_refusal_is_confirmed_on_a_page_that_shows_what_the_applicants_read(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    asked = act(reviewer, case, "decide", decision="refuse", reason="Nav darbinieks.")
    assert asked.status_code == 200
    assert "Iesniedzēji lasīs: Nav darbinieks." in text_of(asked.text)
    assert state_of(sessions, case) is State.IN_REVIEW
    said = {"csrf": token_in(asked.text), "version": version_in(asked.text), "decision": "refuse"}
    back = reviewer.post(
        f"/review/{case.reference}/decide", data={**said, "reason": "Nav darbinieks.", "confirmed": "back"}
    )
    assert ">Nav darbinieks.</textarea>" in back.text
    assert not re.search(r'name="decision"[^>]*checked', back.text)
    assert state_of(sessions, case) is State.IN_REVIEW
    reviewer.post(f"/review/{case.reference}/decide", data={**said, "reason": "Nav darbinieks.", "confirmed": "yes"})
    assert state_of(sessions, case) is State.REFUSED


def test_nothing_chosen_is_said_at_the_choice(case: Submitted, sign_in: SignIn) -> None:
    answer = act(sign_in(), case, "decide", reason="x")
    assert answer.status_code == 422
    assert 'href="#decision"' in answer.text


def test_deciding_on_an_outdated_page_does_nothing_and_shows_what_happened(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    mine, theirs = sign_in(), sign_in("valdis.upe", "Valdis Upe")
    page = mine.get(f"/review/{case.reference}").text
    assert act(theirs, case, "decide", decision="refuse", reason="Nav darbinieks.", confirmed="yes").status_code == 303
    answer = mine.post(
        f"/review/{case.reference}/decide",
        data={"csrf": token_in(page), "version": version_in(page), "decision": "approve", **SIGNATORY},
    )
    assert answer.status_code == 409
    said = text_of(answer.text)
    assert "Lieta tikmēr ir mainījusies" in said
    assert "valdis.upe" in said
    assert "Iesniegums noraidīts" in said
    assert state_of(sessions, case) is State.REFUSED
    with sessions() as session:
        assert session.scalars(select(Grant)).all() == []


def test_a_colleagues_case_and_ones_own_application_cannot_be_decided(case: Submitted, sign_in: SignIn) -> None:
    colleague = sign_in("valdis.upe", "Valdis Upe")
    assert act(colleague, case, "claim").status_code == 303
    reviewer = sign_in()
    page = reviewer.get(f"/review/{case.reference}").text
    assert "Šo lietu izskata valdis.upe" in text_of(page)
    assert "Pieņemt lēmumu" not in page
    forced = act(reviewer, case, "decide", decision="refuse", reason="x", confirmed="yes")
    assert forced.status_code == 409
    party = sign_in("janis.meginatajs2", "Jānis Mēģinātājs")
    assert "tāpēc par to lemj kolēģis" in text_of(party.get(f"/review/{case.reference}").text)


def test_a_personal_code_is_shown_once_and_the_showing_is_recorded(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    assert "320000-00202" not in reviewer.get(f"/review/{case.reference}").text
    assert "320000-00202" in act(reviewer, case, "reveal", whose="user").text
    assert "320000-00202" not in reviewer.get(f"/review/{case.reference}").text
    with sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == "application:code_revealed")).one()
    assert entry.actor_id == "inese.kalna"
    assert "320000" not in str(entry.details)


def revealed(sessions: sessionmaker[Session]) -> list[dict[str, object]]:
    """Read what was recorded of codes shown in full, oldest first."""
    with sessions() as session:
        query = select(AuditEntry).where(AuditEntry.tag == "application:code_revealed").order_by(AuditEntry.id)
        return [dict(entry.details) for entry in session.scalars(query)]


def foreign_file(office: Office, case: Submitted) -> Upload:
    """Let the user send a signed PDF that is none of our forms, and a reviewer have to read it."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    made.save(out)
    office.upload(case, out.getvalue(), name="pilnvara.pdf", party="user")
    office.work()
    return office.uploads(case)[-1]


def test_pictures_of_our_forms_are_seen_by_every_role_and_record_nothing(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = office.submit()
    office.hand_in_both(case)
    auditor = sign_in("karlis.eglitis", "Kārlis Eglītis", Role.AUDITOR)
    page = auditor.get(f"/review/{case.reference}").text
    addresses = [part.partition('"')[0] for part in page.split('<a href="/review/')[1:] if "/pages/" in part[:120]]
    assert addresses
    for address in addresses:
        large = auditor.get(f"/review/{address}").text
        assert f'src="/review/{address}.png"' in large
        assert "Personas kodi ir aizsegti" in text_of(large)
        assert auditor.get(f"/review/{address}.png").content.startswith(b"\x89PNG")
    assert revealed(sessions) == []


def test_a_file_as_it_came_is_shown_to_who_decides_and_each_showing_is_recorded(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = office.submit()
    office.prove(case)
    reviewer = sign_in()
    act(reviewer, case, "decide", decision="ask", reason="Lūdzu, pilnvaru.")
    office.now = datetime.now(UTC)
    upload = foreign_file(office, case)
    with sessions.begin() as session:
        session.merge(DocumentPage(sha256=upload.sha256, number=1, of=1, png=b"\x89PNG picture"))
    picture = f"/review/{case.reference}/pages/{upload.sha256}/1.png"
    file = f"/review/{case.reference}/files/{upload.id}"
    auditor = sign_in("x.auditor", "Kārlis Eglītis", Role.AUDITOR)
    page = auditor.get(f"/review/{case.reference}", params={"tab": "files"}).text
    assert upload.sha256 not in page
    assert file not in page
    for address in (picture, picture.removesuffix(".png"), file):
        assert auditor.get(address).status_code == 403, address
    assert revealed(sessions) == []
    page = reviewer.get(f"/review/{case.reference}").text
    assert picture in page
    assert "tā apskate tiek reģistrēta" in text_of(page)
    assert revealed(sessions) == [], "the page alone shows none of it"
    assert reviewer.get(picture).status_code == 200
    assert reviewer.get(file).status_code == 200
    assert revealed(sessions) == [{"upload": upload.id, "page": 1}, {"upload": upload.id}]
    second = sign_in("x.approver", "Kārlis Eglītis", Role.APPROVER)
    assert picture in second.get(f"/review/{case.reference}").text
    assert file in second.get(f"/review/{case.reference}", params={"tab": "files"}).text
    for address in (picture, picture.removesuffix(".png"), file):
        assert second.get(address).status_code == 200, address
    assert revealed(sessions) == [{"upload": upload.id, "page": 1}, {"upload": upload.id}] * 2
    for role in (Role.REVIEWER, Role.APPROVER):
        party = sign_in("janis.m", "Jānis Mēģinātājs", role)
        assert party.get(picture).status_code == 403


def test_a_document_for_a_person_is_confirmed_with_how_it_is_known(office: Office, sign_in: SignIn) -> None:
    submitted = office.submit()
    office.prove(submitted, Part.APPLICATION)
    office.prove(submitted, Part.LETTER, foreign=True)
    reviewer = sign_in()
    page = reviewer.get(f"/review/{submitted.reference}", params={"tab": "signatures"}).text
    assert "Kā noskaidrots, kurš parakstīja" in page
    upload = str(office.uploads(submitted)[-1].id)
    said = {"part": "letter", "upload.letter": upload}
    assert act(reviewer, submitted, "confirm", **said, **{"how.letter": " "}).status_code == 422
    assert act(reviewer, submitted, "confirm", **said, **{"how.letter": "Zvanīja skolai"}).status_code == 303
    history = text_of(reviewer.get(f"/review/{submitted.reference}", params={"tab": "history"}).text)
    assert "Dokumentu apstiprinājis darbinieks: Saistību raksts: Zvanīja skolai" in history


def test_days_that_overlap_what_is_recorded_of_the_signer_are_said_at_their_field(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    submitted, tomorrow = office.submit(), office.today + timedelta(days=1)
    office.prove(submitted)
    recorded(office, "head", tomorrow, None)  # by a colleague, with the wrong first day
    answer = act(sign_in(), submitted, "decide", decision="approve", **SIGNATORY)
    assert answer.status_code == 422
    assert 'href="#signs_since"' in answer.text
    assert "jau ir norādīts dažās no šīm dienām" in text_of(answer.text)
    assert state_of(sessions, submitted) is State.IN_REVIEW


def test_an_uploaded_file_is_handed_out_to_be_saved_under_our_name(
    case: Submitted, office: Office, sign_in: SignIn
) -> None:
    upload = office.uploads(case)[0]
    answer = sign_in().get(f"/review/{case.reference}/files/{upload.id}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{case.reference}-{upload.id}.edoc"'


def test_pages_of_documents_belong_to_their_case(office: Office, sign_in: SignIn) -> None:
    case, other = office.submit("head-user", "head-user"), office.submit()
    office.hand_in_both(case, "head-user", "head-user")
    office.prove(other)
    reviewer = sign_in()
    page = reviewer.get(f"/review/{case.reference}").text
    picture = page.partition(f'src="/review/{case.reference}/pages/')[2].partition('"')[0]
    assert reviewer.get(f"/review/{case.reference}/pages/{picture}").content.startswith(b"\x89PNG")
    assert reviewer.get(f"/review/{other.reference}/pages/{picture}").status_code == 404


def test_a_right_is_ended_with_its_reason(case: Submitted, sign_in: SignIn) -> None:
    reviewer = sign_in()
    act(reviewer, case, "decide", decision="approve", **SIGNATORY)
    person = reviewer.get("/people/janis.meginatajs").text
    where = person.partition('href="/people/janis.meginatajs/end/')[2].partition('"')[0]
    path = f"/people/janis.meginatajs/end/{where}"
    token = token_in(reviewer.get(path).text)
    nothing = reviewer.post(path, data={"csrf": token})
    assert nothing.status_code == 422
    assert all(f'href="#{field}"' in nothing.text for field in ("when", "cause", "reason"))
    said = {"csrf": token, "when": "now", "cause": "employment_ended", "reason": "Rīkojums Nr. 7", "confirmed": "yes"}
    assert reviewer.post(path, data=said).status_code == 303
    assert "beigušās darba attiecības" in reviewer.get("/people/janis.meginatajs").text
    assert reviewer.post(path, data=said).status_code == 303, "pressed twice, ended once"
    assert reviewer.post(path, data={**said, "cause": "izm"}).status_code == 422, "it has ended"
