"""A head without an account ends a user's rights on pages: from the start page to the decision."""

import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from builders.workflows.office import INESE, SCHOOL, Office, Submitted
from demo.pki import person
from demo.signer import sign_edoc
from iam.grants.models import Account
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import hand_in, send, text_of, token_in, version_in
from tests.workflows.web.site import Site
from workflows.application import service

DAY = timedelta(days=1)


@pytest.fixture
def account(office: Office) -> Account:
    """A user of the school who holds two rights from today on."""
    return office.holder()


def person_fields(key: str) -> dict[str, str]:
    who = person(key)
    return {"given_name": who.given_name, "surname": who.surname, "personal_code": who.code}


def begun(visitor: httpx.Client) -> str:
    """Choose the application on the start page, find the school, and give the draft's address."""
    start = visitor.get("/").text
    assert "Jāparaksta tikai vadītājam" in text_of(start)
    (address,) = re.findall(r'href="(/apply\?kind=revocation)"', start)
    assert address in visitor.get("/apply").text, "the page of all kinds leads there too"
    first = visitor.get(address).text
    assert "Iesniegums lietotāja tiesību anulēšanai, 1. solis no 5" in text_of(first)
    found = visitor.get("/apply", params={"kind": "revocation", "q": SCHOOL}).text
    (place,) = re.findall(r'name="place" type="radio" value="([^"]+)"', found)
    answer = visitor.post("/apply", data={"csrf": token_in(found), "kind": "revocation", "place": place, "q": SCHOOL})
    assert answer.status_code == 303, text_of(answer.text)
    return answer.headers["location"].removesuffix("/head")


def filled_in(visitor: httpx.Client, office: Office, *, which: str = "all", last: timedelta = 7 * DAY) -> str:
    """Answer every step; the draft's address."""
    draft = begun(visitor)
    head = person_fields("head") | {"position": "direktore", "email": "head@demo.test"}
    steps = [("head", head, "user"), ("user", person_fields("user"), "scope")]
    steps += [("scope", {"which": which}, "sections" if which == "listed" else "end")]
    if which == "listed":
        steps += [("sections", {"section.staff": "end"}, "end")]
    end = {"last_day": f"{office.today + last:%d.%m.%Y}.", "reason": "employment_ended"}
    for step, said, following in [*steps, ("end", end, "check")]:
        saved = send(visitor, f"{draft}/{step}", **said)
        assert saved.headers.get("location") == f"{draft}/{following}", text_of(saved.text)
    return draft


def sent(visitor: httpx.Client, draft: str) -> str:
    """Submit the draft; its number."""
    assert send(visitor, draft, shown_at=f"{draft}/check").headers["location"] == f"{draft}/done"
    told = text_of(visitor.get(f"{draft}/done").text)
    assert "paraksta iesniegumu un augšupielādē" in told
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", told)
    assert found
    return found.group()


def decided(visitor: httpx.Client, reference: str, **fields: str) -> httpx.Response:
    page = visitor.get(f"/review/{reference}").text
    return visitor.post(f"/review/{reference}/decide", data={**opened(page), **fields})


def opened(page: str) -> dict[str, str]:
    """Fill in the form of a case page to approve."""
    (presented,) = re.findall(r'name="presented" value="([^"]*)"', page)
    return {"csrf": token_in(page), "version": version_in(page), "presented": presented, "decision": "approve"}


