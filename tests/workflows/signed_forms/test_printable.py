"""What is typed can be printed: replaced where it stands for something else, named at its field where it cannot."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from iam.institutions.models import ScopeKind
from workflows.application.facts import Place
from workflows.application.forms import Form, FormKind, RevocationStated, make
from workflows.application.kinds.grant.rules import Catalogue, check_group
from workflows.signed_forms.typesetting import NotTypeset, replaced, without_glyph

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
STATED = RevocationStated(
    applicant=Place(ScopeKind.INSTITUTION, "4013900001", "Ezerpils 1. vidusskola", "Ezerpils novads"),
    head_name="Ilze Paraudziņa",
    head_code="320000-00101",
    user_name="Jānis Mēģinātājs",
    user_code="320000-00202",
    username="janis",
    rights="viss",
    last_day=date(2026, 12, 1),
    reason="",
)
FOREIGN = ["🙂", "한국", "王", "かな", "กข", "\ue000", "\U0001f600 a"]


def _is_printable(letter: str) -> bool:
    return not letter.isspace() and not without_glyph(letter)


def made(reason: str) -> bytes:
    return make(Form(FormKind.REVOCATION, "R-1", replace(STATED, reason=reason)), at=NOON)


@pytest.mark.parametrize(
    "text", ["\uf0b7 aizstāj", "\uf0a7 aizstāj", "Rīga\u2011Jelgava", "ﬁliāle", "\uff21\uff14", "„Saule” \u2013 5 €"]
)
def test_letters_that_stand_for_others_are_printed_as_these(text: str) -> None:
    assert without_glyph(replaced(text)) == ""
    assert made(text).startswith(b"%PDF-")


@pytest.mark.parametrize("text", FOREIGN, ids=ascii)
def test_a_letter_no_font_has_is_known_before_the_form_is_made(text: str) -> None:
    assert without_glyph(replaced(text))
    with pytest.raises(NotTypeset):
        made(text)


def test_what_is_said_to_be_printable_is_printed() -> None:
    letters = "".join(chr(code) for code in range(0x21, 0x3000) if _is_printable(chr(code)))
    assert len(letters) > 1000
    assert made(letters).startswith(b"%PDF-")


@pytest.mark.parametrize("text", FOREIGN, ids=ascii)
def test_the_field_names_the_letter_and_keeps_what_was_typed(text: str) -> None:
    given = {"basis": "changed_scope", "detail": f"Aizstāj kolēģi {text}"}
    checked = check_group(
        "why",
        given,
        on=date(2026, 11, 29),
        catalogue=Catalogue(frozenset(), frozenset(), date(2026, 10, 29), date(2027, 11, 30)),
    )
    assert [(one.field, one.code) for one in checked.errors] == [("detail", "detail.letters")]
    assert checked.errors[0].params["letters"] in str(checked.answers["detail"])


@pytest.mark.parametrize("name", ["Senkode/Ozola", "Ozola (dz. Kalna)", "Ozola & Kalns", "Ozola;", "Ozola|Kalna", "王"])
def test_a_name_the_account_store_would_refuse_is_refused_at_its_field(name: str) -> None:
    given = {
        "given_name": "Vilma",
        "surname": name,
        "personal_code": "320000-00202",
        "position": "x",
        "email": "a@b.lv",
    }
    checked = check_group(
        "head",
        given,
        on=date(2026, 11, 29),
        catalogue=Catalogue(frozenset(), frozenset(), date(2026, 10, 29), date(2027, 11, 30)),
    )
    assert {one.field for one in checked.errors} == {"surname"}
