"""Who hears of a decision, at which address, and what the mail says."""

import re
from datetime import timedelta

from sqlalchemy import select, update

from builders.workflows.office import INESE, Office, Submitted
from iam.audit import AuditEntry
from iam.grants.models import Account, Welcome
from iam.grants.tags import AccountTag
from iam.periods import riga_day
from workflows.application import service
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.tags import ApplicationTag
from workflows.mail import Mail


def moved_from(office: Office, waiting: Submitted, before: str) -> Submitted:
    """Approve, have the account live at another address, and apply anew with the one the form states."""
    office.approve(waiting)
    with office.sessions.begin() as session:
        session.scalars(select(Account)).one().email = before
    again = office.submit(scope={"section.learners": "view"})
    office.prove(again)
    return again


def test_the_signed_address_is_taken_over_and_both_addresses_are_told(office: Office, waiting: Submitted) -> None:
    again = moved_from(office, waiting, "bijusi@skola.test")
    account = office.approve(again)
    with office.sessions() as session:
        kept = session.get_one(Account, account.id)
        assert kept.email == "user@demo.test"
        assert kept.projected_revision < kept.revision, "Keycloak follows"
        entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == AccountTag.CONTACT_CHANGED)).one()
        assert entry.subject == f"account:{account.id}"
        assert "@" not in str(entry.details)
    assert office.mails("bijusi@skola.test") == ["account_address_changed"]
    assert "account_address_changed" in office.mails("user@demo.test")


def test_a_reviewer_may_leave_the_address_with_a_reason(office: Office, waiting: Submitted) -> None:
    again = moved_from(office, waiting, "bijusi@skola.test")
    account = office.approve(again, keep_address="Adrese ir kļūdaina.")
    with office.sessions() as session:
        assert session.get_one(Account, account.id).email == "bijusi@skola.test"
        entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == ApplicationTag.ADDRESS_KEPT)).one()
        assert entry.details["reason"] == "Adrese ir kļūdaina."
    assert office.mails("bijusi@skola.test") == []


def test_an_address_that_differs_in_case_alone_is_the_same(office: Office, waiting: Submitted) -> None:
    again = moved_from(office, waiting, "User@Demo.Test")
    office.approve(again)
    assert "account_address_changed" not in office.mails("user@demo.test")


def test_mails_name_the_application_whose_it_is_where_and_by_when(office: Office) -> None:
    waiting = office.submit()
    with office.sessions() as session:
        application = session.get_one(Application, waiting.id)
        sent = session.scalars(select(Mail).where(Mail.template == "application_sign").order_by(Mail.id)).all()
        assert len(sent) == 2
        initials = " ".join(f"{part[0]}." for part in application.user_name.split())
        assert application.user_name not in initials
        for mail in sent:
            assert waiting.reference in mail.subject
            assert f"Lietotājs: {initials}\n" in str(mail.text_body)
            assert f"Iestāde: {application.applicant_name}\n" in str(mail.text_body)
            assert "Termiņš: " in str(mail.text_body)
            assert application.user_name not in str(mail.text_body)
            assert re.search(rf"/track/{waiting.reference}\?key=[\w-]+&lang=lv\n", str(mail.text_body))


def test_the_approval_says_from_which_day_and_whether_a_username_follows(office: Office, waiting: Submitted) -> None:
    office.approve(waiting)
    first = last_mail(office, "application_approved").text_body
    again = office.submit()
    office.prove(again)
    with office.sessions.begin() as session:
        session.execute(update(Account).values(welcome=Welcome.SENT))
    office.approve(again)
    second = last_mail(office, "application_approved").text_body
    tomorrow = f"{riga_day(office.now) + timedelta(days=1):%d.%m.%Y}."
    assert tomorrow in str(first)
    assert "saņems lietotājvārdu" in str(first)
    assert tomorrow in str(second)
    assert "līdzšinējo kontu" in str(second)
    assert "saņems lietotājvārdu" not in str(second)


def last_mail(office: Office, template: str) -> Mail:
    with office.sessions() as session:
        query = select(Mail).where(Mail.template == template).order_by(Mail.id.desc()).limit(1)
        return session.scalars(query).one()


def test_an_answer_is_not_taken_for_a_complete_set_of_signatures(office: Office, waiting: Submitted) -> None:
    with office.sessions.begin() as session:
        seen = session.get_one(Application, waiting.id).version
        service.ask_more(
            session, waiting.id, seen=seen, reason="pilnvara", by=INESE, base_url="https://viis.test", at=office.now
        )
    office.hand_in(waiting, office.sign(waiting, "head", Part.APPLICATION))
    assert last_mail(office, "application_in_review").subject.endswith("jūsu atbilde ir saņemta")