def test_from_the_start_page_to_the_end_of_the_rights(
    site: Site, office: Office, sign_in: SignIn, account: Account
) -> None:
    last = office.today + 7 * DAY
    with site.visitor() as visitor:
        draft = filled_in(visitor, office)
        check = text_of(visitor.get(f"{draft}/check").text)
        for seen in ("320000-00202", "Visas lietotāja tiesības", f"{last:%d.%m.%Y}.", "Beidzas darba attiecības"):
            assert seen in check
        reference = sent(visitor, draft)
        page = visitor.get(f"/track/{reference}").text
        assert "320000-00202" not in page
        form = visitor.get(f"/track/{reference}/revocation.pdf").content
        signed = sign_edoc([("anulesana.pdf", form)], person=person("head"), pki=office.pki, at=office.now)
        assert hand_in(visitor, reference, page, "anulesana.edoc", signed).status_code == 303
        office.work()
        assert "Viss ir saņemts" in text_of(visitor.get(f"/track/{reference}").text)
        reviewer = sign_in()
        case = text_of(reviewer.get(f"/review/{reference}").text)
        assert "Iesniegums lietotāja tiesību anulēšanai Steidzams" in case
        assert "Kuras tiesības beigsies" in case
        ends = re.findall(r"1\. vidusskola \((?:labot|skatīt)\) bez termiņa līdz ([\d.]+) \(ieskaitot\)", case)
        assert ends == [f"{last:%d.%m.%Y}."] * 2
        assert decided(reviewer, reference).status_code == 303
        assert {right.until for right in office.rights(account)} == {last}
        followed = text_of(visitor.get(f"/track/{reference}").text)
        assert "tiesības beidzas ar norādīto pēdējo dienu" in followed
        assert "Tiesību anulēšana apstiprināta" in followed
    for tab in ("data", "signatures", "files", "history"):
        assert reviewer.get(f"/review/{reference}", params={"tab": tab}).status_code == 200, tab
    assert reference in reviewer.get(f"/people/{account.username}").text


def test_only_some_sections_are_a_step_of_their_own(site: Site, office: Office) -> None:
    with site.visitor() as visitor:
        draft = filled_in(visitor, office, which="listed")
        check = text_of(visitor.get(f"{draft}/check").text)
        assert "Pedagogi un tehniskais personāls" in check
        assert f'href="{draft}/sections"' in visitor.get(f"{draft}/check").text
        send(visitor, f"{draft}/scope", which="all")
        assert visitor.get(f"{draft}/sections").status_code == 404
        assert "Visas lietotāja tiesības" in text_of(visitor.get(f"{draft}/check").text)


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(site: Site, office: Office) -> None:
    yesterday = f"{office.today - DAY:%d.%m.%Y}."
    with site.visitor() as visitor:
        draft = filled_in(visitor, office)
        wrong: tuple[tuple[str, dict[str, str], str, str], ...] = (
            ("user", {"personal_code": "320000-0020"}, "Personas kodā ir 11 cipari", "320000-0020"),
            ("user", {**person_fields("user"), "email": "nekur"}, "Ievadiet e-pasta adresi, piemēram", "nekur"),
            ("scope", {}, "Izvēlieties, kuras tiesības beidzas", ""),
            (
                "scope",
                {"which": "all", "places": "9013900114"},
                "Iestāde var lūgt anulēt tiesības tikai tajā pašā iestādē",
                "9013900114",
            ),
            ("scope", {"which": "all", "places": "nav"}, "1. rinda: nav iestādes", "nav"),
            ("end", {"last_day": yesterday, "reason": "other"}, "nevar būt jau pagājusi", yesterday),
            ("end", {"last_day": yesterday, "reason": "other"}, "Uzrakstiet, kāpēc tiesības beidzas", yesterday),
            ("end", {"last_day": "31.02.2027", "reason": "x"}, "Izvēlieties vienu no pamatojumiem", "31.02.2027"),
        )
        for step, said, objection, stays in wrong:
            answer = send(visitor, f"{draft}/{step}", **said)
            assert answer.status_code == 422, (step, said)
            assert objection in text_of(answer.text), (step, said)
            assert stays in answer.text


