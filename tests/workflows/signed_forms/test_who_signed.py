"""Whose signature counts, on which day, and by which code."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from signing.model import (
    Identity,
)
from tests.workflows.signed_forms.reports import (
    ACTING,
    HEAD,
    LETTER,
    QUESTION,
    USER,
    codes,
    must_sign,
    notes,
    recorded_as_head,
    report,
    signature,
    signer,
    stamp,
)
from workflows.application.kinds.grant.documents import Part
from workflows.signed_forms.proof import NeedsPerson, decide


def test_whoever_is_recorded_for_the_day_may_sign_though_the_form_names_the_head() -> None:
    recorded = recorded_as_head(ACTING, date(2026, 11, 1), date(2026, 11, 24))
    question = replace(QUESTION, signers=must_sign(recorded))
    assert notes(decide(report(signature(ACTING)), question).parts[Part.APPLICATION]) == []


def test_a_head_whose_time_was_over_on_the_day_of_the_stamp_is_not_entitled() -> None:
    over = recorded_as_head(HEAD, date(2020, 1, 1), date(2026, 11, 23))
    found = decide(report(signature(HEAD)), replace(QUESTION, signers=must_sign(over))).parts[Part.APPLICATION]
    assert codes(found) == ["form.signer-not-entitled"]


def test_a_head_named_in_the_form_is_not_entitled_while_somebody_else_is_recorded() -> None:
    recorded = recorded_as_head(ACTING, date(2026, 11, 1), None)
    found = decide(report(signature(HEAD)), replace(QUESTION, signers=must_sign(recorded))).parts[Part.APPLICATION]
    assert codes(found) == ["form.signer-not-entitled"]


def test_the_day_of_the_stamp_is_rigas_day() -> None:
    late = replace(signature(HEAD), stamps=(stamp(time=datetime(2026, 11, 24, 22, 30, tzinfo=UTC)),))
    until_tuesday = recorded_as_head(HEAD, None, date(2026, 11, 24))
    found = decide(report(late), replace(QUESTION, signers=must_sign(until_tuesday))).parts[Part.APPLICATION]
    assert codes(found) == ["form.signer-not-entitled"]


@pytest.mark.parametrize("kind", ["content", "references"])
def test_an_old_stamp_that_is_not_over_the_signature_does_not_date_it(kind: str) -> None:
    """A stamp over references to certificates can be carried over from whatever the head signed while in office."""
    old = replace(stamp(time=datetime(2026, 1, 1, tzinfo=UTC)), kind=kind)
    dated_back = replace(signature(HEAD), stamps=(old, stamp()))
    over = recorded_as_head(HEAD, None, date(2026, 6, 30))
    found = decide(report(dated_back), replace(QUESTION, signers=must_sign(over))).parts[Part.APPLICATION]
    assert codes(found) == ["form.signer-not-entitled"]


def test_the_claimed_time_decides_nothing() -> None:
    claimed = replace(signature(HEAD), claimed_signing_time=datetime(2026, 1, 1, tzinfo=UTC))
    over = recorded_as_head(HEAD, None, date(2026, 6, 30))
    found = decide(report(claimed), replace(QUESTION, signers=must_sign(over))).parts[Part.APPLICATION]
    assert codes(found) == ["form.signer-not-entitled"]


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (None, "form.signer-without-code"),
        (Identity("PNO", "", "32000000022"), "form.signer-code-without-country"),
    ],
)
def test_a_certificate_that_names_nobody_by_a_code_is_for_a_person(identity: Identity | None, expected: str) -> None:
    nameless = replace(signature(USER), signer=replace(signer(USER), identity=identity))
    found = decide(report(nameless, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert isinstance(found, NeedsPerson)
    assert codes(found) == [expected]


def test_the_same_digits_from_another_country_are_somebody_else() -> None:
    estonian = replace(signature(USER), signer=signer(USER, Identity("PNO", "EE", "32000000022")))
    found = decide(report(estonian, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert codes(found) == ["grant.signer-not-user"]


def test_another_name_under_the_right_code_is_accepted_with_a_note() -> None:
    married = replace(signature(USER), signer=replace(signer(USER), surname="KALNIŅŠ"))
    found = decide(report(married, holds=(LETTER.sha256,)), QUESTION).parts[Part.LETTER]
    assert notes(found) == ["form.name-differs"]
