"""Two people decide where a municipality or the state applies, whatever it names, and where one of them is named."""

from datetime import timedelta

import pytest

from builders.workflows.filed import SCHOOL
from builders.workflows.office import VALDIS, Office
from iam.institutions import service as institutions
from workflows.application import repository
from workflows.application.errors import SecondPersonNeeded
from workflows.application.kinds.registry import facts_of
from workflows.application.kinds.revocation.kind import REVOCATION
from workflows.application.models import Application
from workflows.i18n import Language, translator

DAY = timedelta(days=1)


def town_of(office: Office, school: str = SCHOOL) -> str:
    """Give the number of the municipality a school belongs to."""
    with office.sessions() as session:
        for town in institutions.municipalities(session, on=office.today):
            members = institutions.institutions_in(session, town.id, on=office.today)
            if school in repository.reg_nos(session, members):
                return str(town.id)
    raise LookupError(school)


@pytest.mark.parametrize("which", ["all", "listed"])
@pytest.mark.parametrize(
    ("place", "places"),
    [
        ("s", SCHOOL),
        ("s", f"s\n{SCHOOL}"),
        ("s", f"m-town\n{SCHOOL}"),
        ("s", f"{SCHOOL}, 9013900114"),
        ("m-town", SCHOOL),
        ("m-town", f"i-{SCHOOL}"),
        ("m-town", f"m-town\n{SCHOOL}"),
    ],
)
def test_one_person_does_not_end_rights_for_a_municipality_or_the_state(
    office: Office, place: str, places: str, which: str
) -> None:
    account, town = office.holder(), town_of(office)
    sections = {"sections": {"section.staff": "end"}} if which == "listed" else {}
    asked = office.submit_to_end(
        "municipality-head",
        place=place.replace("town", town),
        changed={"scope": {"which": which, "places": places.replace("town", town)}, **sections},
    )
    office.prove(asked)
    with pytest.raises(SecondPersonNeeded):
        office.approve(asked)
    held = len(office.held(account, office.today + DAY))
    assert held == 2
    office.approve(asked, approver=VALDIS)
    assert len(office.held(account, office.today + DAY)) == (1 if sections else 0)


@pytest.mark.parametrize("places", ["", SCHOOL, f"i-{SCHOOL}"])
def test_one_person_ends_rights_for_an_institution(office: Office, places: str) -> None:
    account = office.holder()
    asked = office.submit_to_end(changed={"scope": {"which": "all", "places": places}})
    office.prove(asked)
    office.approve(asked, signatory=None)
    assert office.held(account, office.today + DAY) == []


@pytest.mark.parametrize("places", [SCHOOL, f"i-{SCHOOL}"])
def test_one_person_does_not_give_rights_for_a_municipality(office: Office, places: str) -> None:
    asked = office.submit(
        "municipality-head", starts=timedelta(), place=f"m-{town_of(office)}", scope={"places": places}
    )
    office.prove(asked)
    with pytest.raises(SecondPersonNeeded):
        office.approve(asked)
    assert len(office.held(office.approve(asked, approver=VALDIS), office.today)) == 2


@pytest.mark.parametrize(("own", "stays"), [(False, True), (True, False)], ids=["left-out", "named"])
def test_it_is_shown_that_rights_stay_in_whoever_applies_and_is_not_named(
    office: Office, *, own: bool, stays: bool
) -> None:
    place = f"m-{town_of(office)}"
    places = f"{place}\n{SCHOOL}" if own else SCHOOL
    asked = office.submit_to_end(
        "municipality-head", place=place, changed={"scope": {"which": "all", "places": places}}
    )
    with office.sessions() as session:
        facts = facts_of(session.get_one(Application, asked.id))
        shown = REVOCATION.shown(session, facts, language=Language.EN)
        cards = REVOCATION.cards(session, facts, language=Language.EN)
    words = translator("en")
    for rows in (shown.rows, [row for card in cards for row in card.rows]):
        assert ("Stays" in [row.label.in_words(words) for row in rows]) is stays
