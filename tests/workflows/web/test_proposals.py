"""An approval that needs two people, from the reviewer's click to the rights, as both see it on pages."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import INESE, Office, Submitted
from demo.servers import KeycloakAdmin
from iam.audit import Actor, ActorKind, Door
from iam.grants import service as grants
from iam.grants.models import Account, Grant
from iam.institutions import service as institutions
from iam.institutions.models import Capacity, SourceKind
from tests.workflows.application.test_signed_documents import recorded
from tests.workflows.web.acting import act
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import Site
from tests.workflows.web.test_review import state_of
from workflows import staff
from workflows.application import service
from workflows.application.decisions import NewSignatory
from workflows.application.models import Application, Decision
from workflows.application.states import State
from workflows.proposals.models import Proposal
from workflows.staff import Role

ORDER = {"capacity": "head", "source": "Rīkojums Nr. 5", "source_kind": "order", "signs_since": "01.09.2020."}


@pytest.fixture
def case(office: Office) -> Submitted:
    """An application with both signatures; who may sign is not recorded yet."""
    submitted = office.submit()
    office.prove(submitted)
    return submitted


@pytest.fixture
def proposal(case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]) -> Proposal:
    """The approval as a proposal: the signatory is known from an order, not from a register."""
    answer = act(sign_in(), case, "decide", decision="approve", reason="viss kārtībā", **ORDER)
    assert answer.headers["location"] == f"/review/{case.reference}"
    with sessions() as session:
        return session.scalars(select(Proposal)).one()


@pytest.fixture
def approver(sign_in: SignIn, sessions: sessionmaker[Session]) -> httpx.Client:
    """The second person, who has just signed in."""
    visitor = sign_in("valdis.upe", "Valdis Upe", Role.APPROVER)
    signed_in(sessions, "valdis.upe")
    return visitor


def signed_in(sessions: sessionmaker[Session], username: str, *, ago: timedelta = timedelta()) -> None:
    with sessions.begin() as session:
        session.execute(
            text("UPDATE web_sessions SET authenticated_at = :at WHERE username = :username"),
            {"at": datetime.now(UTC) - ago, "username": username},
        )


def decide(visitor: httpx.Client, proposal: Proposal, decision: str, **fields: str) -> httpx.Response:
    page = visitor.get(f"/proposals/{proposal.id}").text
    said = {"csrf": token_in(page), "seen": proposal.seen_digest, "decision": decision, **fields}
    return visitor.post(f"/proposals/{proposal.id}/decide", data=said)


def rights(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Grant.given_by)))


def test_two_people_give_the_rights_on_pages(
    case: Submitted, proposal: Proposal, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    assert state_of(sessions, case) is State.IN_REVIEW
    assert rights(sessions) == []
    shown = text_of(reviewer.get(f"/review/{case.reference}").text)
    assert "tiesības piešķirs, kad to apstiprinās cits cilvēks" in shown
    assert "Apstiprināt: tiesības" not in shown, "it cannot be approved once more"
    own = text_of(reviewer.get(f"/proposals/{proposal.id}").text)
    assert "To ierosinājāt jūs" in own
    assert "Jūsu lēmums kā otrajai personai" not in own
    listed = text_of(approver.get("/proposals").text)
    assert "Apstiprināt iesniegumu" in listed
    assert case.reference in listed
    english = text_of(approver.get(f"/proposals/{proposal.id}", params={"lang": "en"}).text)
    assert "Learners and enrolment" in english
    assert "Izglītojamie" not in english
    page = text_of(approver.get(f"/proposals/{proposal.id}", params={"lang": "lv"}).text)
    assert "Izglītojamie un piederība" in page
    for said in ("Jānis Mēģinātājs", "Rīkojums Nr. 5", "paraksttiesības ieraksta no avota", proposal.seen_digest):
        assert said.casefold() in page.casefold()
    assert "320000" not in page
    assert decide(approver, proposal, "confirm").headers["location"] == f"/proposals/{proposal.id}"
    assert state_of(sessions, case) is State.APPROVED
    assert rights(sessions) == ["staff:valdis.upe"] * 2
    with sessions() as session:
        decision = session.scalars(select(Decision)).one()
        assert (decision.decided_by, decision.confirmed_by) == ("inese.kalna", "valdis.upe")
    assert "inese.kalna + valdis.upe" in text_of(reviewer.get(f"/review/{case.reference}").text)
    again = decide(approver, proposal, "confirm")
    assert again.status_code == 303, "the same form sent twice is one act"


def test_whoever_proposed_it_cannot_confirm_it_though_an_approver(
    proposal: Proposal, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    both = sign_in("inese.kalna", "Inese Kalna", Role.REVIEWER, Role.APPROVER)
    signed_in(sessions, "inese.kalna")
    page = decide(both, proposal, "confirm")
    assert "To ierosinājāt jūs: apstiprina vai noraida cits cilvēks" in text_of(page.text)
    assert rights(sessions) == []


def test_a_role_lost_while_the_page_is_open_confirms_nothing(
    proposal: Proposal, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    page = approver.get(f"/proposals/{proposal.id}").text
    with sessions.begin() as session:
        staff.add(
            session,
            "valdis.upe",
            name="Valdis Upe",
            roles={Role.AUDITOR},
            by=Actor(ActorKind.SYSTEM, "test"),
            door=Door.CLI,
            at=datetime.now(UTC),
        )
    said = {"csrf": token_in(page), "seen": proposal.seen_digest, "decision": "confirm"}
    assert approver.post(f"/proposals/{proposal.id}/decide", data=said).status_code == 403
    assert rights(sessions) == []


def test_a_confirmation_needs_a_fresh_sign_in(
    proposal: Proposal, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    signed_in(sessions, "valdis.upe", ago=timedelta(minutes=6))
    page = approver.get(f"/proposals/{proposal.id}").text
    assert f'href="/login?fresh=yes&amp;then=/proposals/{proposal.id}"' in page
    assert 'value="confirm"' not in page
    answer = decide(approver, proposal, "confirm")
    assert "Pirms apstiprināšanas pieslēdzieties vēlreiz" in text_of(answer.text)
    assert rights(sessions) == []
    address = approver.get(f"/login?fresh=yes&then=/proposals/{proposal.id}").headers["location"]
    assert "prompt=login" in address


def test_a_case_decided_meanwhile_ends_what_waits(
    case: Submitted, proposal: Proposal, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    page = approver.get(f"/proposals/{proposal.id}").text
    assert act(sign_in(), case, "decide", decision="refuse", confirmed="yes", reason="kļūda").status_code == 303
    said = {"csrf": token_in(page), "seen": proposal.seen_digest, "decision": "confirm"}
    answer = approver.post(f"/proposals/{proposal.id}/decide", data=said)
    assert answer.status_code == 409
    assert "pa šo laiku tas ir izlemts" in text_of(answer.text)
    assert rights(sessions) == []


def test_what_it_rests_on_has_changed_and_the_page_says_what(
    office: Office, proposal: Proposal, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    recorded(office, "user", None, None)
    page = text_of(approver.get(f"/proposals/{proposal.id}").text)
    assert "Ir mainījies tas, kurš drīkst parakstīt iestādes vārdā." in page
    assert "Iesniegums vai tā dokumenti ir mainījušies" not in page
    answer = decide(approver, proposal, "confirm")
    assert "Ir mainījies tas, uz kā priekšlikums balstās" in text_of(answer.text)
    assert rights(sessions) == []


def test_a_refusal_leaves_the_case_with_the_reviewer_and_says_why(
    case: Submitted, proposal: Proposal, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    assert "Uzrakstiet pamatojumu" in text_of(decide(approver, proposal, "refuse").text)
    assert decide(approver, proposal, "refuse", reason="rīkojums nav derīgs").status_code == 303
    reviewer = sign_in()
    page = text_of(reviewer.get(f"/review/{case.reference}").text)
    assert "rīkojums nav derīgs" in page
    assert state_of(sessions, case) is State.IN_REVIEW
    assert act(reviewer, case, "decide", decision="approve", **{**ORDER, "source_kind": "register"}).status_code == 303
    assert state_of(sessions, case) is State.APPROVED


def test_the_proposer_withdraws(
    case: Submitted, proposal: Proposal, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer, address = sign_in(), f"/proposals/{proposal.id}/withdraw"
    csrf = token_in(reviewer.get(f"/proposals/{proposal.id}").text)
    assert "Uzrakstiet pamatojumu" in text_of(reviewer.post(address, data={"csrf": csrf}).text)
    answer = reviewer.post(address, data={"csrf": csrf, "withdraw_reason": "cita kļūda"})
    assert answer.status_code == 303
    assert decide(approver, proposal, "confirm").status_code == 409
    assert state_of(sessions, case) is State.IN_REVIEW


def test_a_party_of_the_application_cannot_confirm(
    proposal: Proposal, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    head = sign_in("ilze.paraudzina", "Ilze Paraudziņa", Role.APPROVER)
    signed_in(sessions, "ilze.paraudzina")
    assert "Tas attiecas uz jums" in text_of(head.get(f"/proposals/{proposal.id}").text)
    answer = decide(head, proposal, "confirm")
    assert "Tas attiecas uz jums: to apstiprina vai noraida cits cilvēks" in text_of(answer.text)
    assert rights(sessions) == []


def test_the_same_form_sent_twice_proposes_once(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    page = reviewer.get(f"/review/{case.reference}").text
    version = page.partition('name="version" value="')[2].partition('"')[0]
    said = {"csrf": token_in(page), "version": version, "decision": "approve", "reason": "labi", **ORDER}
    for _ in range(2):
        answer = reviewer.post(f"/review/{case.reference}/decide", data=said)
        assert answer.headers["location"] == f"/review/{case.reference}"
    with sessions() as session:
        assert len(session.scalars(select(Proposal)).all()) == 1


def test_english_pages_say_it_in_english(proposal: Proposal, approver: httpx.Client) -> None:
    page = text_of(approver.get(f"/proposals/{proposal.id}", params={"lang": "en"}).text)
    assert "Your decision as the second person" in page
    assert "Why two people decide" in page


@pytest.mark.parametrize(
    ("place", "level", "scope"),
    [("s", "ministry", "s"), ("s", "subordinate", "s"), ("municipality", "municipality", "m-")],
)
def test_rights_beyond_one_institution_wait_for_a_second_person(
    place: str,
    level: str,
    scope: str,
    office: Office,
    sign_in: SignIn,
    approver: httpx.Client,
    sessions: sessionmaker[Session],
) -> None:
    if place == "municipality":
        with sessions() as session:
            place = f"m-{min(one.id for one in institutions.municipalities(session, on=office.today))}"
    case = office.submit(scope={"level": level}, place=place)
    office.prove(case)
    register = {**ORDER, "source_kind": "register"}
    assert act(sign_in(), case, "decide", decision="approve", **register).status_code == 303
    assert state_of(sessions, case) is State.IN_REVIEW
    with sessions() as session:
        proposal = session.scalars(select(Proposal)).one()
    assert "Tiesības sniedzas plašāk par vienu iestādi" in text_of(approver.get(f"/proposals/{proposal.id}").text)
    assert decide(approver, proposal, "confirm").status_code == 303
    assert state_of(sessions, case) is State.APPROVED
    with sessions() as session:
        account = session.scalars(select(Account)).one()
        assert {one.scope[:2] for one in grants.history(session, account.id)} == {scope[:2]}


def test_the_ministry_is_found_as_an_applicant(site: Site) -> None:
    with site.visitor() as visitor:
        page = visitor.get("/apply", params={"q": "zinātnes ministrija"}).text
    assert 'value="s"' in page
    assert "Izglītības un zinātnes ministrija" in page


@pytest.mark.keycloak
@pytest.mark.browser
def test_with_the_real_keycloak_a_second_person_types_their_password_again(
    real_site: Site,
    keycloak_admin: KeycloakAdmin,
    sessions: sessionmaker[Session],
    office: Office,
    chromium: Browser,
) -> None:
    username, password = "uldis.otrais", "Ceturtdiena-1874"
    with ThreadPoolExecutor(1) as aside:  # Playwright holds this thread's event loop
        case = aside.submit(office.submit).result()
        aside.submit(office.prove, case).result()
    order = NewSignatory(Capacity.HEAD, None, None, "Rīkojums Nr. 5", SourceKind.ORDER)
    with sessions.begin() as session:
        proposal = service.approve_or_propose(
            session,
            case.id,
            seen=session.get_one(Application, case.id).version,
            by=INESE,
            signatory=order,
            base_url=real_site.url,
            at=office.now,
        )
    assert isinstance(proposal, Proposal)
    if keycloak_admin.find(username) is None:
        keycloak_admin.create_user(
            username, given_name="Uldis", surname="Otrais", email="uldis@izm.test", password=password
        )
    with sessions.begin() as session:
        by, at = Actor(ActorKind.SYSTEM, "test"), datetime.now(UTC)
        staff.add(session, username, name="Uldis Otrais", roles=[Role.APPROVER], by=by, door=Door.CLI, at=at)
        staff.add(session, INESE.username, name=INESE.name, roles=[Role.REVIEWER], by=by, door=Door.CLI, at=at)
    context = chromium.new_context()
    page, address = context.new_page(), f"{real_site.url}/proposals/{proposal.id}"

    def log_in() -> None:
        page.fill("#password", password)
        if page.locator("input#username:visible").count():  # whoever is signed in already is not asked who they are
            page.fill("#username", username)
        page.click("#kc-login")
        page.wait_for_url(address)

    page.goto(address)
    log_in()
    assert page.locator("input[value=confirm]").count() == 1, "Keycloak says when the password was typed"
    signed_in(sessions, username, ago=timedelta(minutes=6))
    page.goto(address)
    assert page.locator("input[value=confirm]").count() == 0
    page.click("main a.govuk-button")
    log_in()
    page.check("input[value=confirm]")
    page.click("form[action$=decide] button")
    page.wait_for_selector("form[action$=decide]", state="detached")
    assert len(rights(sessions)) == 2
    context.close()
