"""Whom a certificate names: one person, or nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from signing.model import Identity
from signing.pki.certificate_files import load_certificates

LATVIAN = Identity("PNO", "LV", "32000000202")


def identity_in(*serial_numbers: str) -> Identity | None:
    """Read whom a certificate with these serialNumbers names."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "JĀNIS MĒĢINĀTĀJS"),
            *(x509.NameAttribute(NameOID.SERIAL_NUMBER, one) for one in serial_numbers),
        ]
    )
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begun, begun + timedelta(days=900))
    made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    (certificate,) = load_certificates(made)
    return certificate.signer().identity


@pytest.mark.parametrize(
    ("serial_numbers", "expected"),
    [
        (("PNOLV-320000-00202",), LATVIAN),
        (("PNOLV-32000000202", "pnolv-320000-00202"), LATVIAN),
        (("PASLV-320000-00202",), Identity("PAS", "LV", "32000000202")),
        (("IDCLV-320000-00202",), Identity("IDC", "LV", "32000000202")),
        (("TINLV-320000-00202",), Identity("TIN", "LV", "32000000202")),
        (("PNOEE-320000-00202",), Identity("PNO", "EE", "32000000202")),
        (("320000-00202",), Identity("PNO", "", "32000000202")),
        (("NTRLV-32000000202",), None),
        ((), None),
    ],
)
def test_kind_country_and_digits_are_all_read_and_none_is_guessed(
    serial_numbers: tuple[str, ...], expected: Identity | None
) -> None:
    assert identity_in(*serial_numbers) == expected


@pytest.mark.parametrize("other", ["PNOLV-320000-00909", "PNOEE-32000000202", "320000-00202"])
def test_two_codes_in_one_certificate_name_nobody_in_whatever_order(other: str) -> None:
    assert identity_in("PNOLV-320000-00202", other) is None
    assert identity_in(other, "PNOLV-320000-00202") is None


def test_the_number_of_a_card_beside_a_code_hides_nobody() -> None:
    assert identity_in("card 0815", "PNOLV-320000-00202") == LATVIAN