@pytest.mark.parametrize("user", ["user", "stranger"])
def test_the_form_tells_nobody_who_has_rights(site: Site, account: Account, user: str) -> None:
    with site.visitor() as visitor:
        draft = begun(visitor)
        send(visitor, f"{draft}/head", **person_fields("head"), position="direktore", email="head@demo.test")
        said = {**person_fields(user), "username": account.username, "email": account.email}
        answer = send(visitor, f"{draft}/user", **said)
        assert answer.headers["location"] == f"{draft}/scope"
        page = text_of(visitor.get(f"{draft}/scope").text)
    assert "jau ir iesniegts" not in page
    assert account.username not in page


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("more", [{}, {"email": "user@demo.test"}, {"username": "janis.meginatajs"}])
def test_the_user_who_fills_the_form_in_does_not_learn_that_their_rights_may_end(
    site: Site, office: Office, more: dict[str, str], *, signed: bool
) -> None:
    if signed:
        waiting(office)
    else:
        office.submit_to_end()
    with site.visitor() as visitor:
        draft = filled_in(visitor, office)
        send(visitor, f"{draft}/user", **person_fields("user"), **more)
        pages = [text_of(visitor.get(f"{draft}/{step}").text) for step in ("head", "user", "scope", "end", "check")]
    assert not [page for page in pages if "jau ir iesniegts" in page]


@pytest.mark.parametrize("asked", ["review", "more"])
def test_it_is_urgent_only_once_it_is_signed(office: Office, sign_in: SignIn, asked: str) -> None:
    older = office.submit("head-2", "user-2", place="9013900114")
    office.prove(older)
    office.later()
    unsigned, signed = office.submit_to_end(), waiting(office)
    if asked == "more":
        with office.sessions.begin() as session:
            service.ask_more(
                session,
                signed.id,
                seen=office.case(signed).version,
                reason="Lūdzu, paskaidrojiet.",
                by=INESE,
                base_url="https://viis.test",
                at=office.now,
            )
    reviewer = sign_in()
    listed = reviewer.get("/review?state=").text
    assert re.findall(r'href="/review/([0-9A-Z-]{14})"', listed) == [
        signed.reference,
        older.reference,
        unsigned.reference,
    ]
    assert f"{signed.reference} Steidzams" in text_of(listed)
    assert f"{unsigned.reference} Steidzams" not in text_of(listed)
    assert "Steidzams" not in text_of(reviewer.get(f"/review/{unsigned.reference}").text)
    assert "Steidzams" in text_of(reviewer.get(f"/review/{signed.reference}").text)


def waiting(office: Office, **how: object) -> Submitted:
    submitted = office.submit_to_end(**how)  # type: ignore[arg-type]  # passed on
    office.prove(submitted)
    return submitted


def test_it_stands_first_in_the_queue_says_what_it_is_and_is_the_next_one(office: Office, sign_in: SignIn) -> None:
    older = office.submit("head-2", "user-2", place="9013900114")
    office.prove(older)
    office.later()
    asked = waiting(office)
    reviewer = sign_in()
    rows = re.findall(r'href="/review/([0-9A-Z-]{14})"', reviewer.get("/review").text)
    assert rows == [asked.reference, older.reference]
    said = text_of(reviewer.get("/review").text)
    assert f"{asked.reference} Steidzams Iesniegums lietotāja tiesību anulēšanai" in said
    assert f"{older.reference} Iesniegums par VIIS lietotāja tiesību piešķiršanu" in said
    newest = re.findall(r'href="/review/([0-9A-Z-]{14})"', reviewer.get("/review?sort=since&down=yes").text)
    assert newest == [asked.reference, older.reference]
    assert "Iesniegums lietotāja tiesību anulēšanai" in reviewer.get("/review.csv").text
    taken = reviewer.post("/review/next", data={"csrf": token_in(reviewer.get("/review").text)})
    assert taken.headers["location"] == f"/review/{asked.reference}"


