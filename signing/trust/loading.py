"""From the list of lists to a trust store: TS 119 615 §4.1 to §4.3.

(1) verify the list of lists by the certificates announced in the Official Journal; when those have been replaced
    since, follow its pivots: each list of lists on the way announces who signs the next;
(2) fetch every national list it points to, and verify it by the certificates announced for it;
(3) refuse a list older than the one accepted last, a rollback;
(4) where a list cannot be fetched or verified, keep the last accepted copy, or mark it missing. Either is a visible
    state with its reason, and does not affect the other lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.errors import SigningError
from signing.model import Message
from signing.pki.certificate_files import readable_certificates
from signing.trust.authenticity import verify_list
from signing.trust.errors import SupersededList, UnverifiedList
from signing.trust.identifiers import ListKind
from signing.trust.reading import read_list
from signing.trust.store import ListState, TrustStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from signing.pki.certificates import Certificate
    from signing.trust.model import Pointer, TrustedList

    Fetch = Callable[[str], bytes]

__all__ = ["load_lotl"]

_TRUSTED_LIST_TYPE = "application/vnd.etsi.tsl+xml"
_PIVOT = "pivot"
_MOST_PIVOTS = 25


def load_lotl(
    lotl: bytes,
    *,
    signers: Sequence[Certificate],
    fetch: Fetch,
    at: datetime,
    previous: TrustStore | None = None,
    location: str = "",
) -> TrustStore:
    """Build a store from a list of lists and everything it points to.

    `signers` are the certificates announced for it in the Official Journal. `fetch` returns the bytes at an address or
    raises `SigningError` or `OSError`. `previous` is the store in use until now; its lists are kept where no newer copy
    is available. Raises `UnusableList` when the list of lists itself cannot be used; the caller then keeps `previous`,
    whose state tells its age.
    """
    trusted_lotl = _verified_lotl(lotl, signers, fetch, at)  # (1)
    if trusted_lotl.kind is not ListKind.LIST_OF_LISTS:
        raise UnverifiedList("list.not-a-list-of-lists", {"territory": trusted_lotl.territory})
    earlier = {state.location: state for state in previous.states} if previous else {}
    kept = {one.sha256: one for one in previous.lists} if previous else {}
    _refuse_rollback(trusted_lotl, earlier.get(location))  # (3)
    lists: list[TrustedList] = [trusted_lotl]
    states = [ListState.of(trusted_lotl, location=location, source="lotl")]
    for pointer in national_pointers(trusted_lotl):
        last = earlier.get(pointer.location)
        try:
            trusted_list = _national(pointer, fetch, at)  # (2)
            _refuse_rollback(trusted_list, last)  # (3)
        except (SigningError, OSError) as error:  # (4)
            problem = _problem(error)
            copy = kept.get(last.sha256) if last else None
            if copy is None:
                states.append(ListState(pointer.territory, pointer.location, "none", problem=problem))
                continue
            states.append(ListState.of(copy, location=pointer.location, source="previous", problem=problem))
            lists.append(copy)
            continue
        states.append(ListState.of(trusted_list, location=pointer.location, source="lotl"))
        lists.append(trusted_list)
    return TrustStore.of_lists(lists, states)


def national_pointers(lotl: TrustedList) -> tuple[Pointer, ...]:
    """Return the pointers to national lists in XML; the others are the list itself and PDF renderings."""
    return tuple(
        pointer
        for pointer in lotl.pointers
        if pointer.kind is ListKind.NATIONAL and pointer.media_type == _TRUSTED_LIST_TYPE
    )


def _verified_lotl(lotl: bytes, signers: Sequence[Certificate], fetch: Fetch, at: datetime) -> TrustedList:
    try:
        return verify_list(lotl, signers, at=at)
    except UnverifiedList as error:
        if error.code != "list.signer-not-announced":
            raise
    # The announced certificates were replaced since: go back to the newest pivot they signed, then forward again. Each
    # step is verified by the certificates that the step before announced for it (§4.1.4).
    unverified = _unverified_pivots(lotl)
    chain: list[bytes] = [lotl]
    for address in unverified[:_MOST_PIVOTS]:
        pivot = fetch(address)
        try:
            trusted = verify_list(pivot, signers, at=at)
        except UnverifiedList as error:
            if error.code != "list.signer-not-announced":
                raise
            chain.append(pivot)
            continue
        for newer in reversed(chain):
            trusted = verify_list(newer, _announced_for_itself(trusted), at=at)
        return trusted
    raise UnverifiedList("list.signer-not-announced", {"pivots": str(len(unverified))})


def _unverified_pivots(lotl: bytes) -> tuple[str, ...]:
    """Return the addresses of pivots, newest first, from a list not yet verified: places to look, not trust."""
    # Read without verification on purpose: every pivot fetched from here must verify by itself.
    return tuple(uri for uri in read_list(lotl).information_uris if _PIVOT in uri and uri.endswith(".xml"))


def _announced_for_itself(lotl: TrustedList) -> tuple[Certificate, ...]:
    return tuple(
        certificate
        for pointer in lotl.pointers
        if pointer.kind is ListKind.LIST_OF_LISTS and pointer.territory == lotl.territory
        for certificate in readable_certificates(pointer.signers)
    )


def _national(pointer: Pointer, fetch: Fetch, at: datetime) -> TrustedList:
    trusted_list = verify_list(fetch(pointer.location), readable_certificates(pointer.signers), at=at)
    if trusted_list.territory != pointer.territory or trusted_list.kind is not ListKind.NATIONAL:
        # A list of one state served in place of another's.
        raise UnverifiedList("list.of-another-territory", {"territory": trusted_list.territory})
    return trusted_list


def _refuse_rollback(trusted_list: TrustedList, last: ListState | None) -> None:
    if last is None or not last.sha256:
        return
    older_issue = last.issued is not None and trusted_list.issued < last.issued
    if trusted_list.sequence < last.sequence or (trusted_list.sequence == last.sequence and older_issue):
        raise SupersededList("list.rollback", {"sequence": str(trusted_list.sequence), "accepted": str(last.sequence)})


def _problem(error: SigningError | OSError) -> Message:
    if isinstance(error, SigningError):
        return Message(error.code, error.params)
    return Message.of("list.not-fetched", error=error)
