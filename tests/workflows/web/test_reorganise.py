"""An order from its lines to ended rights and back, as a reviewer and a second person do it on pages."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import httpx
import openpyxl  # type: ignore[import-untyped]  # has no type hints
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

import workflows.reorganisation.jobs  # noqa: F401 - declares what is queued
from builders.iam.register import BY_REVIEWER, person
from builders.iam.rights import given, opened
from builders.workflows.office import Office
from builders.workflows.policy_numbers import set_numbers
from iam.grants.models import Account
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity, Institution, InstitutionMunicipality, MunicipalityCode
from iam.orders.models import Order
from iam.orders.states import OrderState
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from workflows.application.models import Application
from workflows.mail import Mail
from workflows.proposals.models import Proposal
from workflows.staff import Role

SCHOOL, OTHER = "9013900107", "9013900114"
HEAD = "reference,legal_basis,effective,change,sources,targets,new_name,new_code"


@pytest.fixture
def holder(office: Office) -> Account:
    """Somebody with two rights in the school."""
    submitted = office.submit(starts=timedelta())
    office.prove(submitted)
    account = office.approve(submitted)
    office.work()
    return account


@pytest.fixture
def approver(sign_in: SignIn, sessions: sessionmaker[Session]) -> httpx.Client:
    """The second person, who has just signed in."""
    visitor = sign_in("valdis.upe", "Valdis Upe", Role.APPROVER)
    with sessions.begin() as session:
        session.execute(
            text("UPDATE web_sessions SET authenticated_at = :at WHERE username = 'valdis.upe'"),
            {"at": datetime.now(UTC)},
        )
    return visitor


def record(visitor: httpx.Client, *lines: str) -> httpx.Response:
    page = visitor.get("/reorganise").text
    return visitor.post("/reorganise", data={"csrf": token_in(page), "lines": "\n".join((HEAD, *lines))})


def act(visitor: httpx.Client, address: str, what: str, **fields: str) -> httpx.Response:
    page = visitor.get(f"{address}/undo" if what == "undo" else address).text
    said = {"csrf": token_in(page), "reason": "Domes lēmums", "repeal_reason": "Domes lēmums", **fields}
    if seen := re.search(r'name="seen" value="([0-9a-f]{64})"', page):
        said.setdefault("seen", seen[1])
    return visitor.post(f"{address}/{what}", data=said)


def confirm(visitor: httpx.Client, address: str, sessions: sessionmaker[Session]) -> httpx.Response:
    with sessions() as session:
        proposal = session.get_one(Proposal, int(address.rpartition("/")[2]))
    page = visitor.get(address)
    assert page.status_code == 200
    said = {
        "csrf": token_in(page.text),
        "seen": proposal.seen_digest,
        "decision": "confirm",
        "count": str(proposal.count),
    }
    return visitor.post(f"{address}/decide", data=said)


def rows_in(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


def state_of(sessions: sessionmaker[Session]) -> OrderState:
    with sessions() as session:
        return session.scalars(select(Order.state)).one()


def test_a_school_is_closed_by_two_people_and_opened_again(
    office: Office, holder: Account, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    before = office.held(holder, office.today)
    assert before
    address = record(reviewer, f"1-3/7,Domes lēmums,{office.today},likvidācija,{SCHOOL},,,").headers["location"]
    shown = text_of(reviewer.get(address).text)
    assert "Domes lēmums" in shown
    assert holder.username in shown
    assert "nekas nav mainīts" not in shown
    proposed = act(reviewer, address, "propose").headers["location"]
    assert re.fullmatch(r"/proposals/\d+", proposed)
    assert state_of(sessions) is OrderState.DRAFTED, "nothing happens before the second person"
    assert confirm(approver, proposed, sessions).status_code == 303
    office.work()
    assert state_of(sessions) is OrderState.APPLIED
    assert office.held(holder, office.today) == []
    page = reviewer.get(address).text
    assert "<progress" in page
    assert reviewer.get(f"/institutions/{SCHOOL}").text.count("1-3/7") == 1
    undoing = act(reviewer, address, "undo").headers["location"]
    assert confirm(approver, undoing, sessions).status_code == 303
    office.work()
    assert state_of(sessions) is OrderState.UNDONE
    assert office.held(holder, office.today) == before
    with sessions() as session:
        told = session.scalars(select(Mail).where(Mail.template == "rights_again_asker")).one()
        reference = session.scalars(select(Application.reference)).one()
    assert told.to_address == "head@demo.test"
    assert told.subject == f"VIIS: pēc iesnieguma {reference} piešķirtās tiesības atkal ir spēkā"


def test_what_undoing_brings_back_and_leaves_is_read_before_it_is_proposed_and_by_the_second_person(
    office: Office, holder: Account, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer, before = sign_in(), office.held(holder, office.today)
    address = carried_out(office, reviewer, approver, sessions, "likvidācija")
    assert "undo-form" not in reviewer.get(address).text, "nothing is proposed that was not shown"
    assert f'href="{address}/undo"' in reviewer.get(address).text
    shown = reviewer.get(f"{address}/undo").text
    listed = rows_in(reviewer.get(f"{address}/undo.csv"))
    assert {row[2] for row in listed[1:] if row[2]} >= {holder.username}
    assert all(cell in text_of(shown) for row in listed[1:] for cell in row)
    only = rows_in(reviewer.get(f"{address}/undo.csv?fate=right_again"))
    assert len(only) - 1 == len(before)
    book = openpyxl.load_workbook(io.BytesIO(reviewer.get(f"{address}/undo.xlsx?fate=right_again").content))
    assert [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)] == only
    assert "Parādīt visu" in text_of(reviewer.get(f"{address}/undo?fate=place_back").text)
    digest = re.findall(r'name="seen" value="([0-9a-f]{64})"', shown)[0]
    undoing = act(reviewer, address, "undo").headers["location"]
    proposal = approver.get(undoing).text
    assert digest in proposal
    assert f'href="{address}/undo"' in proposal
    behind = approver.get(f"{address}/undo").text
    assert digest in behind
    assert "Tieši šis saraksts gaida otro personu" in text_of(behind)
    assert "undo-form" not in behind
    assert confirm(approver, undoing, sessions).status_code == 303
    office.work()
    assert "Nav ko atsaukt" in text_of(reviewer.get(f"{address}/undo").text)


def test_an_undo_that_is_not_what_was_shown_is_refused_and_says_what_changed(
    office: Office, holder: Account, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    address = carried_out(office, reviewer, approver, sessions, "likvidācija")
    page = reviewer.get(f"{address}/undo").text
    said = {name: re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("csrf", "seen", "rests")}
    for seen in ("", "0" * 64):
        refused = reviewer.post(f"{address}/undo", data=said | {"reason": "Kļūda rīkojumā", "seen": seen})
        assert refused.status_code == 422
        assert "Atsaukšana maina ko citu, nekā rādīja šī lapa" in text_of(refused.text)
        assert "Kļūda rīkojumā" in refused.text, "what was typed stays"
    with sessions.begin() as session:
        scope = institutions.scope_of_institution(session, SCHOOL).id
        given(session, session.get_one(Account, holder.id), scope, "staff", since=office.today)
    refused = reviewer.post(f"{address}/undo", data=said | {"reason": "Kļūda rīkojumā"})
    assert "Attiecīgo lietotāju tiesības ir mainījušās" in text_of(refused.text)
    assert "Mainījušās paraksttiesības" not in text_of(refused.text)
    assert act(reviewer, address, "undo", reason="").status_code == 422
    assert act(reviewer, address, "undo").status_code == 303, "read again, it is proposed"


def carried_out(
    office: Office, reviewer: httpx.Client, approver: httpx.Client, sessions: sessionmaker[Session], kind: str
) -> str:
    recorded = record(reviewer, f"1-3/7,Domes lēmums,{office.today},{kind},{SCHOOL},,,")
    address = recorded.headers["location"]
    assert confirm(approver, act(reviewer, address, "propose").headers["location"], sessions).status_code == 303
    office.work()
    return address


def test_an_order_is_paused_and_goes_on_on_its_page_whatever_was_decided_about_it_last(
    office: Office, holder: Account, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    address = record(reviewer, f"1-3/7,Domes lēmums,{office.today},likvidācija,{SCHOOL},,,").headers["location"]
    confirm(approver, act(reviewer, address, "propose").headers["location"], sessions)
    assert act(reviewer, address, "pause").status_code == 303
    shown = text_of(reviewer.get(address).text)
    assert "Apturēja inese.kalna" in shown
    before = office.held(holder, office.today)
    office.work()
    assert (state_of(sessions), office.held(holder, office.today)) == (OrderState.APPROVED, before)
    twice = act(reviewer, address, "pause")
    assert twice.status_code == 422
    assert "Nekas nav izdarīts" in text_of(twice.text)
    assert act(reviewer, address, "resume").status_code == 303
    assert "Apturēja" not in text_of(reviewer.get(address).text)
    office.work()
    assert state_of(sessions) is OrderState.APPLIED


def test_what_came_since_the_approval_is_said_on_the_page_and_proposed_from_there(
    office: Office, holder: Account, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    address = record(reviewer, f"1-3/7,Domes lēmums,{office.today},likvidācija,{SCHOOL},,,").headers["location"]
    confirm(approver, act(reviewer, address, "propose").headers["location"], sessions)
    assert 'id="propose"' not in reviewer.get(address).text
    with sessions.begin() as session:
        scope = institutions.scope_of_institution(session, SCHOOL).id
        given(session, opened(session, "Zane Kalna"), scope, since=office.today)
        record_signatory(
            session,
            scope_id=scope,
            person_id=person(session, "Jānis Ozols").id,
            capacity=Capacity.ACTING_HEAD,
            since=None,
            until=None,
            source="rīkojums",
            origin=BY_REVIEWER,
            at=datetime.now(UTC),
        )
    assert "Pēc apstiprināšanas ir piešķirtas tiesības" in text_of(reviewer.get(address).text)
    office.work()
    assert state_of(sessions) is OrderState.APPLYING
    assert "jāierosina atsevišķi: Jānis Ozols" in text_of(reviewer.get(address).text)
    confirm(approver, act(reviewer, address, "propose").headers["location"], sessions)
    office.work()
    assert state_of(sessions) is OrderState.APPLIED
    assert office.held(holder, office.today) == []


def test_everything_that_is_wrong_is_said_at_once_with_its_line_and_what_was_typed_stays(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    answer = record(
        sign_in(),
        f"1,Domes lēmums,{office.today},iznīcināšana,{SCHOOL},,,",
        f"1,Domes lēmums,nekad,likvidācija,{SCHOOL},,,",
    )
    assert answer.status_code == 422
    page = text_of(answer.text)
    assert {"2. rinda", "3. rinda"} <= set(re.findall(r"\d\. rinda", page))
    assert "nekad,likvidācija" in answer.text
    with sessions() as session:
        assert session.scalars(select(Order)).all() == []
    assert record(sign_in()).status_code == 422, "no line is no order"


def test_lines_that_cannot_be_read_do_not_hide_what_is_wrong_with_the_others(office: Office, sign_in: SignIn) -> None:
    answer = record(
        sign_in(),
        f"1,Domes lēmums,{office.today},dibināšana,{OTHER},9013900999=Jaunā skola,,",
        f"2,Domes lēmums,{office.today},likvidācija,9999999999,,,",
        f"3,Domes lēmums,{office.today},pievienošana,{SCHOOL},9013900999,,",
    )
    said = text_of(answer.text)
    assert "2. rinda: „dibināšana” nav izmaiņu veids" in said
    assert "3. rinda: Iestāde 9999999999: reģistrā tādas nav." in said
    assert "4. rinda" not in said, "what a line at fault founds is not unknown"


def test_a_plan_that_changed_since_it_was_shown_is_not_proposed(
    office: Office, holder: Account, sign_in: SignIn
) -> None:
    reviewer = sign_in()
    address = record(reviewer, f"1,Domes lēmums,{office.today},likvidācija,{SCHOOL},,,").headers["location"]
    refused = act(reviewer, address, "propose", seen="0" * 64)
    assert refused.status_code == 422
    assert "Plāns ir mainījies, kopš atvērāt šo lapu" in text_of(refused.text)
    assert act(reviewer, address, "propose", reason="").status_code == 422
    assert act(reviewer, address, "something").status_code == 404
    del holder


def test_a_page_that_was_open_for_a_day_says_what_has_changed_since(
    office: Office, holder: Account, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    address = record(reviewer, f"1,Domes lēmums,{office.today},likvidācija,{SCHOOL},,,").headers["location"]
    page = reviewer.get(address).text
    said = {name: re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("csrf", "seen", "rests")}
    with sessions.begin() as session:
        given(session, opened(session), institutions.scope_of_institution(session, SCHOOL).id, since=office.today)
    refused = reviewer.post(f"{address}/propose", data=said | {"reason": "Domes lēmums"})
    assert refused.status_code == 422
    told = text_of(refused.text)
    assert "Attiecīgo lietotāju tiesības ir mainījušās" in told
    assert "Mainījušās paraksttiesības" not in told
    assert "Domes lēmums" in refused.text, "what was typed stays"
    assert act(reviewer, address, "propose").status_code == 303, "read again, it is proposed"
    del holder


def test_a_cap_that_was_lowered_after_the_proposal_is_said_to_the_second_person(
    office: Office, holder: Account, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    with sessions.begin() as session:
        given(session, opened(session), institutions.scope_of_institution(session, SCHOOL).id, since=office.today)
    address = record(reviewer, f"1,Domes lēmums,{office.today},likvidācija,{SCHOOL},,,").headers["location"]
    proposed = act(reviewer, address, "propose").headers["location"]
    with sessions.begin() as session:
        set_numbers(session, plan_cap_accounts=1, plan_cap_share=1)
    refused = confirm(approver, proposed, sessions)
    assert refused.status_code == 422
    assert "nekā politika tagad vienā reizē atļauj" in text_of(refused.text)
    assert state_of(sessions) is OrderState.DRAFTED
    del holder


def test_an_order_that_is_proposed_leads_to_its_proposal_and_is_not_proposed_twice(
    office: Office, holder: Account, sign_in: SignIn
) -> None:
    reviewer = sign_in()
    address = record(reviewer, f"1,Domes lēmums,{office.today},likvidācija,{SCHOOL},,,").headers["location"]
    seen = re.findall(r'name="(seen|rests)" value="([^"]+)"', reviewer.get(address).text)
    proposed = act(reviewer, address, "propose").headers["location"]
    page = reviewer.get(address).text
    assert f'href="{proposed}"' in page
    assert "propose-form" not in page
    again = act(reviewer, address, "propose", **dict(seen))
    assert again.status_code == 422
    assert f"{proposed.rpartition('/')[2]}. priekšlikums gaida otro personu" in text_of(again.text)
    del holder


def test_what_most_rights_end_in_is_drawn_and_what_is_left_with_nothing_is_named(
    office: Office, holder: Account, sign_in: SignIn
) -> None:
    reviewer = sign_in()
    joined = f"1,Domes lēmums,{office.today + timedelta(days=1)},pievienošana,{SCHOOL},{OTHER},,"
    page = reviewer.get(record(reviewer, joined).headers["location"]).text
    gaps = page.partition('id="gaps"')[2].partition("</section>")[0]
    assert f'href="/people/{holder.username}"' in gaps
    assert f'href="/institutions/{OTHER}"' in gaps
    assert "viis-bars" not in page, "one place needs no drawing"
    assert f'<a class="govuk-link" href="/institutions/{SCHOOL}">Ezerpils 1. vidusskola' in page


def test_the_list_is_filtered_and_exported_as_it_is_shown(office: Office, holder: Account, sign_in: SignIn) -> None:
    reviewer = sign_in()
    address = record(reviewer, f"1,=Domes lēmums,{office.today},likvidācija,{SCHOOL},,,").headers["location"]
    everything, ends = rows_in(reviewer.get(f"{address}.csv")), rows_in(reviewer.get(f"{address}.csv?fate=ends"))
    rights = len(office.held(holder, office.today))
    assert len(ends) == 1 + rights
    assert len(everything) > len(ends)
    assert {row[2] for row in ends[1:]} == {holder.username}
    book = openpyxl.load_workbook(io.BytesIO(reviewer.get(f"{address}.xlsx?fate=ends").content))
    assert [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)] == ends
    filtered = text_of(reviewer.get(f"{address}?fate=ends").text)
    assert "Parādīt visu" in filtered


def test_a_school_inside_a_municipality_that_an_order_names_goes_by_its_name(
    office: Office, holder: Account, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    around = (
        select(MunicipalityCode.atvk)
        .join(InstitutionMunicipality, InstitutionMunicipality.municipality_id == MunicipalityCode.municipality_id)
        .join(Institution, Institution.id == InstitutionMunicipality.institution_id)
        .where(Institution.reg_no == SCHOOL, MunicipalityCode.period.contains(office.today))
        .where(InstitutionMunicipality.period.contains(office.today))
    )
    with sessions() as session:
        code = session.scalars(around).one()
    reviewer, day = sign_in(), office.today + timedelta(days=30)
    address = record(reviewer, f"1-3/8,Domes lēmums,{day},renamed,{code},,Jaunais novads,").headers["location"]
    for answer in (reviewer.get(address), reviewer.get(f"{address}.csv")):
        assert holder.username in answer.text
        assert "Ezerpils 1. vidusskola" in answer.text
        assert f"Iestāde {SCHOOL}" not in answer.text


def test_an_order_repealed_before_its_day_does_nothing(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    address = record(reviewer, f"1,Domes lēmums,{office.today},likvidācija,{OTHER},,,").headers["location"]
    silent = act(reviewer, address, "repeal", repeal_reason=" ")
    assert silent.status_code == 422
    assert 'href="#repeal_reason"' in silent.text, "and not the reason of the proposal beside it"
    assert len(re.findall(r'id="(?:repeal_)?reason"', silent.text)) == 2
    assert act(reviewer, address, "repeal", repeal_reason="Satversmes tiesa").status_code == 303
    assert state_of(sessions) is OrderState.REPEALED
    assert "Satversmes tiesa" in text_of(reviewer.get(address).text)
    assert act(reviewer, address, "repeal").status_code == 422


@pytest.mark.parametrize("ids", ["0", "999", "x", "1-", "1--2", "9" * 30])
def test_orders_that_are_none_are_not_found(sign_in: SignIn, ids: str) -> None:
    assert sign_in().get(f"/reorganise/{ids}").status_code == 404
