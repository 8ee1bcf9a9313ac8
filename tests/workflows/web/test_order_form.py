"""An order is filled in field by field, without a script, and ends in the same check as a file."""

import re
from html import unescape
from typing import Any

import httpx
import pytest
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from iam.orders import service as orders
from iam.orders.models import ChangeKind, Order
from iam.orders.said import PartySaid
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.test_language_switch import switch
from tests.workflows.web.test_reorganise import HEAD
from workflows.reorganisation.order_form import ChangeFields

SCHOOL, OTHER = "9013900107", "9013900114"
ORDER = {"reference": "1-3/7", "legal_basis": "Domes lēmums"}


class Form:
    """The form as a browser without scripts sends it: every field of the page, and the button that is pressed."""

    def __init__(self, visitor: httpx.Client, answer: httpx.Response) -> None:
        self.visitor = visitor
        self.answer = answer
        self.page = answer.text

    @classmethod
    def opened(cls, visitor: httpx.Client) -> "Form":
        return cls(visitor, visitor.get("/reorganise/new"))

    @property
    def said(self) -> str:
        return text_of(self.page)

    def fields(self) -> dict[str, str]:
        page: Any = html.fromstring(self.page)  # the stubs know no forms
        form = page.get_element_by_id("order")
        return {str(name): str(value or "") for name, value in form.form_values()}

    def press(self, button: str, **typed: str) -> "Form":
        """Press a button that is on the page."""
        assert f'value="{button}"' in self.page, button
        answer = self.visitor.post("/reorganise/new", data={**self.fields(), **typed, "do": button})
        if answer.status_code == 303:
            answer = self.visitor.get(answer.headers["location"])
        return Form(self.visitor, answer)

    def begun(self, kind: ChangeKind) -> "Form":
        return self.press("add").press("kind", chosen=kind)

    def named(self, side: str, sought: str) -> "Form":
        """Find a place and add it."""
        found = self.press(f"find-{side}", **{f"{side}_q": sought})
        (first, *_) = re.findall(rf'value="(add-{side}\+[^"]+)"', found.page)
        return found.press(first)

    def problems(self) -> dict[str, str]:
        """Return what must be corrected, by the field that the summary leads to; each is there."""
        said = dict(re.findall(r'<a href="#([\w-]+)">([^<]+)</a>', self.page))
        for name in said:
            assert f'id="{name}"' in self.page
        return {name: unescape(sentence) for name, sentence in said.items() if name != "main-content"}


