"""What the migrations alone put into the database."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session


def test_the_catalogue_holds_the_ten_sections_in_both_languages(session: Session) -> None:
    sections = session.execute(text("SELECT code, name_lv, name_en FROM sections ORDER BY position")).all()
    assert len(sections) == 10
    assert sections[0] == ("learners", "Izglītojamie un piederība", "Learners and enrolment")
    assert all(name_lv and name_en for _, name_lv, name_en in sections)


@pytest.mark.parametrize("statement", ["SELECT count(*) FROM signatories", "SELECT count(*) FROM accounts"])
def test_day_one_knows_no_signatory_and_no_account(session: Session, statement: str) -> None:
    assert session.scalar(text(statement)) == 0
