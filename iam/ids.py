"""The ids of every table as types of their own, so that a person's never passes for an account's."""

from typing import NewType

__all__ = [
    "AccountId",
    "ApplicationId",
    "EvidenceId",
    "GrantId",
    "InstitutionId",
    "MunicipalityId",
    "OrderId",
    "PersonId",
    "ScopeId",
    "SectionId",
]

PersonId = NewType("PersonId", int)
AccountId = NewType("AccountId", int)
InstitutionId = NewType("InstitutionId", int)
MunicipalityId = NewType("MunicipalityId", int)
ScopeId = NewType("ScopeId", int)
SectionId = NewType("SectionId", int)
GrantId = NewType("GrantId", int)
EvidenceId = NewType("EvidenceId", int)
OrderId = NewType("OrderId", int)
ApplicationId = NewType("ApplicationId", int)
