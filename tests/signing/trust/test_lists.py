"""Lists that lie: signed by nobody announced, partly, twice, too late, by another state; or not to be had at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from builders.signing.trusted_lists import (
    EIDAS,
    QUALIFIED_PERSON,
    Entry,
    ListText,
    Party,
    ServiceEntry,
    authority,
    person,
    pointer,
    sign,
    when,
)
from signing import Indication, Qualification, TrustState
from signing.pki.trust_protocol import Purpose
from signing.trust import SupersededList, TrustStore, UnreadableList, UnverifiedList, load_lotl, read_list, verify_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOW = when("2026-04-01")
LATVIA, ESTONIA = "https://lv.example/list.xml", "https://ee.example/list.xml"


@pytest.fixture(scope="module")
def operator() -> Party:
    return authority("Operator")


@pytest.fixture(scope="module")
def ca() -> Party:
    return authority("Invented CA")


@pytest.fixture(scope="module")
def text(ca: Party) -> ListText:
    return ListText(services=(ServiceEntry("CA", Entry("granted", EIDAS, certificates=(ca.certificate,))),))


def test_a_list_signed_by_its_announced_operator_is_taken(text: ListText, operator: Party) -> None:
    trusted_list = verify_list(sign(text.xml(), operator), [operator.certificate], at=NOW)
    assert (trusted_list.territory, trusted_list.sequence, len(trusted_list.services)) == ("LV", 7, 1)
    assert trusted_list.services[0].provider == "Invented provider"


def test_a_list_signed_by_a_certificate_that_only_stands_in_the_file_is_refused(
    text: ListText, operator: Party
) -> None:
    impostor = authority("Operator")
    with pytest.raises(UnverifiedList, match=r"list\.signer-not-announced"):
        verify_list(sign(text.xml(), impostor), [operator.certificate], at=NOW)


def test_a_list_altered_after_signing_is_refused(text: ListText, operator: Party) -> None:
    altered = sign(text.xml(), operator).replace(b"Svcstatus/granted", b"Svcstatus/accredited")
    with pytest.raises(UnverifiedList, match=r"list\.signature-broken"):
        verify_list(altered, [operator.certificate], at=NOW)


def test_an_unsigned_list_is_refused(text: ListText, operator: Party) -> None:
    with pytest.raises(UnverifiedList, match=r"list\.signature-misplaced"):
        verify_list(text.xml(), [operator.certificate], at=NOW)


def test_a_list_wrapped_in_another_is_refused(text: ListText, operator: Party) -> None:
    """Signature wrapping: the signed list hides inside, the outer one is the attacker's."""
    signed = sign(text.xml(), operator)
    inner = signed[signed.index(b"<TrustServiceStatusList") :]
    outer = ListText(sequence=9).xml().replace(b"</TrustServiceStatusList>", inner + b"</TrustServiceStatusList>")
    with pytest.raises(UnverifiedList, match=r"list\.signature-misplaced"):
        verify_list(outer, [operator.certificate], at=NOW)


def test_a_signature_moved_up_with_its_reference_pointing_inside_is_refused(text: ListText, operator: Party) -> None:
    signed = sign(text.xml(), operator)
    start, end = signed.index(b"<ds:Signature "), signed.index(b"</ds:Signature>") + len(b"</ds:Signature>")
    signature = signed[start:end]
    inner = re.sub(rb"<\?xml.*?\?>", b"", signed[:start] + signed[end:])
    root = ListText(sequence=9).xml().replace(b'Id="list"', b'Id="other"')
    wrapped = root.replace(
        b"</TrustServiceStatusList>", b"<X>" + inner + b"</X>" + signature + b"</TrustServiceStatusList>"
    )
    with pytest.raises(UnverifiedList, match=r"list\.partly-signed"):
        verify_list(wrapped, [operator.certificate], at=NOW)


def test_a_second_signature_anywhere_is_refused(text: ListText, operator: Party) -> None:
    signed = sign(text.xml(), operator)
    signature = signed[signed.index(b"<ds:Signature ") : signed.index(b"</ds:Signature>") + len(b"</ds:Signature>")]
    with pytest.raises(UnverifiedList, match=r"list\.signature-misplaced"):
        verify_list(signed.replace(b"<TSPServices>", signature + b"<TSPServices>"), [operator.certificate], at=NOW)


def test_a_list_from_the_future_is_refused(text: ListText, operator: Party) -> None:
    with pytest.raises(UnverifiedList, match=r"list\.issued-in-future"):
        verify_list(sign(text.xml(), operator), [operator.certificate], at=when("2026-02-01"))


