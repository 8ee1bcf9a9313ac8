"""A head applies that a user's rights end: on one signed form, judged, decided on, and with no more than was stated."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from builders.workflows.filed import answers_to_end
from builders.workflows.office import INESE, VALDIS, Office, Submitted, codes
from demo.pki import person
from iam.audit import AuditEntry, Door
from iam.grants.models import Account, EndCause, Evidence, EvidenceDocument, EvidenceKind
from iam.grants.rules import HeldGrant
from iam.grants.tags import GrantTag
from iam.institutions import service as institutions
from iam.institutions.models import Capacity, SourceKind
from workflows.application import drafts, service
from workflows.application.decisions import NewSignatory, Reviewer
from workflows.application.errors import Incomplete, NothingEnds, OwnApplication, SecondPersonNeeded
from workflows.application.kinds import registry
from workflows.application.kinds.revocation.kind import REVOCATION
from workflows.application.models import Application, Decision
from workflows.application.states import State
from workflows.application.views import account_named
from workflows.mail.models import Mail
from workflows.signed_forms.states import Standing

DAY = timedelta(days=1)
FURTHEST = timedelta(days=5 * 366)
"""Further ahead no last day may lie."""


@pytest.fixture
def account(office: Office) -> Account:
    """A user of the school who holds two rights from today on."""
    return office.holder()


def proven(office: Office, *, ends: timedelta = timedelta(), **how: object) -> Submitted:
    """Apply for the end of the user's rights, with the head's signature proven."""
    submitted = office.submit_to_end(ends=ends, **how)  # type: ignore[arg-type]  # passed on
    office.prove(submitted)
    return submitted


def days(rights: list[HeldGrant]) -> set[object]:
    return {right.until for right in rights}


def test_the_head_signs_and_every_right_ends_with_the_stated_day_on_the_signed_form(
    office: Office, account: Account
) -> None:
    asked = office.submit_to_end(ends=7 * DAY)
    assert office.mails("head@demo.test").count("application_sign") == 2
    assert office.mails("user@demo.test").count("application_sign") == 1, "of the grant's letter alone"
    upload = office.hand_in(asked, office.sign(asked, "head"))
    assert codes(upload) == []
    case = office.case(asked)
    assert (case.state, case.signatory_open, case.differences) == (State.IN_REVIEW, False, ())
    before = len(office.mails("head@demo.test"))
    ended = office.approve(asked, signatory=None)
    assert ended.id == account.id
    last = office.today + 7 * DAY
    assert len(office.held(account, last)) == 2
    assert office.held(account, last + DAY) == []
    assert {right.end_cause for right in office.rights(account)} == {EndCause.EMPLOYMENT_ENDED}
    assert office.mails("user@demo.test")[-1] == "rights_ended"
    assert office.mails("head@demo.test")[before:] == ["application_approved"], "one mail, though they had asked for it"
    with office.sessions() as session:
        told = session.scalars(select(Mail).where(Mail.template == "application_approved").order_by(Mail.id)).all()[-1]
        assert f"{last:%d.%m.%Y}" in str(told.text_body)
        decision = session.scalars(select(Decision).where(Decision.application_id == asked.id)).one()
        evidence = session.get_one(Evidence, decision.evidence_id)
        assert evidence.kind is EvidenceKind.SIGNED_APPLICATION
        papers = session.scalars(select(EvidenceDocument).where(EvidenceDocument.evidence_id == evidence.id)).all()
        assert [paper.sha256 for paper in papers] == [upload.sha256], "bound to the very file that was signed"
        acts = session.scalars(select(AuditEntry).where(AuditEntry.tag == GrantTag.ENDED)).all()
        assert {act.evidence for act in acts} == {evidence.fingerprint}
        assert len(acts) == 2
    assert not office.case(asked).others


def test_rights_that_end_today_are_held_until_midnight(office: Office, account: Account) -> None:
    office.approve(proven(office), signatory=None)
    assert len(office.held(account, office.today)) == 2
    assert office.held(account, office.today + DAY) == []


def test_a_day_that_is_over_when_it_is_decided_ends_them_at_once(office: Office, account: Account) -> None:
    asked = proven(office)
    office.now += 3 * DAY
    office.approve(asked, signatory=None)
    assert office.held(account, office.today) == []
    assert len(office.held(account, office.today - DAY)) == 2, "they were held until the decision"
    with office.sessions() as session:
        told = session.scalars(select(Mail).where(Mail.template == "application_approved").order_by(Mail.id)).all()[-1]
    assert f"tiesības beidzās uzreiz, {office.today:%d.%m.%Y}" in " ".join(str(told.text_body).split())


def test_only_the_sections_that_are_named_end(office: Office, account: Account) -> None:
    changed = {"scope": {"which": "listed"}, "sections": {"section.staff": "end", "section.learners": "stay"}}
    asked = proven(office, changed=changed)
    office.approve(asked, signatory=None)
    left = office.held(account, office.today + DAY)
    assert [section for _, section, _ in left] == ["learners"]


def test_a_right_that_begins_after_the_last_day_is_taken_back(office: Office) -> None:
    grant = office.submit(starts=20 * DAY)
    office.prove(grant)
    account = office.approve(grant)
    office.later()
    office.approve(proven(office, ends=5 * DAY), signatory=None)
    assert {right.since for right in office.rights(account)} == {None}
    assert office.held(account, office.today + 30 * DAY) == []


def test_rights_elsewhere_stay(office: Office, account: Account) -> None:
    other = "9013900114"
    grant = office.submit("head-2", "user", starts=timedelta(), place=other)
    office.prove(grant)
    office.approve(grant)
    office.later()
    office.approve(proven(office), signatory=None)
    assert {scope for scope, _, _ in office.held(account, office.today + DAY)} == {f"i-{other}"}


def test_a_right_that_ended_meanwhile_is_left_as_it_ended_and_the_others_end(office: Office, account: Account) -> None:
    asked = proven(office, ends=5 * DAY)
    last, over = office.today + 5 * DAY, office.rights(account)[0]
    office.now += 2 * DAY
    office.end(over.id)
    office.now += DAY
    office.approve(asked, signatory=None)
    ends = {right.id: (right.until, right.end_cause) for right in office.rights(account)}
    assert ends.pop(over.id) == (office.today - 2 * DAY, EndCause.IZM)
    assert set(ends.values()) == {(last, EndCause.EMPLOYMENT_ENDED)}


def test_nothing_is_approved_where_nothing_would_end(office: Office, account: Account) -> None:
    asked = proven(office)
    for right in office.rights(account):
        office.later()
        office.end(right.id)
    mails = office.mails("user@demo.test")
    with pytest.raises(NothingEnds):
        office.approve(asked, signatory=None)
    case = office.case(asked)
    assert case.state is State.IN_REVIEW
    assert office.mails("user@demo.test") == mails
    with office.sessions.begin() as session:
        service.refuse(
            session,
            asked.id,
            seen=case.version,
            reason="Tiesības jau ir beigušās.",
            by=INESE,
            base_url="https://viis.test",
            at=office.now,
        )
    assert office.track(asked).state is State.REFUSED


@pytest.mark.parametrize("user", ["stranger", "user-2"])
def test_somebody_without_rights_there_is_applied_for_like_anybody_and_not_registered(
    office: Office, account: Account, user: str
) -> None:
    asked = proven(office, user=user)
    with pytest.raises(NothingEnds):
        office.approve(asked, signatory=None)
    assert len(office.held(account, office.today + DAY)) == 2
    shown = office.case(asked)
    assert shown.account is None


def test_what_does_not_fit_the_account_is_shown_beside_it(office: Office, account: Account) -> None:
    user = {"username": "cits.lietotajs", "email": "cita@skola.test", "surname": "Citvārde"}
    asked = proven(office, changed={"user": user})
    found = {one.what: (one.stated, one.found) for one in office.case(asked).differences}
    assert found["user.username"] == ("cits.lietotajs", account.username)
    assert found["user.email"] == ("cita@skola.test", "user@demo.test")
    assert found["user.name"] == ("Jānis Citvārde", "Jānis Mēģinātājs")
    office.approve(asked, signatory=None)
    with office.sessions() as session:
        assert session.get_one(Account, account.id).email == "user@demo.test", "no address is taken over"


@pytest.mark.parametrize("username", ["Janis.Meginatajs", "janis.meginatajs "])
def test_a_username_in_whatever_letters_is_the_same(office: Office, account: Account, username: str) -> None:
    assert account.username == "janis.meginatajs"
    assert office.case(proven(office, changed={"user": {"username": username}})).differences == ()


def test_a_head_ends_their_own_last_right(office: Office) -> None:
    grant = office.submit("head-user", "head-user", starts=timedelta())
    office.prove(grant)
    account = office.approve(grant)
    office.later()
    asked = proven(office, head="head-user", user="head-user")
    office.approve(asked, signatory=None)
    assert office.held(account, office.today + DAY) == []
    told = office.mails(account.email)[-2:]
    assert sorted(told) == ["application_approved", "rights_ended"]


def test_a_signature_of_before_the_head_left_holds_and_one_of_after_does_not(office: Office) -> None:
    grant = office.submit(starts=timedelta())
    office.prove(grant)
    until = NewSignatory(Capacity.HEAD, None, office.today, "Reģistra izraksts", SourceKind.REGISTER)
    account = office.approve(grant, signatory=until)
    office.later()
    signed_in_time = proven(office, ends=30 * DAY)
    office.now += 2 * DAY
    signed_too_late = proven(office, ends=30 * DAY)
    late = office.track(signed_too_late)
    assert late.state is State.AWAITING_SIGNATURES
    assert codes(late.uploads[-1]) == ["form.signer-not-entitled"]
    assert not office.case(signed_in_time).signatory_open
    office.approve(signed_in_time, signatory=None)
    assert days(office.rights(account)) == {office.today - 2 * DAY + 30 * DAY}


@pytest.mark.parametrize("signer", ["stranger", "user", "estonian", "head-2"])
@pytest.mark.parametrize(("known", "code"), [(True, "form.signer-not-entitled"), (False, "revocation.signer-not-head")])
def test_anybody_elses_signature_is_objected_to(office: Office, signer: str, code: str, *, known: bool) -> None:
    if known:
        grant = office.submit()
        office.prove(grant)
        office.approve(grant)
    asked = office.submit_to_end()
    upload = office.hand_in(asked, office.sign(asked, signer))
    assert code in codes(upload)
    assert office.track(asked).state is State.AWAITING_SIGNATURES


def test_a_certificate_without_a_code_waits_for_a_person(office: Office, account: Account) -> None:
    asked = office.submit_to_end()
    office.hand_in(asked, office.sign(asked, "no-code"))
    case = office.case(asked)
    assert [part.standing for part in case.parts] == [Standing.NEEDS_PERSON]
    assert len(office.held(account, office.today + DAY)) == 2


@pytest.mark.parametrize("off", [1, 2, 30, 400])
def test_a_last_day_in_the_past_is_objected_to_at_its_field(office: Office, off: int) -> None:
    with pytest.raises(ValueError, match=r"last_day\.past"):
        office.submit_to_end(ends=-off * DAY)


@pytest.mark.parametrize("off", [1, 2, 366, 4000, None])
def test_a_last_day_too_far_ahead_is_objected_to_at_its_field(office: Office, off: int | None) -> None:
    last = date.max if off is None else office.today + FURTHEST + off * DAY
    why = r"last_day\.no-such-day" if off is None else r"last_day\.far"  # no day of the year 9999 is meant
    with pytest.raises(ValueError, match=why):
        office.submit_to_end(changed={"end": {"last_day": last.isoformat()}})


def test_the_furthest_last_day_ends_the_rights(office: Office, account: Account) -> None:
    office.approve(proven(office, ends=FURTHEST), signatory=None)
    assert days(office.rights(account)) == {office.today + FURTHEST}


def test_a_draft_of_yesterday_says_that_its_day_is_over(office: Office) -> None:
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="revocation", language="lv", door=Door.WEB, at=office.now)
        for step, said in answers_to_end(person("head"), person("user"), last_day=office.today).items():
            assert service.save_group(session, draft.application, step, said, at=office.now)
        with pytest.raises(Incomplete) as refused:
            service.submit(session, draft.application, base_url="", door=Door.WEB, at=office.now + DAY)
    assert set(refused.value.errors) == {"end"}


@pytest.mark.usefixtures("account")
def test_a_second_open_one_for_the_same_user_is_shown_on_both_cases_and_told_nobody_at_the_form(office: Office) -> None:
    first, second = proven(office), office.submit_to_end()
    with office.sessions() as session:
        assert not drafts.open_already(session, session.get_one(Application, second.id))
    assert [one.reference for one in office.case(first).others] == [second.reference]
    office.prove(second)
    assert [one.reference for one in office.case(second).others] == [first.reference]
    office.approve(first, signatory=None)
    assert office.case(second).others == ()
    with pytest.raises(NothingEnds):
        office.approve(second, signatory=None)


def test_an_open_application_for_new_rights_is_shown_and_its_older_letter_is_noted_after_the_end(
    office: Office, account: Account
) -> None:
    wished = office.submit(scope={"section.finance": "view"})
    office.prove(wished)
    asked = proven(office)
    assert {one.reference for one in office.case(asked).others} == {wished.reference}
    assert {one.reference for one in office.case(wished).others} == {asked.reference}
    office.now += DAY
    office.later()
    office.approve(asked, signatory=None)
    notes = {note.code for part in office.case(wished).parts for note in part.notes}
    assert "form.older-than-last-end" in notes
    assert office.held(account, office.today) == []


@pytest.mark.usefixtures("account")
def test_neither_the_head_nor_the_user_decides(office: Office) -> None:
    asked = proven(office)
    for named in ("Ilze Paraudziņa", "Jānis Mēģinātājs"):
        with pytest.raises(OwnApplication):
            office.approve(asked, by=type(INESE)("kads.cits", named), signatory=None)


def test_two_people_end_rights_in_a_municipality_and_the_second_reads_what_ends(office: Office) -> None:
    with office.sessions() as session:
        town = institutions.municipalities(session, on=office.today)[0]
    place = f"m-{town.id}"
    grant = office.submit(
        "municipality-head", "municipality-user", starts=timedelta(), place=place, scope={"level": "municipality"}
    )
    office.prove(grant)
    office.approve(grant, approver=VALDIS)
    office.later()
    asked = proven(office, head="municipality-head", user="municipality-user", place=place, ends=3 * DAY)
    with pytest.raises(SecondPersonNeeded):
        office.approve(asked)
    with office.sessions() as session:
        application = session.get_one(Application, asked.id)
        read = REVOCATION.presented(
            session,
            registry.facts_of(application),
            account_named(session, application),
            signed_at=application.documents[0].signed_at,
            keep_address="",
            at=office.now,
        )
    assert read.count == 2
    ends = [one.will.params["day"].day for one in read.facts if one.was]
    assert ends == [(office.today + 3 * DAY).isoformat()] * 2
    account = office.approve(asked, approver=VALDIS)
    assert {right.until for right in office.rights(account)} == {office.today + 3 * DAY}


def test_of_two_that_are_approved_at_the_same_moment_one_ends_the_rights(office: Office, account: Account) -> None:
    pair = [(proven(office), INESE), (proven(office), Reviewer("marta.priede", "Marta Priede"))]
    seen = {submitted.id: office.case(submitted).version for submitted, _ in pair}
    start = Barrier(len(pair))

    def approve(number: int) -> str:
        submitted, by = pair[number]
        start.wait()
        try:
            with office.sessions.begin() as session:
                service.approve(
                    session, submitted.id, seen=seen[submitted.id], by=by, base_url="https://viis.test", at=office.now
                )
        except NothingEnds:
            return "nothing"
        return "ended"

    with ThreadPoolExecutor(len(pair)) as together:
        assert sorted(together.map(approve, range(len(pair)))) == ["ended", "nothing"]
    assert office.mails("user@demo.test").count("rights_ended") == 1
    assert {right.until for right in office.rights(account)} == {office.today}