def test_an_order_is_filled_in_change_by_change_and_says_what_a_file_would(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    form = Form.opened(sign_in()).press("add", **ORDER, effective=f"{office.today:%d.%m.%Y}.")
    form = form.press("kind", chosen=ChangeKind.JOINED).named("source", SCHOOL).named("target", OTHER)
    assert "Ezerpils 1. vidusskola" in form.said
    form = form.press("save").begun(ChangeKind.BRANCH_CREATED).named("source", OTHER)
    form = form.press("save", new_name="Ezera filiāle")
    form = form.begun(ChangeKind.SPLIT).named("source", "Sudrabupes vidusskola")
    for number, name in (("9113900998", "Sudrabupes pamatskola"), ("9113900999", "Sudrabupes ģimnāzija")):
        form = form.press("found", found_number=number, found_name=name)
    form = form.press("save")
    assert "Sudrabupes ģimnāzija (numurs 9113900999), jauna" in form.said
    done = form.press("check")
    assert re.fullmatch(r"/reorganise/\d+", done.answer.url.path)
    with sessions() as session:
        said = orders.said(session.scalars(select(Order)).one())
    assert (said.reference, said.legal_basis, said.effective) == ("1-3/7", "Domes lēmums", office.today)
    assert [one.kind for one in said.changes] == [ChangeKind.JOINED, ChangeKind.BRANCH_CREATED, ChangeKind.SPLIT]
    assert said.changes[0].sources == (PartySaid(reg_no=SCHOOL),)
    assert said.changes[1].new_name == "Ezera filiāle"
    assert [party.founded_as for party in said.changes[2].targets] == ["Sudrabupes pamatskola", "Sudrabupes ģimnāzija"]


def test_changes_are_changed_and_removed_by_buttons(office: Office, sign_in: SignIn) -> None:
    form = Form.opened(sign_in()).begun(ChangeKind.CLOSED).named("source", SCHOOL).press("save")
    form = form.begun(ChangeKind.RENAMED).named("source", OTHER).press("save", new_name="Ezera ģimnāzija")
    form = form.press("change-1").named("source", "9019900121").press("drop-source-1").press("save")
    assert "Ezerpils Valsts ģimnāzija" in form.said
    assert "Ezerpils 1. vidusskola" not in form.said
    form = form.press("change-2").press("kind").press("kind", chosen=ChangeKind.CLOSED).press("save")
    assert "Ezera ģimnāzija" not in form.said, "a kind without a new name keeps none"
    form = form.press("remove-1")
    assert "Ezerpils Valsts ģimnāzija" not in form.said
    assert "Ezerpils Krasta vidusskola" in form.said
    form = form.press("change-1").press("drop-source-1").press("back")
    assert "Ezerpils Krasta vidusskola" in form.said, "what is not saved changes nothing"
    del office


def test_what_is_missing_is_said_at_its_field_and_everything_stays(office: Office, sign_in: SignIn) -> None:
    form = Form.opened(sign_in()).press("check")
    assert form.answer.status_code == 422
    assert set(form.problems()) == {"reference", "legal_basis", "effective", "add"}
    form = form.press("add", **ORDER).press("kind")
    assert set(form.problems()) == {"chosen"}
    form = form.press("kind", chosen=ChangeKind.TRANSFORMED).press("save")
    assert set(form.problems()) == {"source_q", "target_q"}
    form = form.named("source", SCHOOL).press("found", found_number="12", found_name="")
    assert set(form.problems()) == {"found_number"}
    form = form.press("found", found_number="9013 900 999", found_name="")
    assert set(form.problems()) == {"found_name"}
    form = form.press("save", found_name="Ezera skola").press("check", effective="32.13.2026.")
    assert set(form.problems()) == {"effective"}
    assert 'value="32.13.2026."' in form.page
    assert 'value="Domes lēmums"' in form.page
    assert "Ezera skola (numurs 9013900999), jauna" in form.said
    del office


def test_what_contradicts_the_register_or_an_order_is_said_by_the_number_of_the_change(
    office: Office, sign_in: SignIn
) -> None:
    reviewer = sign_in()
    lines = "\n".join((HEAD, f"7,Domes lēmums,{office.today},likvidācija,{SCHOOL},,,"))
    page = reviewer.get("/reorganise").text
    assert reviewer.post("/reorganise", data={"csrf": token_in(page), "lines": lines}).status_code == 303
    form = Form.opened(reviewer).begun(ChangeKind.CLOSED).named("source", SCHOOL).press("save")
    form = form.begun(ChangeKind.JOINED).named("source", OTHER)
    form = form.press("found", found_number="9019900121", found_name="Cita").press("save")
    form = form.press("check", reference="8", legal_basis="MK", effective=office.today.isoformat())
    said = form.problems()
    assert set(said) == {"change-1", "change-2"}
    assert said["change-1"].startswith("1. izmaiņa: ")
    assert "rinda" not in " ".join(said.values())
    assert set(form.press("check", reference="7").problems()) == {"reference", "change-2"}


def test_the_form_stays_when_the_language_is_changed_or_the_page_is_loaded_again(
    office: Office, sign_in: SignIn
) -> None:
    form = Form.opened(sign_in()).press("add", **ORDER).press("kind", chosen=ChangeKind.CLOSED).named("source", SCHOOL)
    again = Form(form.visitor, form.visitor.get(str(form.answer.url)))
    assert "Ezerpils 1. vidusskola" in again.said
    english = Form(form.visitor, switch(form.visitor, again.page, **(again.fields() | {"source_q": "Krasta"})))
    assert "Save the change" in english.said
    assert {"Ezerpils 1. vidusskola", "Ezerpils Krasta vidusskola"} <= set(
        re.findall(r"Ezerpils [\w. ]+?skola", english.said)
    )
    overview = english.press("save")
    assert 'value="1-3/7"' in overview.page
    assert "Fill in an order" in Form.opened(form.visitor).said
    assert 'value="1-3/7"' not in Form.opened(form.visitor).page, "a form opened anew is empty"
    del office


def test_personal_codes_and_too_much_are_refused(office: Office, sign_in: SignIn) -> None:
    form = Form.opened(sign_in()).begun(ChangeKind.RENAMED).named("source", SCHOOL)
    form = form.press("save", new_name="Skola 320000-00202")
    assert set(form.problems()) == {"new_name"}
    form = Form.opened(form.visitor)
    many = {f"change-{n}": ChangeFields(kind=ChangeKind.CLOSED, sources=(SCHOOL,)).as_text() for n in range(1, 51)}
    assert set(form.press("add", **many).problems()) == {"add"}
    del office


@pytest.mark.parametrize("text", ["", "[]", "{", '{"kind": "closed"}', '{"kind": "x", "sources": [], "targets": []}'])
def test_a_field_that_no_page_of_ours_wrote_is_passed_over(text: str) -> None:
    assert ChangeFields.read(text) is None
