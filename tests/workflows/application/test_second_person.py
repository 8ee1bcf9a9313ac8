"""Which approvals need a second person: by the facts of the case and the policy of the day."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from iam.institutions.models import ScopeKind, SourceKind
from workflows.application.second_person import CaseFacts, Why, needs_second_person
from workflows.application.stated import ScopeLevel
from workflows.policy import Policy, numbers
from workflows.policy.numbers import read_policy


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The defaults."""
    return read_policy({name: number.default for name, number in numbers().items()})


def case(
    level: ScopeLevel = ScopeLevel.INSTITUTION,
    scopes: Collection[ScopeKind] = (ScopeKind.INSTITUTION,),
    source: SourceKind | None = None,
) -> CaseFacts:
    return CaseFacts(level, frozenset(scopes), source)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (case(), ()),
        (case(source=SourceKind.REGISTER), ()),
        *[(case(level), (Why.WIDE_SCOPE,)) for level in ScopeLevel if level is not ScopeLevel.INSTITUTION],
        (case(scopes=(ScopeKind.MUNICIPALITY,)), (Why.WIDE_SCOPE,)),
        (case(scopes=(ScopeKind.INSTITUTION, ScopeKind.STATE)), (Why.WIDE_SCOPE,)),
        *[(case(source=one), (Why.UNREGISTERED_SIGNATORY,)) for one in SourceKind if one is not SourceKind.REGISTER],
        (case(ScopeLevel.MINISTRY, (ScopeKind.STATE,), SourceKind.ORDER), tuple(Why)),
    ],
)
def test_rights_beyond_one_institution_and_signatories_of_no_register_need_two(
    facts: CaseFacts, why: tuple[Why, ...], policy: Policy
) -> None:
    assert needs_second_person(facts, policy) == why


def test_the_policy_of_the_day_decides(policy: Policy) -> None:
    both = case(ScopeLevel.MINISTRY, (ScopeKind.STATE,), SourceKind.ORDER)
    one = replace(policy, four_eyes_wide_scope=False)
    assert needs_second_person(both, one) == (Why.UNREGISTERED_SIGNATORY,)
    neither = replace(one, four_eyes_unregistered_signatory=False)
    assert needs_second_person(both, neither) == ()
