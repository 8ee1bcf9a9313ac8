"""A form that a program saved anew is for a person to compare, and proves nothing by itself."""

from dataclasses import replace

import pytest

from signing.model import (
    Content,
    Indication,
    Message,
    Qualification,
    Report,
    SignatureReport,
    SubIndication,
)
from tests.workflows.signed_forms.reports import (
    APPLICATION,
    HEAD,
    LETTER,
    QUESTION,
    USER,
    codes,
    report,
    signature,
)
from workflows.application.kinds.grant.documents import Part
from workflows.evidence.guard.comparison import Comparison
from workflows.signed_forms.proof import NeedsPerson, Objected, OurForm, Pending, Question, decide


def pdf(one: SignatureReport, sha256: str = "d" * 64, *, covered: bool = True) -> Report:
    """Say what a signed PDF holds: itself, or one of our forms."""
    content = Content("letter.pdf", 1, sha256, covered_by=("S1",) if covered else ())
    signed = replace(one, covers_everything=covered)
    return replace(report(signed, holds=()), form="PAdES", contents=(content,))


def compared(form: OurForm = LETTER, *differences: Message, told: tuple[Message, ...] = ()) -> Comparison:
    return Comparison("d" * 64, form.sha256, differences, told, (), 1000 - len(differences))


def anew(*comparisons: Comparison, **known: object) -> Question:
    return replace(QUESTION, comparisons=comparisons, contains_our_reference=True, **known)  # type: ignore[arg-type] # passed on


def test_a_form_saved_anew_is_never_proven_by_itself() -> None:
    comparison = compared()
    other = compared(APPLICATION, Message.of("pdf.differs-text", page=1))
    found = decide(pdf(signature(USER)), anew(other, comparison)).parts
    assert list(found) == [Part.LETTER]
    assert found[Part.LETTER] == NeedsPerson(
        (Message.of("form.saved-anew"),), pdf(signature(USER)).signatures[0], comparison.digest
    )


def test_what_shows_differently_elsewhere_is_told_beside_it() -> None:
    told = compared(told=(Message.of("pdf.differs-layers"),))
    found = decide(pdf(signature(USER)), anew(told)).parts[Part.LETTER]
    assert codes(found) == ["form.saved-anew", "form.shows-differently-elsewhere"]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (signature(HEAD), "grant.signer-not-user"),
        (replace(signature(USER), stamps=()), "stamp.missing"),
        (replace(signature(USER), qualification=Qualification.ADESIG), "qualification.not-qualified"),
    ],
)
def test_a_form_saved_anew_is_for_a_person_only_when_all_else_satisfies(one: SignatureReport, expected: str) -> None:
    found = decide(pdf(one), anew(compared())).parts[Part.LETTER]
    assert isinstance(found, Objected)
    assert codes(found) == [expected, "form.saved-anew-too"]


def test_what_the_signature_does_not_cover_is_for_nobody_to_confirm() -> None:
    filled = replace(signature(USER), warnings=(Message.of("pdf.filled-in"),))
    found = decide(pdf(filled, covered=False), anew(compared())).parts[Part.LETTER]
    assert isinstance(found, Objected)
    assert codes(found) == ["form.more-than-signed", "pdf.filled-in", "form.saved-anew-too"]


def test_a_responder_out_of_reach_leaves_a_form_saved_anew_open() -> None:
    open_ = replace(signature(USER), indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER)
    found = decide(pdf(replace(open_, qualification=Qualification.QESIG)), anew(compared())).parts[Part.LETTER]
    assert isinstance(found, Pending)


def test_a_form_saved_anew_and_handed_in_before_is_used() -> None:
    found = decide(pdf(signature(USER)), anew(compared(), used_before=True))
    assert codes(found.document) == ["form.used-before"]


def test_the_difference_from_the_form_that_is_most_alike_is_named() -> None:
    far = compared(APPLICATION, Message.of("pdf.differs-page-count", ours=2, theirs=1), Message.of("pdf.differs-x"))
    near = compared(LETTER, Message.of("pdf.differs-text", page=1))
    found = decide(pdf(signature(USER)), anew(far, near))
    assert codes(found.document) == ["form.content-differs", "pdf.differs-text"]


def test_under_a_broken_signature_nothing_counts_as_saved_anew() -> None:
    broken = replace(
        signature(USER),
        indication=Indication.TOTAL_FAILED,
        sub_indication=SubIndication.HASH_FAILURE,
        errors=(Message.of("reference.changed", file="letter.pdf"),),
    )
    found = decide(pdf(broken), anew(compared()))
    assert codes(found.document) == ["form.content-differs", "reference.changed"]


def test_a_pdf_that_could_not_be_compared_is_for_a_person_if_it_is_signed_well() -> None:
    found = decide(pdf(signature(USER)), anew()).document
    assert isinstance(found, NeedsPerson)
    assert codes(found) == ["form.not-compared"]
    invalid = replace(signature(USER), indication=Indication.TOTAL_FAILED, sub_indication=SubIndication.REVOKED)
    assert isinstance(decide(pdf(invalid), anew()).document, Objected)


def test_a_pdf_with_more_on_it_than_the_signature_says_what() -> None:
    shown = replace(signature(USER), warnings=(Message.of("pdf.differs-covered", page=1),))
    found = decide(pdf(shown, LETTER.sha256, covered=False), QUESTION).parts[Part.LETTER]
    assert codes(found) == ["form.more-than-signed", "pdf.differs-covered"]
