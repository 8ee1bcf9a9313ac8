"""Whom a plan concerns is told when it is approved: one mail each, with an application that is filled in."""

import re
from collections.abc import Mapping
from datetime import date
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from builders.iam.codes import invented_code
from builders.iam.register import BY_REVIEWER, person
from iam.audit import Door
from iam.grants.models import Account
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity, MunicipalityCode
from iam.orders.states import OrderState
from iam.people import service as people
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import AT, DAY, JOINED, URL, Office
from tests.workflows.reorganisation.test_killed import stumble
from workflows.application import mailbox_codes
from workflows.application.drafts import save_group
from workflows.application.errors import NotNow
from workflows.application.models import Application, PrefilledDraft
from workflows.application.submission import submit
from workflows.mail import Mail
from workflows.reorganisation import announcing
from workflows.reorganisation.pausing import pause, resume

A, B, C = "i-4113900001", "i-4101900002", "i-4213900003"
TWO = (
    "1,Domes lēmums,2026-09-01,joined,4113900001,4213900003,,\n"
    "2,Domes lēmums,2026-09-01,split,4101900002,4213900003|4101900009=Jaunā skola,,\n"
)


def mail_to(office: Office, address: str, template: str = "order_ahead") -> str:
    with office.sessions() as session:
        wanted = select(Mail.text_body).where(Mail.to_address == address, Mail.template == template)
        return session.scalars(wanted).one() or ""


def drafts(office: Office) -> list[dict[str, dict[str, object]]]:
    with office.sessions() as session:
        return [one.application.answers for one in session.scalars(select(PrefilledDraft))]


def test_a_person_with_two_sections_gets_one_mail_with_an_application_filled_in(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A, "learners", "staff")
    office.give(zane, C)
    _, proposal = office.approved(JOINED)
    assert office.mails("order_ahead") == [], "the request that confirms writes to nobody"
    assert office.tell(proposal) == 1
    assert office.mails("order_ahead") == ["anna@skola.example"]
    said = mail_to(office, "anna@skola.example")
    assert said.count("pēdējā diena 31.08.2026.") == 2
    assert len(re.findall(r"https://viis\.test/apply/[\w-]+\?lang=lv", said)) == 1
    (filled,) = drafts(office)
    assert filled["institution"] == {"place": C}
    assert filled["scope"] == {
        "level": "institution",
        "places": [],
        "section.learners": "edit",
        "section.staff": "edit",
    }
    assert filled["dates"] == {"since": "2026-09-01", "until": ""}
    assert filled["why"] == {"basis": "reorganisation", "detail": "1-3/7, Domes lēmums"}
    assert (filled["user"]["given_name"], filled["user"]["email"]) == ("Anna", "anna@skola.example")
    with office.sessions() as session:
        (code,) = people.codes_of(session, session.get_one(Account, anna.id).person_id)
    assert code.written not in str(filled), "the code is known, and no part of the draft"
    assert code.written not in said


def test_nobody_is_told_the_same_again_by_a_later_proposal(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A)
    ids, first = office.approved(JOINED)
    office.tell(first)
    office.give(zane, A)
    second = office.propose(ids)
    office.confirm(second)
    office.tell(first)
    office.tell(second)
    assert office.mails("order_ahead") == ["anna@skola.example", "zane@skola.example"]
    assert len(drafts(office)) == 2


def test_another_right_approved_later_goes_into_the_application_that_is_there(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A, "learners")
    ids, first = office.approved(JOINED)
    office.tell(first)
    office.give(anna, A, "staff")
    second = office.propose(ids)
    office.confirm(second)
    office.tell(second)
    assert office.mails("order_ahead") == ["anna@skola.example"] * 2, "of another right"
    (filled,) = drafts(office)
    assert {name for name in filled["scope"] if name.startswith("section.")} == {"section.learners", "section.staff"}


