"""An application for revocation ends what its signer could mean: nothing given since, and nothing no longer theirs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.workflows.office import SCHOOL, Office, Submitted
from iam.grants.models import Account
from iam.ids import MunicipalityId
from iam.institutions import service as institutions
from iam.institutions.models import Institution, InstitutionMunicipality
from iam.periods import days
from workflows.application import repository
from workflows.application.errors import NothingEnds
from workflows.application.kinds.kind import Presented
from workflows.application.kinds.registry import facts_of, kind_of
from workflows.application.models import Application
from workflows.application.views import account_named
from workflows.i18n import Language, translator
from workflows.mail.models import Mail

DAY = timedelta(days=1)


def proven(office: Office, *, ends: timedelta = timedelta(), **how: object) -> Submitted:
    """Apply for the end of the user's rights, with the head's signature proven."""
    submitted = office.submit_to_end(ends=ends, **how)  # type: ignore[arg-type]  # passed on
    office.prove(submitted)
    return submitted


def given(office: Office, **how: object) -> Account:
    """Have the user apply for rights from today on, sign now and be given them."""
    grant = office.submit(starts=timedelta(), **how)  # type: ignore[arg-type]  # passed on
    office.prove(grant)
    account = office.approve(grant)
    office.later()
    return account


def presented(office: Office, submitted: Submitted) -> Presented:
    """Read what approving would do now."""
    with office.sessions() as session:
        application = session.get_one(Application, submitted.id)
        return kind_of(application).presented(
            session,
            facts_of(application),
            account_named(session, application),
            signed_at=application.documents[0].signed_at,
            keep_address="",
            at=office.now,
        )


def said(shown: Presented) -> str:
    words = translator(Language.LV)
    return " ".join(f"{one.label.in_words(words)}: {one.will.in_words(words)}." for one in shown.facts)


def last_mail(office: Office, template: str) -> str:
    with office.sessions() as session:
        query = select(Mail).where(Mail.template == template).order_by(Mail.id.desc())
        return str(session.scalars(query).first().text_body)  # type: ignore[union-attr]  # None fails the test


def end_all(office: Office, account: Account) -> None:
    for right in office.rights(account):
        office.later()
        office.end(right.id)


def taken_away(office: Office, account: Account) -> None:
    end_all(office, account)
    office.now += DAY
    given(office)


def another_level(office: Office, account: Account) -> None:
    del account
    given(office, scope={"section.staff": "view", "section.learners": "edit"})


@pytest.mark.parametrize("changed", [taken_away, another_level])
@pytest.mark.parametrize("after", [timedelta(minutes=1), DAY, 10 * DAY])
@pytest.mark.parametrize("ends", [timedelta(), 5 * DAY])
def test_what_was_given_on_a_newer_signature_stays_and_is_told(
    office: Office, changed: Callable[[Office, Account], None], after: timedelta, ends: timedelta
) -> None:
    account = office.holder()
    asked = proven(office, ends=ends)
    office.now += after
    changed(office, account)
    held = office.held(account, office.today + 30 * DAY)
    assert held
    shown = presented(office, asked)
    assert said(shown).count("tiesības piešķirtas pēc šī iesnieguma parakstīšanas") == len(held)
    assert shown.count == 0
    with pytest.raises(NothingEnds):
        office.approve(asked, signatory=None)
    assert office.held(account, office.today + 30 * DAY) == held


def test_beside_what_was_given_since_the_older_ones_end_and_the_head_is_told(office: Office) -> None:
    account = office.holder()
    asked = proven(office)
    office.now += timedelta(hours=1)
    given(office, scope={"section.staff": "none", "section.learners": "none", "section.classes": "view"})
    assert presented(office, asked).count == 2
    office.approve(asked, signatory=None)
    assert [section for _, section, _ in office.held(account, office.today + DAY)] == ["classes"]
    told = last_mail(office, "application_approved")
    assert "paliek spēkā" in told


def test_what_was_signed_before_and_given_after_ends(office: Office) -> None:
    account = office.holder()
    wished = office.submit(starts=timedelta(), scope={"section.classes": "view"})
    office.prove(wished)
    office.now += timedelta(hours=1)
    asked = proven(office)
    office.now += timedelta(hours=1)
    office.approve(wished, signatory=None)
    office.later()
    office.approve(asked, signatory=None)
    assert office.held(account, office.today + DAY) == []
    assert "paliek spēkā" not in last_mail(office, "application_approved")


def town_of(office: Office, number: str = SCHOOL) -> MunicipalityId:
    with office.sessions() as session:
        for one in institutions.municipalities(session, on=office.today):
            if number in repository.reg_nos(session, institutions.institutions_in(session, one.id, on=office.today)):
                return one.id
    raise LookupError(number)


def moved(office: Office, number: str = SCHOOL) -> None:
    """Have the school belong to another municipality from yesterday on."""
    before = town_of(office, number)
    with office.sessions.begin() as session:
        school = session.scalars(select(Institution).where(Institution.reg_no == number)).one()
        other = next(one.id for one in institutions.municipalities(session, on=office.today) if one.id != before)
        membership = school.memberships[-1]
        membership.period = days(membership.period.lower, office.today - 2 * DAY)
        session.flush()
        since = days(office.today - DAY, None)
        session.add(InstitutionMunicipality(institution_id=school.id, municipality_id=other, period=since))
    assert town_of(office, number) != before


@pytest.mark.parametrize("ends", [timedelta(), 5 * DAY, 60 * DAY])
def test_a_municipality_ends_nothing_in_a_school_that_has_moved_away(office: Office, ends: timedelta) -> None:
    account = office.holder()
    scope = {"scope": {"which": "all", "places": SCHOOL}}
    asked = proven(office, head="municipality-head", place=f"m-{town_of(office)}", changed=scope, ends=ends)
    assert presented(office, asked).count == 2
    office.now += 3 * DAY
    moved(office)
    assert f"({SCHOOL}): vairs nav" in said(presented(office, asked))
    with pytest.raises(NothingEnds):
        office.approve(asked)
    assert len(office.held(account, office.today + 90 * DAY)) == 2


def test_a_school_that_has_moved_still_ends_rights_in_itself(office: Office) -> None:
    account = office.holder()
    asked = proven(office)
    office.now += 3 * DAY
    moved(office)
    office.approve(asked, signatory=None)
    assert office.held(account, office.today + DAY) == []
