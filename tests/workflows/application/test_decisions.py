"""Reviewers decide: on what they saw, once, never on their own, and with everything that belongs to it or nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import Text, cast, func, select
from sqlalchemy.exc import IntegrityError

from builders.iam.rights import periods_read
from builders.workflows.office import INESE, REGISTER, SCHOOL, VALDIS, Office, Submitted
from iam.audit import AuditEntry
from iam.errors import AccountShut
from iam.grants import service as grants
from iam.grants.models import Account, Evidence, EvidenceKind, Grant, Level
from iam.institutions.models import Capacity, SourceKind
from iam.institutions.service import scope_of_institution
from iam.institutions.signatories import known_signatories
from iam.periods import riga_day
from iam.visibility import Visibility
from workflows.application import service
from workflows.application.decisions import NewSignatory, Reviewer
from workflows.application.errors import (
    ApplicationError,
    ChangedMeanwhile,
    NotNow,
    NotYours,
    OwnApplication,
    ReasonNeeded,
    SignatoryNeeded,
)
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application, Decision
from workflows.application.queue import Filters, Signed
from workflows.application.states import Party, State
from workflows.application.tags import ApplicationTag
from workflows.principal import Principal
from workflows.signed_forms.states import Found, Standing, UploadState
from workflows.staff import Role

INESE_ASKS = Principal(
    username=INESE.username, name=INESE.name, roles=frozenset({Role.REVIEWER}), sees=Visibility(everything=True)
)


def count(office: Office, what: type[object]) -> int:
    with office.sessions() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def test_approving_gives_exactly_what_was_asked_on_the_signed_pair(office: Office, waiting: Submitted) -> None:
    account = office.approve(waiting)
    tomorrow = riga_day(office.now) + timedelta(days=1)
    assert office.held(account, riga_day(office.now)) == []
    assert office.held(account, tomorrow) == [
        (f"i-{SCHOOL}", "learners", Level.EDIT),
        (f"i-{SCHOOL}", "staff", Level.VIEW),
    ]
    with office.sessions() as session:
        evidence = session.scalars(select(Evidence)).one()
        assert evidence.kind is EvidenceKind.SIGNED_PAIR
        assert evidence.application_id == waiting.id
        assert {document.role.value for document in evidence.documents} == {"application", "letter"}
    assert account.username == "janis.meginatajs"
    assert office.track(waiting).state is State.APPROVED
    assert office.track(waiting).account_pending
    assert office.mails("user@demo.test")[-1] == "application_approved"


def test_approving_records_who_may_sign_in_the_same_act(office: Office, waiting: Submitted) -> None:
    assert office.case(waiting).signatory_open
    office.approve(waiting)
    with office.sessions() as session:
        recorded = known_signatories(session, scope_of_institution(session, SCHOOL).id)
        assert [(one.person.full_name, one.source_kind) for one in recorded] == [
            ("Ilze Paraudziņa", SourceKind.REGISTER)
        ]
    assert not office.case(waiting).signatory_open


def test_without_a_recorded_signatory_or_a_source_nothing_is_approved(office: Office, waiting: Submitted) -> None:
    for signatory in (None, NewSignatory(Capacity.HEAD, date(2030, 1, 1), None, "reģistrs", SourceKind.REGISTER)):
        with pytest.raises(SignatoryNeeded):
            office.approve(waiting, signatory=signatory)
    assert count(office, Grant) == 0
    assert office.track(waiting).state is State.IN_REVIEW


def test_the_next_application_of_the_same_head_needs_no_confirming(office: Office, waiting: Submitted) -> None:
    office.approve(waiting)
    second = office.submit(user="user-2")
    office.prove(second)
    assert office.case(second).signed is Signed.CLEAN
    office.approve(second, signatory=None)
    assert office.track(second).state is State.APPROVED


def test_a_decision_on_an_outdated_page_changes_nothing(office: Office, waiting: Submitted) -> None:
    seen = office.case(waiting).version
    with office.sessions.begin() as session:
        service.claim(session, waiting.id, seen=seen, by=INESE, at=office.now)
    with pytest.raises(ChangedMeanwhile) as changed, office.sessions.begin() as session:
        service.refuse(
            session, waiting.id, seen=seen, reason="nē", by=INESE, base_url="https://viis.test", at=office.now
        )
    assert changed.value.now > seen
    assert office.track(waiting).state is State.IN_REVIEW


def test_of_two_deciding_in_the_same_second_one_decides(office: Office, waiting: Submitted) -> None:
    seen = office.case(waiting).version

    def decide(by: Reviewer) -> str:
        try:
            with office.sessions.begin() as session:
                service.approve(
                    session,
                    waiting.id,
                    seen=seen,
                    by=by,
                    signatory=REGISTER,
                    base_url="https://viis.test",
                    at=office.now,
                )
        except ApplicationError as error:
            return type(error).__name__
        return "approved"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(decide, [INESE, VALDIS] * 4))
    assert outcomes == ["ChangedMeanwhile"] * 7 + ["approved"]
    assert count(office, Decision) == 1
    assert count(office, Grant) == 2


def test_nobody_decides_an_application_in_which_they_are_the_user_or_the_head(
    office: Office, waiting: Submitted
) -> None:
    for name in ("Jānis Mēģinātājs", "ILZE PARAUDZINA"):
        with pytest.raises(OwnApplication):
            office.approve(waiting, by=Reviewer("somebody", name))
    assert office.case(waiting, Reviewer("janis", "Jānis Mēģinātājs")).own


def test_what_somebody_else_has_claimed_is_theirs_until_released(office: Office, waiting: Submitted) -> None:
    with office.sessions.begin() as session:
        service.claim(session, waiting.id, seen=office.case(waiting).version, by=INESE, at=office.now)
    with pytest.raises(NotYours):
        office.approve(waiting, by=VALDIS)
    with office.sessions.begin() as session:
        service.release(session, waiting.id, seen=office.case(waiting).version, by=VALDIS, at=office.now)
    office.approve(waiting, by=VALDIS)


def test_a_refusal_says_why_and_gives_nothing(office: Office, waiting: Submitted) -> None:
    seen = office.case(waiting).version
    with pytest.raises(ReasonNeeded), office.sessions.begin() as session:
        service.refuse(
            session, waiting.id, seen=seen, reason=" ", by=INESE, base_url="https://viis.test", at=office.now
        )
    with office.sessions.begin() as session:
        service.refuse(
            session,
            waiting.id,
            seen=seen,
            reason="Lietotājs nav iestādes darbinieks.",
            by=INESE,
            base_url="https://viis.test",
            at=office.now,
        )
    page = office.track(waiting)
    assert page.state is State.REFUSED
    assert page.decisions[-1].reason == "Lietotājs nav iestādes darbinieks."
    assert count(office, Grant) == 0
    assert office.mails("head@demo.test")[-1] == "application_refused"


def test_what_was_asked_for_arrives_and_the_case_is_back(office: Office, waiting: Submitted) -> None:
    office.later()  # what came before it was asked for is no answer
    with office.sessions.begin() as session:
        service.ask_more(
            session,
            waiting.id,
            seen=office.case(waiting).version,
            reason="Lūdzu pievienojiet rīkojumu par iecelšanu.",
            by=INESE,
            base_url="https://viis.test",
            at=office.now,
        )
    assert office.track(waiting).state is State.MORE_REQUESTED
    assert office.mails("user@demo.test")[-1] == "application_more_requested"
    broken = office.hand_in(waiting, b"not an order", name="rikojums.pdf", party=Party.HEAD)
    assert broken.state is UploadState.UNREADABLE
    assert office.track(waiting).state is State.MORE_REQUESTED
    office.later()  # the refusal was read before the next file is sent
    scan = waiting.forms[Part.APPLICATION].replace(b"%PDF-1.7", b"%PDF-1.6")  # a PDF nobody signed
    attached = office.hand_in(waiting, scan, name="rikojums.pdf", party=Party.HEAD)
    assert [one.standing for one in attached.findings] == [Found.ATTACHED]
    assert office.track(waiting).state is State.IN_REVIEW
    assert [part.standing for part in office.track(waiting).parts] == [Standing.PROVEN] * 2


def test_a_part_no_machine_could_decide_is_confirmed_by_a_person_who_says_how(office: Office) -> None:
    submitted = office.submit()
    office.prove(submitted, Part.APPLICATION)
    office.prove(submitted, Part.LETTER, foreign=True)
    case = office.case(submitted)
    assert case.state is State.IN_REVIEW
    assert case.signed is Signed.PERSON
    with pytest.raises(NotNow):
        office.approve(submitted)
    letter = case.uploads[-1].id
    with office.sessions.begin() as session:
        service.confirm_part(
            session,
            submitted.id,
            Part.LETTER,
            upload_id=letter,
            seen=case.version,
            how="videozvans, pase Nr. ir iestādes lietā",
            by=INESE,
            at=office.now,
        )
    part = next(view for view in office.case(submitted).parts if view.part == Part.LETTER)
    assert part.standing is Standing.PROVEN
    assert "form.confirmed-by-person" in [note.code for note in part.notes]
    office.approve(submitted)


def test_a_different_level_replaces_what_was_held(office: Office, waiting: Submitted) -> None:
    account = office.approve(waiting)
    office.now += timedelta(minutes=5)
    change = office.submit(scope={"section.learners": "view", "section.staff": "none"})
    office.prove(change)
    office.approve(change, signatory=None)
    tomorrow = riga_day(office.now) + timedelta(days=1)
    assert (f"i-{SCHOOL}", "learners", Level.VIEW) in office.held(account, tomorrow)
    assert (f"i-{SCHOOL}", "learners", Level.EDIT) not in office.held(account, tomorrow)
    assert count(office, Account) == 1


def test_a_decision_about_many_rights_reads_what_was_held_once(office: Office) -> None:
    with office.sessions() as session:
        sections = [one.code for one in grants.sections(session, on=riga_day(office.now))]
    submitted = office.submit(scope={f"section.{section}": "edit" for section in sections})
    office.prove(submitted)
    account = office.approve(submitted)
    office.now += timedelta(minutes=5)
    change = office.submit(scope={f"section.{section}": "view" for section in sections})
    office.prove(change)
    with periods_read() as read:
        office.approve(change, signatory=None)
    # All of them, and of each what is known of it, and what else there is in its place.
    assert len(read) <= 3 * len(sections)
    tomorrow = riga_day(office.now) + timedelta(days=1)
    assert {(section, level) for _, section, level in office.held(account, tomorrow)} == {
        (section, Level.VIEW) for section in sections
    }


def test_a_shut_account_is_not_revived_by_an_application(office: Office, waiting: Submitted) -> None:
    account = office.approve(waiting)
    with office.sessions.begin() as session:
        grants.disable(session, session.get_one(Account, account.id), origin=INESE.origin, at=office.now)
    again = office.submit(scope={"section.learners": "view"})
    office.prove(again)
    with pytest.raises(AccountShut):
        office.approve(again, signatory=None)
    assert office.track(again).state is State.IN_REVIEW


def test_codes_are_masked_on_every_page_and_a_reveal_is_written_down(office: Office, waiting: Submitted) -> None:
    assert office.track(waiting).stated.people["user"].personal_code == "******-*0202"
    assert office.case(waiting).stated.people["head"].personal_code == "******-*0101"
    with office.sessions.begin() as session:
        application = session.get_one(Application, waiting.id)
        shown = service.reveal(session, application, Party.USER, by=INESE, at=office.now)
    assert shown == "320000-00202"
    with office.sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == ApplicationTag.CODE_REVEALED)).one()
        assert (entry.actor_id, entry.details) == ("inese.kalna", {"whose": "user"})


def test_no_audit_entry_and_no_mail_carries_a_personal_code(office: Office, waiting: Submitted) -> None:
    office.approve(waiting)
    with office.sessions() as session:
        said = session.scalars(select(cast(AuditEntry.details, Text))).all()
    assert not [line for line in said if "320000" in line]


def test_the_queue_is_oldest_first_and_filters_by_what_its_address_says(office: Office, waiting: Submitted) -> None:
    second = office.submit("head-user", "head-user")
    office.prove(second)

    def references(filters: Filters) -> list[str]:
        with office.sessions() as session:
            return [row.reference for row in service.queue(session, filters, by=INESE_ASKS, at=office.now).rows]

    both = [waiting.reference, second.reference]
    assert references(Filters()) == both
    assert references(Filters(text="vientule")) == [second.reference]
    assert references(Filters(text=waiting.reference.lower())) == [waiting.reference]
    assert references(Filters(municipality="Ezerpils")) == both
    assert references(Filters(municipality="Cita")) == []
    assert references(Filters(signed=Signed.SIGNATORY)) == both
    assert references(Filters(overdue=True)) == []
    with office.sessions.begin() as session:
        application = service.next_one(session, by=INESE_ASKS, at=office.now)
        assert application is not None
        assert application.reference == waiting.reference
        service.claim(session, application.id, seen=application.version, by=INESE, at=office.now)
    assert references(Filters(assignee="inese.kalna")) == [waiting.reference]
    assert references(Filters(assignee="-")) == [second.reference]
    with office.sessions() as session:
        view = service.queue(session, Filters(limit=1), by=INESE_ASKS, at=office.now)
        assert (view.total, view.waiting, view.mine, len(view.rows)) == (2, 2, 1, 1)
        late = service.queue(session, Filters(overdue=True), by=INESE_ASKS, at=office.now + timedelta(days=20))
        assert late.overdue == 2
        assert len(late.rows) == 2


def test_differences_between_form_register_and_certificate_are_named(office: Office, waiting: Submitted) -> None:
    office.approve(waiting)
    moved = office.submit(scope={"section.learners": "view"})
    office.prove(moved)
    with office.sessions.begin() as session:
        account = session.scalars(select(Account)).one()
        account.email = "cits@demo.test"
    found = office.case(moved).differences
    assert [(one.what, one.found, one.source) for one in found] == [("user.email", "cits@demo.test", "account")]


def test_who_is_a_party_is_shown_no_code(office: Office, waiting: Submitted) -> None:
    with office.sessions.begin() as session:
        application = session.get_one(Application, waiting.id)
        party = Reviewer("janis.cits", "Jānis Mēģinātājs")
        with pytest.raises(OwnApplication):
            service.reveal(session, application, Party.HEAD, by=party, at=office.now)
        assert service.reveal(session, application, Party.HEAD, by=INESE, at=office.now)


def test_what_was_submitted_stays_what_it_was(office: Office, waiting: Submitted) -> None:
    with office.sessions() as session:
        application = session.get_one(Application, waiting.id)
        application.stated = {**(application.stated or {}), "basis_detail": "kas cits"}
        with pytest.raises(IntegrityError, match="stays"):
            session.flush()