def test_a_document_type_is_refused_with_its_entities_unread(text: ListText) -> None:
    bomb = text.xml().replace(
        b"?>\n", b'?><!DOCTYPE TrustServiceStatusList [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>', 1
    )
    with pytest.raises(UnreadableList, match=r"list\.document-type"):
        read_list(bomb)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "list.not-xml"),
        (b"<html/>", "list.not-a-trusted-list"),
        (b"\x00" * (41 * 1024 * 1024), "list.too-large"),
        (ListText(version=4).xml(), "list.version-unknown"),
        (ListText().xml().replace(b"<TSLSequenceNumber>7", b"<TSLSequenceNumber>seven"), "list.incomplete"),
        (ListText().xml().replace(b"ListIssueDateTime>", b"Whenever>"), "list.incomplete"),
    ],
    ids=["empty", "a page", "too large", "an old version", "no number", "no date"],
)
def test_what_is_no_list_of_ours_to_read_is_refused_by_name(xml: bytes, code: str) -> None:
    with pytest.raises(UnreadableList, match=re.escape(code)):
        read_list(xml)


def test_an_unreadable_certificate_costs_its_entry_and_not_the_list(ca: Party) -> None:
    entry = Entry("granted", EIDAS, certificates=(ca.certificate,))
    xml = ListText(services=(ServiceEntry("A", entry), ServiceEntry("B", entry))).xml()
    trusted_list = read_list(xml.replace(b"<X509Certificate>MII", b"<X509Certificate>XXX", 1))
    assert [len(service.periods[0].certificates) for service in trusted_list.services] == [0, 1]
    assert "cannot be read" in trusted_list.remarks[0]


# The list of lists


def lotl_text(operator: Party, *pointers: str, sequence: int = 300, uris: tuple[str, ...] = ()) -> ListText:
    """A list of lists that announces `operator` as its own next signer."""
    itself = pointer("https://eu.example/lotl.xml", [operator.certificate], territory="EU", kind="EUlistofthelists")
    return ListText(kind="EUlistofthelists", territory="EU", sequence=sequence, pointers=(itself, *pointers), uris=uris)


def fetcher(served: Mapping[str, bytes]) -> Callable[[str], bytes]:
    def fetch(address: str) -> bytes:
        if address not in served:
            raise ConnectionError(f"nobody answers at {address}")
        return served[address]

    return fetch


def test_a_national_list_that_cannot_be_had_is_missing_and_says_so_and_the_others_count(
    text: ListText, ca: Party
) -> None:
    operator, latvian, estonian = authority("EU"), authority("LV"), authority("EE")
    lotl = lotl_text(
        operator,
        pointer(LATVIA, [latvian.certificate]),
        pointer(ESTONIA, [estonian.certificate], territory="EE"),
        pointer("https://lv.example/list.pdf", [latvian.certificate], media_type="application/pdf"),
    )
    served = fetcher({LATVIA: sign(text.xml(), latvian)})
    store = load_lotl(sign(lotl.xml(), operator), signers=[operator.certificate], fetch=served, at=NOW)
    states = {state.territory: state.condition(NOW) for state in store.states}
    assert states == {"EU": TrustState.FRESH, "LV": TrustState.FRESH, "EE": TrustState.MISSING}
    assert store.state(NOW) is TrustState.MISSING
    missing = store.states[2]
    assert missing.problem is not None
    assert "nobody answers" in missing.problem.params["error"]
    assert store.is_anchor(ca.certificate, purpose=Purpose.SIGNER, at=NOW)


def test_a_signature_whose_country_has_no_list_today_is_undetermined_never_unqualified(
    text: ListText, ca: Party
) -> None:
    operator, latvian = authority("EU"), authority("LV")
    lotl = sign(lotl_text(operator, pointer(LATVIA, [latvian.certificate])).xml(), operator)
    signers = [operator.certificate]
    signer = person(ca, since="2025-01-01", statements=QUALIFIED_PERSON)

    def standing(store: TrustStore) -> Qualification:
        path = [signer, ca.certificate]
        return store.standing(signer, path, indication=Indication.TOTAL_PASSED, signed_at=NOW).qualification

    without = load_lotl(lotl, signers=signers, fetch=fetcher({}), at=NOW)
    assert standing(without) is Qualification.UNDETERMINED
    assert without.stamp_unit_qualified(ca.certificate, [ca.certificate], at=NOW) is None
    served = fetcher({LATVIA: sign(text.xml(), latvian)})
    assert standing(load_lotl(lotl, signers=signers, fetch=served, at=NOW)) is Qualification.QESIG


