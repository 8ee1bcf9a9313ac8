"""Somebody whose rights an order ends opens the application that was filled in for them, by the link of a mail."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

import workflows.reorganisation.jobs  # noqa: F401 - declares what is queued
from builders.iam.register import BY_REVIEWER
from builders.workflows.office import Office
from demo.servers import GreenMail
from demo.servers.greenmail import Letter
from iam.grants import accounts
from iam.grants.models import Account
from iam.people import service as people
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import send, text_of
from tests.workflows.web.site import Site
from tests.workflows.web.test_reorganise import OTHER, SCHOOL, act, approver, confirm, holder, record
from workflows.application.models import Application, PrefilledDraft
from workflows.application.states import State
from workflows.mail import Mail

__all__ = ["approver", "holder"]  # fixtures of the story of orders


@pytest.fixture
def code(holder: Account, sessions: sessionmaker[Session]) -> str:
    """The holder's personal code, in full."""
    with sessions() as session:
        (own,) = people.codes_of(session, session.get_one(Account, holder.id).person_id)
    return own.written


@pytest.fixture
def order(
    office: Office,
    holder: Account,
    sign_in: SignIn,
    approver: httpx.Client,
    sessions: sessionmaker[Session],
    greenmail: GreenMail,
) -> tuple[httpx.Client, str]:
    """An order that joins the school to another in ten days, approved, with its mails on their way by SMTP."""
    assert office.held(holder, office.today)
    reviewer = sign_in()
    day = office.today + timedelta(days=10)
    address = record(reviewer, f"1-3/7,Domes lēmums,{day},pievienošana,{SCHOOL},{OTHER},,").headers["location"]
    assert confirm(approver, act(reviewer, address, "propose").headers["location"], sessions).status_code == 303
    office.work()
    assert greenmail.all_letters()
    return reviewer, address


def latest(greenmail: GreenMail, account: Account, subject: str) -> Letter:
    return [one for one in greenmail.letters(account.email) if subject in one.subject][-1]


def link_in(letter: Letter) -> str:
    """The address of the draft, without the site's own."""
    found = re.search(r"/apply/[\w-]{40,}", letter.text)
    assert found
    return found.group()


def test_the_code_is_masked_until_the_mailbox_is_shown_to_be_theirs(
    site: Site, office: Office, greenmail: GreenMail, holder: Account, order: tuple[httpx.Client, str], code: str
) -> None:
    del order
    draft = link_in(latest(greenmail, holder, "tiesības beidzas"))
    masked = f"******-*{code[-4:]}"
    with site.visitor() as visitor:
        for page in ("", "/user", "/mailbox", "/scope", "/dates"):
            shown = visitor.get(f"{draft}{page}")
            assert shown.status_code == 200
            assert code not in shown.text
            assert code.replace("-", "") not in shown.text
        assert masked in visitor.get(draft).text
        assert masked in visitor.get(f"{draft}/user").text
        assert "Izglītojamie" in visitor.get(f"{draft}/scope").text
        sent = send(visitor, f"{draft}/mailbox", act="send")
        assert sent.status_code == 200
        office.work()
        letter = latest(greenmail, holder, "kods jūsu iesniegumam")
        typed = re.search(r"\d{5} \d{5}", letter.text)
        assert typed
        assert code not in letter.text
        wrong = send(
            visitor, f"{draft}/mailbox", code="00000 00000" if typed.group() != "00000 00000" else "11111 11111"
        )
        assert wrong.status_code == 422
        right = send(visitor, f"{draft}/mailbox", code=typed.group())
        assert right.status_code == 303
        own = right.headers["location"]
        assert code in visitor.get(own).text
        assert visitor.get(f"{draft}/user").status_code == 404, "whom the mail was passed on to opens nothing"
        # Whoever comes again by the mail goes on with another code from the mailbox.
        again = visitor.get(draft)
        assert (again.status_code, again.headers["location"]) == (303, f"{draft}/mailbox")
        assert code not in visitor.get(f"{draft}/mailbox").text
        assert send(visitor, f"{draft}/mailbox", act="send").status_code == 200
        office.work()
        other = re.search(r"\d{5} \d{5}", latest(greenmail, holder, "kods jūsu iesniegumam").text)
        assert other
        opened = send(visitor, f"{draft}/mailbox", code=other.group())
        assert code in visitor.get(opened.headers["location"]).text
        assert visitor.get(own).status_code == 404


