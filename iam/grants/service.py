"""Accounts and rights: give, end, reinstate, and who holds what on a day. Everything under one name.

Each right given, ended or reinstated writes its own audit entry, which names the fingerprint of evidence: the one given
for the act, and for an end without a document that of the right which ends (decision 0034). One right is a batch of
one (decision 0036).
"""

from iam.grants.accounts import account_called, account_of, change_contact, disable, enable, open_account, rename_holder
from iam.grants.ending import End, end, end_account, end_all, end_at_once
from iam.grants.giving import Gift, give, give_all, reinstate, reinstate_all
from iam.grants.reading import (
    current_grants,
    due,
    ends_of,
    ends_of_given_on,
    grants_in_scope,
    grants_in_scopes,
    held_then,
    histories,
    history,
    pending,
    sections,
)
from iam.grants.rules import last_ended

__all__ = [
    "End",
    "Gift",
    "account_called",
    "account_of",
    "change_contact",
    "current_grants",
    "disable",
    "due",
    "enable",
    "end",
    "end_account",
    "end_all",
    "end_at_once",
    "ends_of",
    "ends_of_given_on",
    "give",
    "give_all",
    "grants_in_scope",
    "grants_in_scopes",
    "held_then",
    "histories",
    "history",
    "last_ended",
    "open_account",
    "pending",
    "reinstate",
    "reinstate_all",
    "rename_holder",
    "sections",
]