def test_the_last_good_copy_is_kept_with_its_reason_when_the_next_one_is_broken(text: ListText, ca: Party) -> None:
    operator, latvian = authority("EU"), authority("LV")
    lotl = sign(lotl_text(operator, pointer(LATVIA, [latvian.certificate])).xml(), operator)
    signed = sign(text.xml(), latvian)
    good = load_lotl(lotl, signers=[operator.certificate], fetch=fetcher({LATVIA: signed}), at=NOW)
    broken = fetcher({LATVIA: signed.replace(b"Invented provider", b"Someone else")})
    later = when("2026-08-15")
    store = load_lotl(lotl, signers=[operator.certificate], fetch=broken, at=later, previous=good)
    kept = store.states[1]
    assert kept.problem is not None
    assert (kept.source, kept.problem.code) == ("previous", "list.signature-broken")
    assert (kept.condition(NOW), kept.condition(later)) == (TrustState.FRESH, TrustState.STALE)
    assert store.is_anchor(ca.certificate, purpose=Purpose.SIGNER, at=later)


def test_a_list_of_another_state_in_the_place_of_ones_own_is_refused() -> None:
    operator, one = authority("EU"), authority("Signs for two states")
    lotl = lotl_text(operator, pointer(LATVIA, [one.certificate]))
    served = fetcher({LATVIA: sign(ListText(territory="EE").xml(), one)})
    store = load_lotl(sign(lotl.xml(), operator), signers=[operator.certificate], fetch=served, at=NOW)
    assert store.states[1].problem is not None
    assert store.states[1].problem.code == "list.of-another-territory"


def test_one_states_operator_cannot_sign_the_list_of_another(text: ListText) -> None:
    operator, latvian, estonian = authority("EU"), authority("LV"), authority("EE")
    announced = (
        pointer(LATVIA, [latvian.certificate]),
        pointer(ESTONIA, [estonian.certificate], territory="EE"),
    )
    served = fetcher({LATVIA: sign(text.xml(), estonian)})
    lotl = sign(lotl_text(operator, *announced).xml(), operator)
    store = load_lotl(lotl, signers=[operator.certificate], fetch=served, at=NOW)
    assert store.states[1].territory == "LV"
    assert store.states[1].problem is not None
    assert store.states[1].problem.code == "list.signer-not-announced"
    assert store.states[1].condition(NOW) is TrustState.MISSING


def test_a_list_of_lists_cannot_be_played_back_to_an_older_one() -> None:
    operator = authority("EU")
    newer, older = (sign(lotl_text(operator, sequence=number).xml(), operator) for number in (301, 300))
    known = load_lotl(newer, signers=[operator.certificate], fetch=fetcher({}), at=NOW)
    with pytest.raises(SupersededList):
        load_lotl(older, signers=[operator.certificate], fetch=fetcher({}), at=NOW, previous=known)


def test_a_national_list_cannot_stand_in_for_the_list_of_lists(text: ListText) -> None:
    operator = authority("EU")
    with pytest.raises(UnverifiedList, match=r"list\.not-a-list-of-lists"):
        load_lotl(sign(text.xml(), operator), signers=[operator.certificate], fetch=fetcher({}), at=NOW)


def test_pivots_lead_from_the_announced_signers_to_todays() -> None:
    """The Official Journal announced A; A's pivot announces B; B's pivot announces C, who signs today's list."""
    a, b, c = authority("A"), authority("B"), authority("C")
    first, second = "https://eu.example/lotl-pivot-100.xml", "https://eu.example/lotl-pivot-200.xml"
    served = fetcher(
        {
            first: sign(lotl_text(b, sequence=100).xml(), a),
            second: sign(lotl_text(c, sequence=200, uris=(first,)).xml(), b),
        }
    )
    today = sign(lotl_text(c, sequence=300, uris=("https://eu.example/journal", second, first)).xml(), c)
    store = load_lotl(today, signers=[a.certificate], fetch=served, at=NOW)
    assert store.states[0].sequence == 300


def test_a_pivot_nobody_trusted_signed_leads_nowhere() -> None:
    a, stranger = authority("A"), authority("Stranger")
    address = "https://eu.example/lotl-pivot-100.xml"
    served = fetcher({address: sign(lotl_text(stranger, sequence=100).xml(), stranger)})
    today = sign(lotl_text(stranger, sequence=300, uris=(address,)).xml(), stranger)
    with pytest.raises(UnverifiedList, match=r"list\.signer-not-announced"):
        load_lotl(today, signers=[a.certificate], fetch=served, at=NOW)