def code_in(letter: Letter) -> str:
    """The code of the mail, as it is written there."""
    found = re.search(r"\d{5} \d{5}", letter.text)
    assert found
    return found.group()


def test_who_holds_the_link_too_takes_no_code_from_the_holder(
    site: Site, office: Office, greenmail: GreenMail, holder: Account, order: tuple[httpx.Client, str]
) -> None:
    del order
    draft = link_in(latest(greenmail, holder, "tiesības beidzas"))
    with site.visitor() as visitor:
        assert send(visitor, f"{draft}/mailbox", act="send").status_code == 200
        office.work()
        first = code_in(latest(greenmail, holder, "kods jūsu iesniegumam"))
        # Whoever else has the link has the other two codes of the hour sent, and types wrong ones.
        for expected in (200, 200, 422):
            answer = send(visitor, f"{draft}/mailbox", act="send")
            assert answer.status_code == expected
        assert "ierakstiet jebkuru no tiem" in text_of(answer.text)
        for _ in range(8):
            assert send(visitor, f"{draft}/mailbox", code="12").status_code == 422
        assert send(visitor, f"{draft}/mailbox", code=first).status_code == 303


def test_one_network_types_ten_codes_in_ten_minutes_and_another_one_its_own(
    site: Site, office: Office, greenmail: GreenMail, holder: Account, order: tuple[httpx.Client, str]
) -> None:
    del order
    draft = link_in(latest(greenmail, holder, "tiesības beidzas"))
    with site.visitor("127.0.1.7") as stranger, site.visitor("127.0.2.7") as visitor:
        send(visitor, f"{draft}/mailbox", act="send")
        office.work()
        typed = code_in(latest(greenmail, holder, "kods jūsu iesniegumam"))
        answers = [send(stranger, f"{draft}/mailbox", code="12").status_code for _ in range(12)]
        assert answers == [422] * 10 + [429] * 2
        assert send(visitor, f"{draft}/mailbox", code=typed).status_code == 303


def test_what_others_typed_about_the_holder_is_gone_once_the_mailbox_is_shown(
    site: Site,
    office: Office,
    greenmail: GreenMail,
    holder: Account,
    order: tuple[httpx.Client, str],
    code: str,
    sessions: sessionmaker[Session],
) -> None:
    del order
    draft = link_in(latest(greenmail, holder, "tiesības beidzas"))
    with site.visitor() as visitor:
        typed = {
            "head_is_user": "no",
            "given_name": "Kaija",
            "surname": "Zagle",
            "personal_code": "320000-00019",
            "position": "skolotāja",
            "email": "zagle@cits.example",
            "phone": "29123456",
        }
        assert send(visitor, f"{draft}/user", **typed).status_code == 303
        send(visitor, f"{draft}/mailbox", act="send")
        office.work()
        own = send(visitor, f"{draft}/mailbox", code=code_in(latest(greenmail, holder, "kods jūsu iesniegumam")))
        assert own.status_code == 303
    with sessions() as session:
        user = session.scalars(select(PrefilledDraft)).one().application.answers["user"]
        account = session.get_one(Account, holder.id)
        told = (account.person.given_name, account.person.surname, account.email, code)
    assert tuple(user[name] for name in ("given_name", "surname", "email", "personal_code")) == told
    assert user["position"] == "skolotāja", "what says nothing of who it is stays"