def test_a_case_that_would_end_nothing_says_so_and_is_not_approved(
    office: Office, sign_in: SignIn, account: Account
) -> None:
    asked, stranger = waiting(office), waiting(office, user="stranger")
    wished = office.submit(scope={"section.finance": "view"})
    for right in office.rights(account):
        office.later()
        office.end(right.id)
    reviewer = sign_in()
    shown = text_of(reviewer.get(f"/review/{asked.reference}").text)
    assert "Nekas: šai personai tur nav tiesību" in shown
    assert shown.count(": atsauktas pirms pirmās dienas") == 2
    assert f"Citi neizlemti iesniegumi par šo personu {wished.reference}" in shown
    assert "Nekas: šai personai nav konta." in text_of(reviewer.get(f"/review/{stranger.reference}").text)
    for one in (asked, stranger):
        answer = decided(reviewer, one.reference)
        assert answer.status_code == 422
        assert "Nekas nebeigtos" in text_of(answer.text)
    refused = decided(reviewer, asked.reference, decision="refuse", reason="Tiesības jau ir beigušās.", confirmed="yes")
    assert refused.status_code == 303
    assert "Citi neizlemti" not in text_of(reviewer.get(f"/review/{asked.reference}").text)


def test_its_blank_form_is_handed_out(site: Site) -> None:
    with site.visitor() as visitor:
        assert 'href="/forms/revocation.pdf"' in visitor.get("/").text
        form = visitor.get("/forms/revocation.pdf")
    assert form.headers["content-type"] == "application/pdf"
    assert "iesniegums-anulesanai.pdf" in form.headers["content-disposition"]


def more_rights(office: Office, account: Account) -> None:
    del account
    grant = office.submit(scope={"section.classes": "view"}, starts=timedelta())
    office.prove(grant)
    office.approve(grant)


def one_ends(office: Office, account: Account) -> None:
    office.end(office.rights(account)[0].id)


def one_ends_sooner(office: Office, account: Account) -> None:
    office.end(office.rights(account)[0].id, last_day=office.today + DAY)


def all_end(office: Office, account: Account) -> None:
    for right in office.rights(account):
        office.end(right.id)


@pytest.mark.parametrize("changed", [more_rights, one_ends, one_ends_sooner, all_end])
def test_a_page_that_showed_other_rights_decides_nothing(
    office: Office, sign_in: SignIn, account: Account, changed: Callable[[Office, Account], None]
) -> None:
    asked = waiting(office)
    reviewer = sign_in()
    form = opened(reviewer.get(f"/review/{asked.reference}").text)
    changed(office, account)
    before = office.rights(account)
    answer = reviewer.post(f"/review/{asked.reference}/decide", data={**form, "reason": "Ar vadītāju sazvanījāmies."})
    assert answer.status_code == 409
    assert "mainījušās lietotāja tiesības vai diena" in text_of(answer.text)
    assert "Ar vadītāju sazvanījāmies." in text_of(answer.text)
    assert office.rights(account) == before
    assert "Ar vadītāju sazvanījāmies." in reviewer.get(f"/review/{asked.reference}").text, "nothing typed is lost"
    if changed is not all_end:
        assert decided(reviewer, asked.reference).status_code == 303
    assert office.held(account, office.today + 8 * DAY) == [], "what is shown anew is decided"


@pytest.mark.parametrize("forged", ["", "0" * 64])
def test_a_form_without_what_was_presented_decides_nothing(
    office: Office, sign_in: SignIn, account: Account, forged: str
) -> None:
    asked = waiting(office)
    assert decided(sign_in(), asked.reference, presented=forged).status_code == 409
    assert len(office.held(account, office.today + 8 * DAY)) == 2


def test_who_follows_an_end_that_came_late_reads_the_day_of_the_decision(
    site: Site, office: Office, sign_in: SignIn
) -> None:
    now = office.now
    office.now = now - 5 * DAY
    account = office.holder()
    office.now = now - 3 * DAY
    asked = waiting(office)
    office.now = now
    assert decided(sign_in(), asked.reference).status_code == 303
    assert office.held(account, office.today) == []
    with site.visitor() as visitor:
        address = f"/track/{asked.reference}?key={asked.token}"
        followed = text_of(visitor.get(address, follow_redirects=True).text)
    assert f"tiesības beidzās uzreiz, {office.today:%d.%m.%Y}" in followed
    assert "tiesības beidzas ar norādīto pēdējo dienu" not in followed
