"""The demo's users who lost rights by the reform: seeded once, listed by username, one of them restorable."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from demo.cli import app
from demo.pki import PEOPLE
from demo.reform import AGLONA, GULBENE, HOLDERS, seed_reform
from iam.grants import service as grants
from iam.grants.models import Grant
from iam.periods import riga_day
from workflows.restoration.reading import unchanged, verdict_on

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)


def test_a_second_start_seeds_nothing_anew(session: Session) -> None:
    seed_reform(session, at=AT)
    given = session.scalar(select(func.count(Grant.id)))
    seed_reform(session, at=AT)
    assert session.scalar(select(func.count(Grant.id))) == given


def test_what_was_taken_at_gulbene_comes_back_and_nothing_at_aglona(session: Session) -> None:
    seed_reform(session, at=AT)
    assert [town.name for town in unchanged(session, on=riga_day(AT))] == ["Gulbenes novads"]
    found = {}
    for holder in HOLDERS:
        account = grants.account_called(session, holder.username)
        assert account is not None
        found[holder] = {one.taken.section for one in verdict_on(session, account.id, on=riga_day(AT)).restorable}
    assert found == {GULBENE: {section for section, _ in GULBENE.rights}, AGLONA: set()}


def test_the_list_of_people_names_them_by_username() -> None:
    listed = CliRunner().invoke(app, ["people"]).output
    for holder in HOLDERS:
        assert f"{holder.username} " in listed
        assert holder.purpose in listed
    taken = {one.code for one in PEOPLE}
    assert not {one.code for one in HOLDERS} & taken, "a code is one person's"
