"""Certificate extensions, encoded with `cryptography` and passed to certomancer as DER, so one library reads them."""

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ObjectIdentifier

from demo.der import ia5, oid, printable, sequence

__all__ = ["ARCH", "der_extension", "extension", "policies", "qualified", "usage", "where_to_ask"]

#: The first part of every path the authorities are reached at.
ARCH = "demo"

_QC = "0.4.0.1862.1."
#: ETSI EN 319 412-5 §4.2 and §4.3; semantics identifiers of EN 319 412-1 §5.1.
QC_COMPLIANCE, QC_SSCD, QC_PDS, QC_TYPE = f"{_QC}1", f"{_QC}4", f"{_QC}5", f"{_QC}6"
QC_ESIGN, QC_ESEAL = f"{_QC}6.1", f"{_QC}6.2"
SEMANTICS = "1.3.6.1.5.5.7.11.2"
NATURAL, LEGAL = "0.4.0.194121.1.1", "0.4.0.194121.1.2"
_QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"


def der_extension(identifier: str, der: bytes, *, critical: bool = False) -> dict[str, object]:
    """Certomancer's wording for an extension whose value is DER already."""
    return {"id": identifier, "critical": critical, "smart-value": {"schema": "der-bytes", "params": der.hex()}}


def extension(value: x509.ExtensionType, *, critical: bool = False) -> dict[str, object]:
    """The same for one that `cryptography` knows."""
    return der_extension(value.oid.dotted_string, value.public_bytes(), critical=critical)


def usage(*bits: str) -> dict[str, object]:
    """Key usage; `content_commitment` is what older texts call nonRepudiation."""
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return extension(x509.KeyUsage(**{name: name in bits for name in names}), critical=True)


def where_to_ask(base_url: str, issuer: str, *, ocsp: bool = True) -> list[dict[str, object]]:
    """Authority information access and CRL distribution point of what `issuer` issues."""
    access = [
        x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS,
            x509.UniformResourceIdentifier(f"{base_url}/{ARCH}/certs/{issuer}/ca.crt"),
        )
    ]
    if ocsp:
        access.append(
            x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP,
                x509.UniformResourceIdentifier(f"{base_url}/{ARCH}/ocsp/{issuer}"),
            )
        )
    crl = x509.UniformResourceIdentifier(f"{base_url}/{ARCH}/crls/{issuer}/latest.crl")
    return [
        extension(x509.AuthorityInformationAccess(access)),
        extension(x509.CRLDistributionPoints([x509.DistributionPoint([crl], None, None, None)])),
    ]


def policies(base_url: str, *dotted: str) -> dict[str, object]:
    """Certificate policies, each with the address of a practice statement."""
    statement = f"{base_url}/repository"
    return extension(
        x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(each), [statement]) for each in dotted])
    )


def qualified(base_url: str, *, device: bool, seal: bool) -> dict[str, object]:
    """QcStatements of ETSI EN 319 412-5 with the semantics identifier of EN 319 412-1."""
    statements = [sequence(oid(QC_COMPLIANCE))]
    if device:
        statements.append(sequence(oid(QC_SSCD)))
    statements.append(sequence(oid(QC_TYPE), sequence(oid(QC_ESEAL if seal else QC_ESIGN))))
    location = sequence(ia5(f"{base_url.replace('http://', 'https://')}/pds"), printable("en"))
    statements.append(sequence(oid(QC_PDS), sequence(location)))
    statements.append(sequence(oid(SEMANTICS), sequence(oid(LEGAL if seal else NATURAL))))
    return der_extension(_QC_STATEMENTS, sequence(*statements))
