"""What kinds about a user share: where others may be named, what they state, and what two of them are both about."""

import json
from dataclasses import replace

import pytest

from builders.workflows.office import SCHOOL, Office, Submitted
from iam.institutions.models import ScopeKind
from workflows.application.facts import Place, StatedFacts
from workflows.application.kinds.grant.kind import GRANT
from workflows.application.kinds.grant.stated import Stated as Granted
from workflows.application.kinds.kind import Kind
from workflows.application.kinds.registry import facts_of
from workflows.application.kinds.revocation.kind import REVOCATION
from workflows.application.kinds.revocation.stated import Stated as Revoked
from workflows.application.models import Application
from workflows.i18n import Language

KINDS = pytest.mark.parametrize("kind", [GRANT, REVOCATION], ids=lambda kind: kind.name)


def stated(office: Office, submitted: Submitted) -> StatedFacts:
    with office.sessions() as session:
        return facts_of(session.get_one(Application, submitted.id))


def asked_of(office: Office, kind: Kind, place: str, **scope: object) -> list[str]:
    """Name the fields of the step that asks for the scope."""
    answers = {"institution": {"place": place}, "scope": scope}
    with office.sessions() as session:
        page = kind.step_page(session, "scope", answers, language=Language.LV, on=office.today)  # type: ignore[arg-type]
    return [field.name for field in page.fields]


@KINDS
@pytest.mark.parametrize("place", [SCHOOL, f"i-{SCHOOL}", f" I-{SCHOOL} "])
def test_a_school_which_has_no_institutions_under_it_is_not_asked_for_them(
    office: Office, kind: Kind, place: str
) -> None:
    assert "places" not in asked_of(office, kind, place)


@KINDS
@pytest.mark.parametrize("place", ["m-1", "s"])
def test_a_municipality_and_the_ministry_are_asked(office: Office, kind: Kind, place: str) -> None:
    assert "places" in asked_of(office, kind, place)


@KINDS
@pytest.mark.parametrize("typed", [["9013900114"], "9013900114"])
def test_what_was_typed_before_a_school_was_chosen_can_be_corrected(office: Office, kind: Kind, typed: object) -> None:
    assert "places" in asked_of(office, kind, SCHOOL, places=typed)


def test_what_is_stated_keeps_its_shape_and_hides_codes(office: Office) -> None:
    made: list[tuple[type[Granted | Revoked], Submitted]] = [
        (Granted, office.submit()),
        (Revoked, office.submit_to_end()),
    ]
    for type_, submitted in made:
        facts = stated(office, submitted)
        assert isinstance(facts, type_)
        kept = json.loads(json.dumps(facts.to_json()))
        assert list(kept)[:3] == ["applicant", "head", "user"], "the order in which people have signed them"
        assert type_.from_json(kept) == facts
        assert {one.personal_code[:6] for one in facts.masked().people.values()} == {"******"}
        with pytest.raises(ValueError, match="applicant"):
            type_.from_json({})


def test_no_kind_takes_the_facts_of_another(office: Office) -> None:
    grant, revocation = stated(office, office.submit()), stated(office, office.submit_to_end())
    with pytest.raises(TypeError, match="revocation"):
        REVOCATION.is_wide(grant)
    with pytest.raises(TypeError, match="grant"):
        GRANT.is_wide(revocation)


def test_an_application_is_about_each_place_with_each_section_and_none_are_all(office: Office) -> None:
    grant, revocation = stated(office, office.submit()), stated(office, office.submit_to_end())
    assert isinstance(grant, Granted)
    here, there = grant.scope[0], Place(ScopeKind.INSTITUTION, "9013900114", "Cita skola")
    both = replace(grant, scope=(here, there))
    sections = {one.code for one in grant.sections}
    assert GRANT.matter(both) == {(place.scope_code, code) for place in (here, there) for code in sections}
    assert REVOCATION.matter(revocation) == {(here.scope_code, "")}
