"""Our form as other people's programs signed it: what applicants are told of the files that came from outside."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders.shared import SHARED
from demo.pki import person
from iam.people.rules import parse_personal_code
from signing import ExpectedContent, Identity, verify
from signing.trust import TrustStore, read_list
from workflows.application.kinds.grant.documents import Part
from workflows.evidence.judging import Compared, Judge
from workflows.signed_forms.messages import say_all
from workflows.signed_forms.proof import Decided, NeedsPerson, Objected, OurForm, Question, decide
from workflows.signed_forms.signers import KnownPerson, Named

_CASES = SHARED / "cases" / "signers"
_AT = datetime(2026, 11, 29, 23, tzinfo=UTC)

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def guards() -> Iterator[Judge]:
    with Judge(seconds=20, memory_mb=192) as judge:
        yield judge


def decided(guards: Judge, path: Path) -> Decided:
    """Judge a file as a letter of the user, with the lists it came with."""
    form, document = (_CASES / "form.pdf").read_bytes(), path.read_bytes()
    digest = hashlib.sha256(form).hexdigest()
    trust = TrustStore.of_anchors((), (read_list((_CASES / "demo-lv-list.xml").read_bytes()),))
    expected = (ExpectedContent(digest, len(form)),)
    report = verify(document, name=path.name, trust=trust, at=_AT, expected=expected)
    user = KnownPerson(person("user").name, (Identity("PNO", "LV", parse_personal_code(person("user").code).digits),))
    compared = guards.compare(document, [form])
    assert isinstance(compared, Compared)
    strange = all(content.sha256 != digest for content in report.contents)
    question = Question(
        forms=(OurForm(Part.LETTER, digest, len(form)),),
        signers={Part.LETTER: Named(user, "application.signer-not-user")},
        contains_our_reference=True,
        comparisons=compared.comparisons if strange else (),
    )
    return decide(report, question)


@pytest.mark.parametrize("start", ["01", "02", "03", "04"])
def test_what_programs_saved_anew_and_signed_well_is_for_a_person(guards: Judge, start: str) -> None:
    (path,) = (_CASES / "rewritten").glob(f"{start}-*.pdf")
    finding = decided(guards, path).parts[Part.LETTER]
    assert isinstance(finding, NeedsPerson)
    assert [reason.code for reason in finding.reasons] == ["application.saved-anew"]
    assert finding.signature is not None
    assert len(finding.comparison) == 64


def test_one_that_is_signed_by_nobody_known_is_told_the_sure_way_too(guards: Judge) -> None:
    (path,) = (_CASES / "rewritten").glob("05-*.pdf")
    finding = decided(guards, path).parts[Part.LETTER]
    assert isinstance(finding, Objected)
    assert finding.reasons[-1].code == "application.saved-anew-too"


@pytest.mark.parametrize(
    ("start", "code"),
    [("03", "pdf.differs-covered"), ("04", "pdf.differs-empty-field"), ("06", "pdf.differs-empty-field")],
)
def test_a_pdf_that_shows_more_than_was_signed_says_what_and_speaks_of_no_files(
    guards: Judge, start: str, code: str
) -> None:
    (path,) = (_CASES / "other").glob(f"{start}-*.pdf")
    finding = decided(guards, path).parts[Part.LETTER]
    assert isinstance(finding, Objected)
    assert [reason.code for reason in finding.reasons] == ["application.more-than-signed", code]
    said = " ".join(f"{one.text} {one.next_step}" for one in say_all(finding.reasons, "en"))
    assert "take out" not in said
    assert "superfluous" not in said
    assert "remove the file" not in said


def test_no_dishonest_file_is_for_a_person_or_proven(guards: Judge) -> None:
    for path in sorted((_CASES / "dishonest").glob("*.pdf")):
        outcome = decided(guards, path)
        found = [*outcome.parts.values(), outcome.document]
        assert all(one is None or isinstance(one, Objected) for one in found), path.name