def test_an_address_of_before_opens_nothing(
    site: Site,
    office: Office,
    greenmail: GreenMail,
    holder: Account,
    order: tuple[httpx.Client, str],
    sessions: sessionmaker[Session],
) -> None:
    del order
    draft = link_in(latest(greenmail, holder, "tiesības beidzas"))
    with site.visitor() as visitor:
        send(visitor, f"{draft}/mailbox", act="send")
        office.work()
        typed = code_in(latest(greenmail, holder, "kods jūsu iesniegumam"))
        with sessions.begin() as session:
            accounts.change_contact(
                session,
                session.get_one(Account, holder.id),
                email="jauna@skola.example",
                phone="",
                language="lv",
                because=None,
                origin=BY_REVIEWER,
                at=office.now,
            )
        assert send(visitor, f"{draft}/mailbox", code=typed).status_code == 422, "it was mailed to the former address"
        opened = visitor.get(draft)
        assert (opened.status_code, opened.headers["location"]) == (303, f"{draft}/mailbox")
        assert [visitor.get(f"{draft}/{page}").status_code for page in ("user", "check")] == [404, 404]
        assert send(visitor, f"{draft}/mailbox", act="send").status_code == 200
        office.work()
        letter = greenmail.letters("jauna@skola.example")[-1]
        assert send(visitor, f"{draft}/mailbox", code=code_in(letter)).status_code == 303


def test_the_head_who_had_asked_reads_initials_and_the_number_alone(
    greenmail: GreenMail, holder: Account, order: tuple[httpx.Client, str]
) -> None:
    del order
    (letter,) = [one for one in greenmail.letters("head@demo.test") if "tiesības beidzas" in one.subject]
    assert "Ja lietotājs turpina darbu" in letter.text
    assert holder.username not in letter.text
    assert "/apply/" not in letter.text


def test_a_repealed_order_takes_the_application_back_and_its_page_says_why(
    site: Site,
    office: Office,
    greenmail: GreenMail,
    holder: Account,
    order: tuple[httpx.Client, str],
    sessions: sessionmaker[Session],
) -> None:
    reviewer, address = order
    draft = link_in(latest(greenmail, holder, "tiesības beidzas"))
    assert act(reviewer, address, "repeal").status_code == 303
    office.work()
    letter = latest(greenmail, holder, "vairs nav spēkā")
    assert "Jūsu tiesības:" in letter.text
    with site.visitor() as visitor:
        closed = visitor.get(draft)
        assert closed.status_code == 410
        assert "1-3/7" in text_of(closed.text)
    with sessions() as session:
        (filled,) = session.scalars(select(PrefilledDraft))
        assert filled.application.state is State.WITHDRAWN


def test_a_case_says_that_its_school_ends_to_its_people_and_to_the_reviewer(
    site: Site,
    office: Office,
    sign_in: SignIn,
    approver: httpx.Client,
    greenmail: GreenMail,
    sessions: sessionmaker[Session],
) -> None:
    submitted = office.submit()
    office.prove(submitted)
    reviewer = sign_in()
    day = office.today + timedelta(days=10)
    address = record(reviewer, f"1-3/7,Domes lēmums,{day},likvidācija,{SCHOOL},,,").headers["location"]
    assert confirm(approver, act(reviewer, address, "propose").headers["location"], sessions).status_code == 303
    office.work()
    case = text_of(reviewer.get(f"/review/{submitted.reference}").text)
    assert "pēdējā diena ir" in case
    assert "1-3/7, Domes lēmums" in case
    with sessions() as session:
        told = session.scalars(select(Mail.to_address).where(Mail.template == "application_order")).all()
        assert session.get_one(Application, submitted.id).state is State.IN_REVIEW
    assert len(told) == len(set(told)) == 2
    letter = greenmail.letters(told[0])[-1]
    key = re.search(r"/track/[\w-]+\?key=[\w-]+", letter.text)
    assert key
    with site.visitor() as visitor:
        opened = visitor.get(visitor.get(key.group()).headers["location"])
        assert "1-3/7, Domes lēmums" in text_of(opened.text)
