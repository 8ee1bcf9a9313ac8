"""A wholly other name than the code's holder has: approving says why it is the same person, and that is kept."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from builders.workflows.filed import answers_to_end, apply_for
from builders.workflows.office import Office, Submitted
from demo.pki import person
from iam.audit import AuditEntry
from iam.people.rules import wholly_other
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in, version_in
from workflows.application.errors import NameUnexplained
from workflows.application.kinds.revocation.kind import REVOCATION
from workflows.application.models import Application
from workflows.application.states import State
from workflows.application.tags import ApplicationTag

WHY = "Vārds mainīts, izraksts Nr. 7."


def to_end(office: Office, given_name: str, surname: str) -> Submitted:
    """Apply for the end of the user's rights, with a name the head took for theirs; the signature is proven."""
    filled = answers_to_end(person("head"), person("user"), last_day=office.today + timedelta(days=3))
    named = {**filled, "user": {**filled["user"], "given_name": given_name, "surname": surname}}
    with office.sessions.begin() as session:
        asked = apply_for(session, REVOCATION.name, named, base_url="https://viis.test", at=office.now)
    office.prove(asked)
    return asked


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("Anna Bērziņa", "ANNA BĒRZIŅA", False),
        ("Anna Bērziņa", "Anna Liepa", False),
        ("Anna Bērziņa", "Bērziņa Ilze", False),
        ("Anna Berzina", "Ilze Bērziņa", False),
        ("Anna Bērziņa", "Ilze Bērziņa-Liepa", False),
        ("Anna-Marija Liepa", "Marija Kalna", False),
        ("Anna Bērziņa", "Jānis Kalns", True),
        ("Anna Bērziņa", "Annija Bērzkalne", True),
        ("Anna Bērziņa", "", True),
    ],
)
def test_names_that_share_a_part_are_not_wholly_other(one: str, other: str, *, apart: bool) -> None:
    assert wholly_other(one, other) is wholly_other(other, one) is apart


@pytest.mark.parametrize("blank", ["", " ", "\N{ZERO WIDTH SPACE}"])
def test_a_wholly_other_name_is_explained_or_nothing_ends(office: Office, blank: str) -> None:
    account = office.holder()
    asked = to_end(office, "Zenta", "Svešā")
    with pytest.raises(NameUnexplained):
        office.approve(asked, signatory=None, other_name=blank)
    assert {right.end_cause for right in office.rights(account)} == {None}
    office.approve(asked, signatory=None, other_name=f" {WHY} ")
    with office.sessions() as session:
        (kept,) = session.scalars(select(AuditEntry).where(AuditEntry.tag == ApplicationTag.OTHER_NAME_EXPLAINED)).all()
    assert (kept.details["reason"], kept.details["whose"]) == (WHY, ["user"])
    assert {right.until for right in office.rights(account)} == {office.today + timedelta(days=3)}


@pytest.mark.parametrize("surname", ["Svešā", "Mēģinātājs-Liepa", "Meginatajs"])
def test_a_name_that_shares_a_part_asks_for_nothing(office: Office, surname: str) -> None:
    office.holder()
    given_name = person("user").given_name if surname == "Svešā" else "Zenta"
    office.approve(to_end(office, given_name, surname), signatory=None)
    with office.sessions() as session:
        said = select(AuditEntry).where(AuditEntry.tag == ApplicationTag.OTHER_NAME_EXPLAINED)
        assert session.scalars(said).all() == []


def decided(reviewer: httpx.Client, reference: str, **fields: str) -> httpx.Response:
    page = reviewer.get(f"/review/{reference}").text
    presented = page.partition('name="presented" value="')[2].partition('"')[0]
    form = {"csrf": token_in(page), "version": version_in(page), "presented": presented, "decision": "approve"}
    return reviewer.post(f"/review/{reference}/decide", data={**form, **fields})


def test_the_page_asks_for_the_reason_at_its_field_and_shows_it_later(office: Office, sign_in: SignIn) -> None:
    office.holder()
    asked, reviewer = to_end(office, "Zenta", "Svešā"), sign_in()
    assert 'name="name_reason"' in reviewer.get(f"/review/{asked.reference}").text
    refused = decided(reviewer, asked.reference)
    assert (refused.status_code, 'href="#name_reason"' in refused.text) == (422, True)
    assert decided(reviewer, asked.reference, name_reason=WHY).status_code == 303
    with office.sessions() as session:
        assert session.get_one(Application, asked.id).state is State.APPROVED
    assert WHY in text_of(reviewer.get(f"/review/{asked.reference}", params={"tab": "history"}).text)
