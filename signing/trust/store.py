"""The trust a document is judged by: anchors, services over time, and the freshness of the lists behind them.

A store is built once, by `TrustStore.of_anchors` from certificates and lists or by `signing.trust.load_lotl` from the
list of lists. It never fetches, reads no clock and does not change. It pickles small, so a sandboxed process judges by
exactly the trust its parent chose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from signing.model import Message, Qualification, TrustState
from signing.pki.certificates import Certificate
from signing.pki.trust_protocol import Purpose, SignatureStanding
from signing.trust.anchors import gather, key_digest
from signing.trust.certificate_qualification import status_of
from signing.trust.certificate_statements import facts_of
from signing.trust.identifiers import ServiceKind
from signing.trust.signature_qualification import signature_standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from signing.model import Indication
    from signing.pki.names import NameKey
    from signing.trust.anchors import Anchor, Listing
    from signing.trust.model import TrustedList

__all__ = ["ListState", "TrustStore"]

# ISO 3166 in certificates, and the codes lists use for the same two states (TS 119 612 §5.3.10).
_TERRITORY_OF_COUNTRY = {"GR": "EL", "GB": "UK"}

Source = Literal["lotl", "given", "previous", "none"]


@dataclass(frozen=True, slots=True)
class ListState:
    """The state of one list. An empty `sha256` means no usable copy; `problem` is why the newest was not accepted.

    `source` is where the copy came from: through the list of lists, given by the caller, kept from the previous store,
    or nowhere.
    """

    territory: str
    location: str
    source: Source
    sequence: int = 0
    issued: datetime | None = None
    next_update: datetime | None = None
    sha256: str = ""
    problem: Message | None = None

    def condition(self, at: datetime) -> TrustState:
        """Return FRESH up to and including the next update; a closed list, without one, stays fresh."""
        if not self.sha256:
            return TrustState.MISSING
        if self.next_update is not None and at > self.next_update:
            return TrustState.STALE
        return TrustState.FRESH

    @classmethod
    def of(
        cls, trusted_list: TrustedList, *, location: str, source: Source, problem: Message | None = None
    ) -> ListState:
        """Describe a list in use."""
        return cls(
            territory=trusted_list.territory,
            location=location,
            source=source,
            sequence=trusted_list.sequence,
            issued=trusted_list.issued,
            next_update=trusted_list.next_update,
            sha256=trusted_list.sha256,
            problem=problem,
        )


@dataclass(frozen=True, slots=True, eq=False)
class TrustStore:
    """Answers `signing.pki.trust_protocol.TrustSource`; build it with `of_anchors` or `signing.trust.load_lotl`."""

    lists: tuple[TrustedList, ...]
    states: tuple[ListState, ...]
    given: tuple[str, ...]
    _by_name: Mapping[NameKey, tuple[Anchor, ...]]
    _responders: tuple[Anchor, ...]

    @classmethod
    def of_anchors(cls, certificates: Iterable[Certificate], lists: Iterable[TrustedList] = ()) -> TrustStore:
        """Trust bare certificates for every purpose and moment, and lists without verifying them (`signing.cli`)."""
        taken = tuple(lists)
        states = tuple(ListState.of(one, location="", source="given") for one in taken)
        return cls.of_lists(taken, states, certificates)

    @classmethod
    def of_lists(
        cls, lists: Iterable[TrustedList], states: Iterable[ListState], certificates: Iterable[Certificate] = ()
    ) -> TrustStore:
        """Build from lists whose authenticity the caller has verified."""
        given, taken = tuple(certificates), tuple(lists)
        by_name = gather(given, taken)
        responders = tuple(
            anchor for anchors in by_name.values() for anchor in anchors if anchor.ever_trusted_for(Purpose.OCSP)
        )
        return cls(taken, tuple(states), tuple(one.sha256 for one in given), by_name, responders)

    @property
    def digests(self) -> tuple[str, ...]:
        """SHA-256 (hex) of every list, list of lists and bare certificate this trust was built from."""
        return tuple(dict.fromkeys(digest for digest in (*(s.sha256 for s in self.states), *self.given) if digest))

    def state(self, at: datetime) -> TrustState:
        """Return the state of the worst list; GIVEN when there are only bare certificates."""
        conditions = {state.condition(at) for state in self.states}
        for worst in (TrustState.MISSING, TrustState.STALE, TrustState.FRESH):
            if worst in conditions:
                return worst
        return TrustState.GIVEN if self.given else TrustState.MISSING

    def is_anchor(self, certificate: Certificate, *, purpose: Purpose, at: datetime) -> bool:
        """Whether its name and key are trusted for the purpose at that moment."""
        anchor = self._anchor(certificate)
        return anchor is not None and anchor.trusted_for(purpose, at)

    def anchors_named(self, subject: NameKey, *, purpose: Purpose, at: datetime) -> tuple[Certificate, ...]:
        """Return the certificates of every anchor with that name, trusted for the purpose at that moment."""
        return tuple(
            Certificate.from_der(der)
            for anchor in self._by_name.get(subject, ())
            if anchor.trusted_for(purpose, at)
            for der in anchor.certificates
        )

    def ocsp_anchors(self, *, at: datetime) -> tuple[Certificate, ...]:
        """Return the certificate of every OCSP responder trusted at that moment."""
        return tuple(
            Certificate.from_der(der)
            for anchor in self._responders
            if anchor.trusted_for(Purpose.OCSP, at)
            for der in anchor.certificates
        )

    def stamp_unit_qualified(
        self,
        certificate: Certificate,
        path: Sequence[Certificate],
        *,
        at: datetime,
        judged_at: datetime | None = None,
    ) -> bool | None:
        """Whether the unit, or an authority on its path, was a granted QTST service at that moment.

        None when the list concerned is missing, or stale at `judged_at` and issued before that moment, or when there
        are no lists at all.
        """
        listings = [
            listing
            for one in dict.fromkeys((certificate, *path))
            for listing in self._listings(one)
            if listing.period.kind is ServiceKind.TSA_QTST and not listing.period.not_understood
        ]
        granted = any(one.period.covers(at) and one.period.status.qualified_at(at) for one in listings)
        if self._doubt(certificate, listings, at, judged_at) is not None:
            return None
        return granted

    def standing(
        self,
        certificate: Certificate,
        path: Sequence[Certificate],
        *,
        indication: Indication,
        signed_at: datetime,
        judged_at: datetime | None = None,
    ) -> SignatureStanding:
        """Qualify a signature: its certificate at issuance and at `signed_at`, then the matrix.

        The services are those of the first authority above the certificate that a list names as CA/QC. The result is
        undetermined when the list concerned is missing, or stale at `judged_at` and issued before `signed_at`, or when
        there are no lists at all.
        """
        listings = next(
            (
                found
                for authority in path[1:]
                if (found := [one for one in self._listings(authority) if one.period.kind is ServiceKind.CA_QC])
            ),
            [],
        )
        facts = facts_of(certificate)
        result = signature_standing(
            indication,
            status_of(facts, listings, at=certificate.not_before),
            status_of(facts, listings, at=signed_at),
        )
        doubt = self._doubt(certificate, listings, signed_at, judged_at)
        if doubt is None or result.qualification is Qualification.NOT_ADES:
            return result
        return SignatureStanding(Qualification.UNDETERMINED, (doubt,))

    def _anchor(self, certificate: Certificate) -> Anchor | None:
        digest = key_digest(certificate)
        same_name = self._by_name.get(certificate.subject_key, ())
        return next((anchor for anchor in same_name if anchor.key_sha256 == digest), None)

    def _listings(self, certificate: Certificate) -> tuple[Listing, ...]:
        anchor = self._anchor(certificate)
        return anchor.listings if anchor is not None else ()

    def _doubt(
        self, certificate: Certificate, listings: Sequence[Listing], moment: datetime, judged_at: datetime | None
    ) -> Message | None:
        """Return why the lists cannot be relied on about `moment`; None when they can.

        A stale list still holds for every moment up to its issue: the history of services only grows.
        """
        if not self.states:
            return Message.of("trust.no-lists")
        if listings:
            by_digest = {state.sha256: state for state in self.states}
            used = [by_digest[one] for one in dict.fromkeys(one.list_sha256 for one in listings) if one in by_digest]
        else:
            # A list that does not name the issuer may be older than the issuer's service, so it must be fresh.
            territory = _territory(certificate)
            used = [state for state in self.states if state.territory == territory]
        for state in used:
            if not state.sha256:
                return Message.of("trust.list-missing", territory=state.territory)
            stale = judged_at is not None and state.condition(judged_at) is TrustState.STALE
            if stale and state.issued is not None and state.issued < moment:
                return Message.of(
                    "trust.list-stale", territory=state.territory, next_update=f"{state.next_update:%Y-%m-%d}"
                )
        return None


def _territory(certificate: Certificate) -> str:
    """Return the territory whose list would name the issuer, by its country; "" when it states none."""
    country = dict(certificate.issuer_key).get("2.5.4.6", "").upper()
    return _TERRITORY_OF_COUNTRY.get(country, country)
