"""Who is qualified, for what, and on a device: certificate and list read together."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from builders.signing.trusted_lists import (
    COMPLIANCE,
    EIDAS,
    ESEAL,
    ESIGN,
    LEGISLATION,
    QUALIFIED_BODY,
    QUALIFIED_PERSON,
    SSCD,
    WEB,
    Entry,
    ListText,
    Party,
    ServiceEntry,
    authority,
    key_usage,
    person,
    policy_set,
    qualifier,
    statement,
    types,
    uses,
    when,
)
from demo.der import sequence, tlv
from signing import Indication, Qualification
from signing.pki.trust_protocol import Purpose
from signing.trust import TrustStore, read_list

if TYPE_CHECKING:
    from datetime import datetime

    from signing.pki.certificates import Certificate

SIGNED = when("2026-03-15")
NO_DEVICE = (statement(COMPLIANCE), types(ESIGN))


@pytest.fixture(scope="module")
def ca() -> Party:
    return authority("Invented CA")


def store_of(ca: Party, *extensions: str, kind: str = "CA/QC", status: str = "granted") -> TrustStore:
    entry = Entry(status, when("2017-01-01"), kind=kind, certificates=(ca.certificate,), extensions=extensions)
    return TrustStore.of_anchors([], [read_list(ListText(services=(ServiceEntry("Service", entry),)).xml())])


def qualified(
    store: TrustStore,
    ca: Party,
    signer: Certificate,
    *,
    indication: Indication = Indication.TOTAL_PASSED,
    signed_at: datetime = SIGNED,
    judged_at: datetime | None = None,
) -> Qualification:
    path = [signer, ca.certificate]
    return store.standing(signer, path, indication=indication, signed_at=signed_at, judged_at=judged_at).qualification


@pytest.mark.parametrize(
    ("statements", "body", "expected"),
    [
        (QUALIFIED_PERSON, False, Qualification.QESIG),
        (NO_DEVICE, False, Qualification.ADESIG_QC),
        ((types(ESIGN), statement(SSCD)), False, Qualification.ADESIG),
        ((), False, Qualification.ADESIG),
        (QUALIFIED_BODY, True, Qualification.QESEAL),
        ((statement(COMPLIANCE), types(ESEAL)), True, Qualification.ADESEAL_QC),
        ((types(ESEAL),), True, Qualification.ADESEAL),
        ((statement(COMPLIANCE), statement(SSCD), types(WEB)), True, Qualification.ADES),
        ((), True, Qualification.ADES),
    ],
)
def test_the_matrix(ca: Party, statements: tuple[bytes, ...], *, body: bool, expected: Qualification) -> None:
    signer = person(ca, since="2025-01-01", statements=statements, body=body)
    assert qualified(store_of(ca), ca, signer) is expected


def test_a_signature_that_failed_is_nothing_in_law_and_one_in_doubt_is_undetermined(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=QUALIFIED_PERSON)
    store = store_of(ca)
    assert qualified(store, ca, signer, indication=Indication.TOTAL_FAILED) is Qualification.NOT_ADES
    assert qualified(store, ca, signer, indication=Indication.INDETERMINATE) is Qualification.UNDETERMINED


def test_an_authority_that_is_listed_but_not_for_qualified_certificates_qualifies_nobody(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=QUALIFIED_PERSON)
    store = store_of(ca, kind="CA/PKC", status="recognisedatnationallevel")
    assert store.is_anchor(ca.certificate, purpose=Purpose.SIGNER, at=SIGNED)
    assert qualified(store, ca, signer) is Qualification.ADESIG


def test_an_authority_on_no_list_qualifies_nobody_however_loudly_its_certificates_say_so() -> None:
    stranger, listed = authority("Stranger"), authority("Listed")
    signer = person(stranger, since="2025-01-01", statements=QUALIFIED_PERSON)
    assert qualified(store_of(listed), stranger, signer) is Qualification.ADESIG


def test_another_authority_of_the_same_name_is_not_the_listed_one() -> None:
    real, impostor = authority("CA"), authority("CA")
    store = store_of(real)
    assert not store.is_anchor(impostor.certificate, purpose=Purpose.SIGNER, at=SIGNED)
    signer = person(impostor, since="2025-01-01", statements=QUALIFIED_PERSON)
    assert qualified(store, impostor, signer) is Qualification.ADESIG


def test_a_renewed_certificate_of_the_same_name_and_key_is_the_same_authority() -> None:
    first, renewed = authority("CA", key=5), authority("CA", since="2020-01-01", key=5)
    store = store_of(first)
    assert store.is_anchor(renewed.certificate, purpose=Purpose.SIGNER, at=SIGNED)
    signer = person(renewed, since="2025-01-01", statements=QUALIFIED_PERSON)
    assert qualified(store, renewed, signer) is Qualification.QESIG


def test_a_latvian_certificate_without_a_device_statement_has_its_device_from_the_list(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=NO_DEVICE)
    assert qualified(store_of(ca, qualifier("QCWithQSCD")), ca, signer) is Qualification.QESIG


def test_a_list_can_take_the_device_away(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=QUALIFIED_PERSON)
    assert qualified(store_of(ca, qualifier("QCNoQSCD")), ca, signer) is Qualification.ADESIG_QC


def test_a_list_that_says_both_leaves_it_open(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=QUALIFIED_PERSON)
    store = store_of(ca, qualifier("QCNoQSCD"), qualifier("QCWithQSCD"))
    assert qualified(store, ca, signer) is Qualification.UNDETERMINED


@pytest.mark.parametrize(
    ("issued", "expected"), [("2015-06-01", Qualification.QESIG), ("2018-06-01", Qualification.ADESIG_QC)]
)
def test_words_about_sscds_are_for_certificates_issued_before_eidas(issued: str, expected: Qualification) -> None:
    ca = authority("Old CA")
    extensions = (qualifier("QCWithSSCD", "QCStatement"), uses("ForeSignatures"))
    entries = (
        Entry("granted", EIDAS, certificates=(ca.certificate,), extensions=extensions),
        (Entry("accredited", when("2014-01-01"), extensions=extensions),),
    )
    store = TrustStore.of_anchors([], [read_list(ListText(services=(ServiceEntry("Old CA", *entries),)).xml())])
    signer = person(ca, since=issued, statements=NO_DEVICE)
    assert qualified(store, ca, signer, signed_at=when("2019-01-01")) is expected


def test_policies_of_the_directive_qualify_certificates_issued_under_it() -> None:
    ca = authority("Old CA")
    current = Entry("granted", EIDAS, certificates=(ca.certificate,))
    history = (Entry("accredited", when("2010-01-01")),)
    store = TrustStore.of_anchors([], [read_list(ListText(services=(ServiceEntry("Old CA", current, history),)).xml())])
    on_device = person(ca, since="2014-01-01", policies=["0.4.0.1456.1.1"])
    without = person(ca, since="2014-01-01", policies=["0.4.0.1456.1.2"])
    too_late = person(ca, since="2018-01-01", policies=["0.4.0.1456.1.1"])
    assert [qualified(store, ca, one, signed_at=when("2018-06-01")) for one in (on_device, without, too_late)] == [
        Qualification.QESIG,
        Qualification.ADESIG_QC,
        Qualification.ADESIG,
    ]


@pytest.mark.parametrize(
    ("words", "statements", "expected"),
    [
        (("QCStatement", "QCForESig", "QCWithQSCD"), (), Qualification.QESIG),
        (("NotQualified",), QUALIFIED_PERSON, Qualification.ADESIG),
        (("QCStatement", "NotQualified"), QUALIFIED_PERSON, Qualification.UNDETERMINED),
        (("QCForESeal",), QUALIFIED_PERSON, Qualification.QESEAL),
        (("QCForLegalPerson",), (statement(COMPLIANCE), statement(SSCD)), Qualification.QESEAL),
        (("QCForESig", "QCForESeal"), QUALIFIED_PERSON, Qualification.UNKNOWN_QC_QSCD),
        (("QCQSCDStatusAsInCert",), QUALIFIED_PERSON, Qualification.QESIG),
        (("QCQSCDManagedOnBehalf",), NO_DEVICE, Qualification.QESIG),
        (("SomethingNew",), QUALIFIED_PERSON, Qualification.QESIG),
    ],
)
def test_a_qualifier_overrides_the_certificate(
    ca: Party, words: tuple[str, ...], statements: tuple[bytes, ...], expected: Qualification
) -> None:
    signer = person(ca, since="2025-01-01", statements=statements)
    assert qualified(store_of(ca, qualifier(*words)), ca, signer) is expected


NESTED = f'<ecc:CriteriaList assert="none">{key_usage(digitalSignature=True)}</ecc:CriteriaList>'
OTHER = "<ecc:otherCriteriaList>{}</ecc:otherCriteriaList>"
IDENTIFIER = "<xades:Identifier>{}</xades:Identifier>"
SURNAME = f"<add:CertSubjectDNAttribute><add:AttributeOID>{IDENTIFIER}</add:AttributeOID></add:CertSubjectDNAttribute>"
PURPOSE = f"<add:ExtendedKeyUsage><add:KeyPurposeId>{IDENTIFIER}</add:KeyPurposeId></add:ExtendedKeyUsage>"


@pytest.mark.parametrize(
    ("criteria", "assertion", "expected"),
    [
        (key_usage(nonRepudiation=True, digitalSignature=False), "all", Qualification.QESIG),
        (key_usage(nonRepudiation=True, digitalSignature=True), "all", Qualification.ADESIG_QC),
        (key_usage(digitalSignature=True) + key_usage(nonRepudiation=True), "atLeastOne", Qualification.QESIG),
        (key_usage(digitalSignature=True) + key_usage(nonRepudiation=True), "all", Qualification.ADESIG_QC),
        (key_usage(digitalSignature=True), "none", Qualification.QESIG),
        (policy_set("1.3.6.1.4.1.99999.1"), "all", Qualification.QESIG),
        (policy_set("urn:oid:1.3.6.1.4.1.99999.1"), "all", Qualification.QESIG),
        (policy_set("1.3.6.1.4.1.99999.1", "1.3.6.1.4.1.99999.2"), "all", Qualification.ADESIG_QC),
        (NESTED, "all", Qualification.QESIG),
        (OTHER.format(SURNAME.format("2.5.4.4")), "all", Qualification.QESIG),
        (OTHER.format(SURNAME.format("2.5.4.97")), "all", Qualification.ADESIG_QC),
        (OTHER.format(PURPOSE.format("1.2.3")), "all", Qualification.ADESIG_QC),
        (OTHER.format("<add:NeverHeardOf/>"), "all", Qualification.UNDETERMINED),
        (OTHER.format("<add:NeverHeardOf/>") + key_usage(digitalSignature=True), "all", Qualification.ADESIG_QC),
        (key_usage(nonRepudiation=True), "most", Qualification.UNDETERMINED),
    ],
)
def test_criteria_decide_which_certificates_a_qualifier_is_about(
    ca: Party, criteria: str, assertion: str, expected: Qualification
) -> None:
    signer = person(ca, since="2025-01-01", statements=NO_DEVICE, policies=["1.3.6.1.4.1.99999.1"])
    store = store_of(ca, qualifier("QCWithQSCD", criteria=criteria, assertion=assertion))
    assert qualified(store, ca, signer) is expected


def test_a_service_for_seals_does_not_qualify_a_signature(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=QUALIFIED_PERSON)
    assert qualified(store_of(ca, uses("ForeSeals")), ca, signer) is Qualification.ADESIG
    assert qualified(store_of(ca, uses("ForeSeals"), uses("ForeSignatures")), ca, signer) is Qualification.QESIG


def test_a_critical_extension_nobody_knows_takes_the_window_away(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=QUALIFIED_PERSON)
    store = store_of(ca, '<Extension Critical="true"><add:Unheard/></Extension>')
    assert not store.is_anchor(ca.certificate, purpose=Purpose.SIGNER, at=SIGNED)
    assert qualified(store, ca, signer) is Qualification.ADESIG
    assert "Unheard" in store.lists[0].remarks[0]


def test_a_certificate_under_another_law_is_not_qualified_in_the_eu(ca: Party) -> None:
    swiss = statement(LEGISLATION, sequence(tlv(0x13, b"CH")))
    signer = person(ca, since="2025-01-01", statements=[*QUALIFIED_PERSON, swiss])
    assert qualified(store_of(ca), ca, signer) is Qualification.ADESIG


def test_a_certificate_whose_statements_are_garbage_is_undetermined(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=[b"\x30\x82\xff\xff"])
    assert qualified(store_of(ca), ca, signer) is Qualification.UNDETERMINED


def test_without_lists_nobody_can_say_what_is_qualified(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=QUALIFIED_PERSON)
    assert qualified(TrustStore.of_anchors([ca.certificate]), ca, signer) is Qualification.UNDETERMINED


def test_a_stale_list_tells_the_truth_up_to_its_issue_and_nothing_after(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=QUALIFIED_PERSON)
    store, later = store_of(ca), when("2026-12-01")
    assert qualified(store, ca, signer, signed_at=when("2026-02-20"), judged_at=later) is Qualification.QESIG
    assert qualified(store, ca, signer, signed_at=when("2026-04-20"), judged_at=later) is Qualification.UNDETERMINED
    assert (
        qualified(store, ca, signer, signed_at=when("2026-04-20"), judged_at=when("2026-05-01")) is Qualification.QESIG
    )


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("TSA/QTST", "granted", True),
        ("TSA/QTST", "withdrawn", False),
        ("TSA/TSS-QC", "recognisedatnationallevel", False),
        ("CA/QC", "granted", False),
    ],
)
def test_a_stamp_is_qualified_only_by_a_granted_service_for_qualified_stamps(
    kind: str, status: str, *, expected: bool
) -> None:
    unit = authority("Stamping unit").certificate
    entry = Entry(status, when("2021-01-22"), kind=kind, certificates=(unit,))
    store = TrustStore.of_anchors([], [read_list(ListText(services=(ServiceEntry("TSA", entry),)).xml())])
    assert store.stamp_unit_qualified(unit, [unit], at=SIGNED) is expected
    assert store.stamp_unit_qualified(unit, [unit], at=when("2020-01-01")) is False
    stranger = authority("Unlisted unit").certificate
    assert store.stamp_unit_qualified(stranger, [stranger], at=SIGNED) is False


def test_a_store_survives_the_way_to_another_process(ca: Party) -> None:
    signer = person(ca, since="2025-01-01", statements=NO_DEVICE)
    store = pickle.loads(pickle.dumps(store_of(ca, qualifier("QCWithQSCD"))))  # noqa: S301 - our own bytes
    assert qualified(store, ca, signer) is Qualification.QESIG
    assert store.is_anchor(ca.certificate, purpose=Purpose.SIGNER, at=SIGNED)


def test_a_list_too_old_for_a_stamp_does_not_say_that_its_unit_is_not_qualified(ca: Party) -> None:
    """The unit may stand on the next one: services come between two issues."""
    store, unit = store_of(ca), authority("New stamping unit").certificate
    later = when("2026-12-01")
    assert store.stamp_unit_qualified(unit, [unit], at=when("2026-04-20"), judged_at=later) is None
    assert store.stamp_unit_qualified(unit, [unit], at=when("2026-02-20"), judged_at=later) is False
    assert store.stamp_unit_qualified(unit, [unit], at=when("2026-04-20"), judged_at=when("2026-05-01")) is False