def test_who_holds_as_much_at_the_successor_needs_nothing_and_is_told_so(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    office.give(anna, C)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    said = mail_to(office, "anna@skola.example")
    assert "nekas nav jādara" in said
    assert "/apply" not in said
    assert drafts(office) == []


def test_who_holds_as_much_in_the_successors_municipality_needs_nothing(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    with office.sessions() as session:
        codes = dict(session.execute(select(MunicipalityCode.atvk, MunicipalityCode.municipality_id)).all())
    for one, around in ((anna, "0099100"), (zane, "0099000")):
        office.give(one, A)
        office.give(one, f"m-{codes[around]}")
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert "/apply" not in mail_to(office, "anna@skola.example")
    assert [one["user"]["given_name"] for one in drafts(office)] == ["Zane"], "hers is another municipality"


def test_after_a_split_there_is_no_automatic_successor_and_no_application_is_filled_in(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A)
    office.give(anna, B)
    office.give(zane, B)
    _, proposal = office.approved(TWO)
    office.tell(proposal)
    assert office.mails("order_ahead") == ["anna@skola.example", "zane@skola.example"]
    assert [one["institution"]["place"] for one in drafts(office)] == [C]
    assert "https://viis.test/apply?lang=lv" in mail_to(office, "zane@skola.example")


def test_a_head_who_may_sign_no_longer_is_told_beside_their_own_rights_in_one_mail(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    with office.sessions.begin() as session:
        for name, email in (("Anna Bērziņa", None), ("Ilze Kalna", "Ilze+viis@skola.example")):
            record_signatory(
                session,
                scope_id=institutions.scope_by_code(session, A).id,
                person_id=session.get_one(Account, anna.id).person_id if email is None else person(session, name).id,
                capacity=Capacity.HEAD,
                since=None,
                until=None,
                source="reģistrs",
                email=email,
                origin=BY_REVIEWER,
                at=AT,
            )
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert office.mails("order_ahead") == ["Ilze+viis@skola.example", "anna@skola.example"]
    both, head = mail_to(office, "anna@skola.example"), mail_to(office, "Ilze+viis@skola.example")
    assert "parakst" in both
    assert "labot" in both
    assert "labot" not in head


def test_killed_at_random_points_everybody_is_told_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "_CHUNK", 1)
    names = ("Anna Bērziņa", "Zane Kalna", "Valdis Ozols", "Ilze Liepa", "Inta Upe", "Juris Egle")
    for name in names:
        office.give(office.account(name), A, "learners", "staff")
    _, proposal = office.approved(JOINED)
    deaths = stumble(office, proposal, Random(1), announcing.step)  # noqa: S311 - the same deaths each time
    assert deaths > 3
    told = office.mails("order_ahead")
    assert len(told) == len(set(told)) == len(names)
    assert len(drafts(office)) == len(names)


def test_who_is_paused_is_not_told(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    ids, number = office.approved(JOINED)
    with office.sessions.begin() as session:
        pause(session, ids, origin=BY_REVIEWER, at=AT)
    assert office.tell(number) == 0
    with office.sessions.begin() as session:
        resume(session, ids, origin=BY_REVIEWER, at=AT)
    assert office.tell(number) == 1


def test_a_right_that_ends_by_itself_is_asked_for_until_the_same_day(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A, until=date(2026, 12, 31))
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    (filled,) = drafts(office)
    assert filled["dates"] == {"since": "2026-09-01", "until": "2026-12-31"}


def test_on_the_day_only_those_still_without_are_written_to_with_their_application_again(office: Office) -> None:
    anna, zane, valdis = (office.account(name) for name in ("Anna Bērziņa", "Zane Kalna", "Valdis Ozols"))
    for one in (anna, zane, valdis):
        office.give(one, A, "learners", "staff")
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    office.give(anna, C, "learners", "staff", since=DAY)
    office.give(valdis, C, since=DAY)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.states() == {"1-3/7": OrderState.APPLIED}
    assert office.mails("rights_ended") == ["valdis@skola.example", "zane@skola.example"]
    zanes, valdiss = (mail_to(office, f"{name}@skola.example", "rights_ended") for name in ("zane", "valdis"))
    assert zanes.count("pēdējā diena") == 2
    assert len(re.findall(r"https://viis\.test/apply/[\w-]+\?lang=lv", zanes)) == 1
    assert valdiss.count("pēdējā diena") == 1, "of what is held there already nobody is told again"
    assert "Spēkā paliek" in valdiss


def test_who_was_told_only_when_the_day_had_come_is_told_once(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    office.now = midnight_in_riga(DAY)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    office.carry_out(proposal)
    assert office.held() == set()
    assert (office.mails("order_ahead"), office.mails("rights_ended")) == (["anna@skola.example"], [])


def test_an_application_that_is_on_its_way_is_followed_by_the_link_of_the_day(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    with office.sessions.begin() as session:
        application = session.scalars(select(PrefilledDraft)).one().application
        filled = complete(session, application.answers)
        for step, given in filled.items():
            assert save_group(session, application, step, given, at=AT)
        submit(session, application, base_url=URL, door=Door.WEB, at=AT)
        reference = application.reference
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    said = mail_to(office, "anna@skola.example", "rights_ended")
    assert f"https://viis.test/track/{reference}?key=" in said


def complete(session: Session, answers: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, str | list[str]]]:
    """Add what nobody knew: the head, and the user's position and code."""
    account = session.scalars(select(Account)).first()
    assert account is not None
    (code,) = people.codes_of(session, account.person_id)
    head = {
        "given_name": "Ilze",
        "surname": "Kalna",
        "personal_code": invented_code("Ilze Kalna").written,
        "position": "direktore",
        "email": "ilze@skola.example",
    }
    user = {**answers["user"], "personal_code": code.written, "position": "skolotāja"}
    return {**answers, "head": head, "user": user}  # type: ignore[dict-item]  # as it was kept


def test_the_link_of_the_day_shows_no_code_though_the_mailbox_was_shown_before(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    with office.sessions.begin() as session:
        application = session.scalars(select(PrefilledDraft)).one().application
        mailbox_codes.send_code(session, application, base_url=URL, at=AT)
        mailed = session.scalars(select(Mail.text_body).where(Mail.template == "mailbox_code")).one() or ""
        typed = re.search(r"\d{5} \d{5}", mailed)
        assert typed
        assert mailbox_codes.show_mailbox(session, application, typed.group(), at=AT)
        assert len(str(application.answers["user"]["personal_code"])) == 12
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert office.mails("rights_ended") == ["anna@skola.example"]
    (filled,) = drafts(office)
    assert filled["user"]["personal_code"] == "", "whoever is sent that mail shows the mailbox again"


def test_the_link_of_the_day_shows_no_code_that_was_typed_either(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    with office.sessions.begin() as session:
        application = session.scalars(select(PrefilledDraft)).one().application
        assert save_group(session, application, "user", complete(session, application.answers)["user"], at=AT)
        assert application.answers["user"]["personal_code"]
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    (filled,) = drafts(office)
    assert (filled["user"]["personal_code"], filled["user"]["position"]) == ("", "skolotāja")


def test_who_handed_the_filled_in_application_on_gets_no_link_to_the_other_persons(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    with office.sessions.begin() as session:
        application = session.scalars(select(PrefilledDraft)).one().application
        filled = complete(session, application.answers)
        other = {"given_name": "Valdis", "surname": "Ozols", "personal_code": invented_code("Valdis Ozols").written}
        filled["user"] |= {**other, "email": "valdis@skola.example"}
        for step, given in filled.items():
            assert save_group(session, application, step, given, at=AT)
        submit(session, application, base_url=URL, door=Door.WEB, at=AT)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert "/track/" not in mail_to(office, "anna@skola.example", "rights_ended")


def test_a_code_typed_after_the_application_was_submitted_changes_nothing(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    with office.sessions() as early, office.sessions.begin() as session:
        read_before = early.scalars(select(PrefilledDraft)).one().application
        application = session.get_one(Application, read_before.id)
        for step, given in complete(session, application.answers).items():
            assert save_group(session, application, step, given, at=AT)
        submit(session, application, base_url=URL, door=Door.WEB, at=AT)
        session.commit()
        with pytest.raises(NotNow):
            mailbox_codes.show_mailbox(early, read_before, "0000 0000", at=AT)
