"""Applications nobody has decided on are found by every place they name, as drafts and as what was submitted."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from builders.iam.codes import invented_code
from builders.iam.register import AT, imported
from builders.workflows import filed
from demo.pki import Person
from iam.audit import Door
from iam.people.rules import PersonalCode
from workflows.application import service
from workflows.application.kinds.registry import all_kinds
from workflows.application.models import Application
from workflows.application.places_named import open_naming
from workflows.application.states import State
from workflows.i18n import translator
from workflows.reorganisation.checking import checked, planned
from workflows.reorganisation.fates import Fate
from workflows.reorganisation.order_files import read_orders

A, B = "i-4113900001", "i-4101900002"
HEADER = "reference,legal_basis,effective,change,sources,targets,new_name,new_code\n"
CLOSED = "1,Domes lēmums,2026-10-01,closed,4113900001,,,\n"


def written(code: PersonalCode) -> str:
    return f"{code.digits[:6]}-{code.digits[6:]}"


def someone(name: str) -> Person:
    given_name, surname = name.split()
    return Person(
        key=given_name.lower(),
        given_name=given_name,
        surname=surname,
        code=written(invented_code(name)),
        purpose="",
    )


@pytest.fixture
def submitted(session: Session, tmp_path: Path) -> str:
    imported(session, tmp_path)
    head, user = someone("Ilze Kalna"), someone("Anna Liepa")
    made = filed.submit(session, head, user, base_url="https://viis.test", at=AT, place="4113900001")
    return made.reference


def test_a_school_closed_with_an_open_application_has_it_withdrawn(session: Session, submitted: str) -> None:
    draft = draft_for(session, "4113900001")
    elsewhere = draft_for(session, "4101900002")
    assert {(one.reference, one.submitted) for one in open_naming(session, [A])} == {(submitted, True), (draft, False)}
    made = planned(session, checked(session, read_orders((HEADER + CLOSED).encode())))
    assert {one.reference for one in made.of(Fate.TO_WITHDRAW)} == {submitted, draft}
    joined = CLOSED.replace("closed,4113900001,", "joined,4113900001,4101900002")
    made = planned(session, checked(session, read_orders((HEADER + joined).encode())))
    assert [(one.reference, one.scope) for one in made.of(Fate.READDRESSED)] == [(draft, B)]
    assert [one.reference for one in made.of(Fate.TO_WITHDRAW)] == [submitted]
    assert {one.reference for one in open_naming(session, [B])} == {elsewhere}


def test_a_draft_that_ends_rights_goes_on_for_no_successor(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path)
    draft = draft_for(session, "4113900001", "revocation")
    joined = CLOSED.replace("closed,4113900001,", "joined,4113900001,4101900002")
    made = planned(session, checked(session, read_orders((HEADER + joined).encode())))
    (told,) = made.of(Fate.TO_WITHDRAW)
    assert (told.reference, made.of(Fate.READDRESSED)) == (draft, ())
    assert "nothing is left to decide there" in told.reason.in_words(translator("en"))


def test_what_was_decided_is_not_open(session: Session, submitted: str) -> None:
    application = session.query(Application).filter_by(reference=submitted).one()
    application.state = State.EXPIRED
    session.flush()
    assert open_naming(session, [A]) == []


def draft_for(session: Session, place: str, kind: str = "") -> str:
    name = kind or next(iter(all_kinds())).name
    draft = service.start_draft(session, kind=name, language="lv", door=Door.WEB, at=AT)
    assert service.save_group(session, draft.application, "institution", {"place": place}, at=AT)
    return draft.application.reference
