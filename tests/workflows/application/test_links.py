"""A link opens one application, ends, and is mailed again no oftener than it may be."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from builders.workflows.office import Office
from iam.audit import Door
from workflows.application import notices, service
from workflows.application.errors import NoSuchApplication
from workflows.application.models import Application
from workflows.application.states import Party
from workflows.jobs import defer
from workflows.mail import Mail
from workflows.signed_forms.models import Link
from workflows.signed_forms.references import new_reference, new_token


def test_a_link_opens_its_own_application_only(office: Office) -> None:
    first, second = office.submit(), office.submit()
    with office.sessions() as session:
        link = service.open_link(session, first.reference.lower().replace("-", ""), first.token)
        assert (link.application.id, link.party) == (first.id, Party.APPLICANT)
        for reference, token in (
            (second.reference, first.token),
            (first.reference, new_token()[0]),
            ("nav numurs", first.token),
        ):
            with pytest.raises(NoSuchApplication):
                service.open_link(session, reference, token)


def test_links_end_some_time_after_the_application_has(office: Office) -> None:
    submitted, other = office.submit(), office.submit()
    with office.sessions.begin() as session:
        service.withdraw(session, submitted.id, party=Party.HEAD, door=Door.WEB, at=office.now - timedelta(days=91))
        service.withdraw(session, other.id, party=Party.HEAD, door=Door.WEB, at=office.now - timedelta(days=89))
        defer(session, "application.end_links")
    office.work()
    with office.sessions() as session:
        with pytest.raises(NoSuchApplication):
            service.open_link(session, submitted.reference, submitted.token)
        assert service.open_link(session, other.reference, other.token).party == Party.APPLICANT


def test_one_mailbox_gets_so_many_mails_an_hour_however_its_address_is_written(office: Office) -> None:
    first = office.submit()

    def ask(session: Session, email: str, at: datetime) -> None:
        application = session.get_one(Application, first.id)
        notices.send_link(session, application, Party.HEAD, email, base_url="https://viis.test", at=at)

    def written(session: Session, model: type[Mail] | type[Link]) -> int:
        to = Mail.to_address if model is Mail else Link.email
        return session.scalar(select(func.count()).where(to.ilike("anna%"))) or 0

    with office.sessions() as session:
        for email in ("anna@skola.test", "Anna@Skola.test", "anna+1@skola.test", "ANNA+x.y@skola.test"):
            for _ in range(12):
                ask(session, email, office.now)
        assert written(session, Mail) == written(session, Link) == 30, "no link is made that nobody is mailed"
        ask(session, "other@skola.test", office.now)
        assert session.scalar(select(func.count()).where(Mail.to_address == "other@skola.test")) == 1
        ask(session, "anna@skola.test", office.now + timedelta(hours=1, seconds=1))
        assert written(session, Mail) == 31


def test_two_who_fill_a_mailbox_at_once_do_not_pass_the_limit(office: Office) -> None:
    first = office.submit()
    start = Barrier(4)

    def fill(_: int) -> None:
        start.wait()
        for _again in range(12):
            with office.sessions.begin() as session:
                application = session.get_one(Application, first.id)
                notices.send_link(session, application, Party.USER, "a@skola.test", base_url="https://a", at=office.now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, range(4)))
    assert office.mails("a@skola.test") == ["application_sign"] * 30


def test_asking_for_a_link_does_the_same_whoever_is_meant(office: Office) -> None:
    submitted = office.submit()
    office.work()
    did: list[list[str]] = []
    for reference, email in (
        (submitted.reference, "head@demo.test"),
        (submitted.reference, "stranger@else.test"),
        (new_reference(), "head@demo.test"),
    ):
        statements: list[str] = []
        with office.sessions.begin() as session:
            engine = session.get_bind()
            event.listen(engine, "before_cursor_execute", seen := lambda *said, to=statements: to.append(said[2]))
            service.ask_for_link(session, reference, email)
            event.remove(engine, "before_cursor_execute", seen)
        did.append(statements)
    assert did[0] == did[1] == did[2]
    with office.sessions() as session:
        kept = list(
            session.scalars(text("SELECT args::text FROM procrastinate_jobs WHERE task_name LIKE '%link_again'"))
        )
        assert len(kept) == 3
        assert not any("@" in one for one in kept), "what was typed is not kept"
    office.work()
    assert office.mails("head@demo.test").count("application_link") == 1
    assert office.mails("stranger@else.test") == []
