"""Which approvals need a second person: by the facts of the case and the policy of the day."""

from dataclasses import replace

import pytest

from iam.institutions.models import SourceKind
from workflows.application.second_person import CaseFacts, FourEyesReason, needs_second_person
from workflows.policy import PolicyNumbers, numbers
from workflows.policy.numbers import read_policy


@pytest.fixture(scope="module")
def policy() -> PolicyNumbers:
    """The defaults."""
    return read_policy({name: number.default for name, number in numbers().items()})


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (CaseFacts(wide=False, new_signatory=None), ()),
        (CaseFacts(wide=False, new_signatory=SourceKind.REGISTER), ()),
        (CaseFacts(wide=True, new_signatory=None), (FourEyesReason.WIDE_SCOPE,)),
        *[
            (CaseFacts(wide=False, new_signatory=one), (FourEyesReason.UNREGISTERED_SIGNATORY,))
            for one in SourceKind
            if one is not SourceKind.REGISTER
        ],
        (CaseFacts(wide=True, new_signatory=SourceKind.ORDER), tuple(FourEyesReason)),
    ],
)
def test_rights_beyond_one_institution_and_signatories_of_no_register_need_two(
    facts: CaseFacts, why: tuple[FourEyesReason, ...], policy: PolicyNumbers
) -> None:
    assert needs_second_person(facts, policy) == why


def test_the_policy_of_the_day_decides(policy: PolicyNumbers) -> None:
    both = CaseFacts(wide=True, new_signatory=SourceKind.ORDER)
    one = replace(policy, four_eyes_wide_scope=False)
    assert needs_second_person(both, one) == (FourEyesReason.UNREGISTERED_SIGNATORY,)
    neither = replace(one, four_eyes_unregistered_signatory=False)
    assert needs_second_person(both, neither) == ()
