"""What the demo PKI consists of: authorities, certificates and their extensions, as one configuration for certomancer.

                     DEMO LV Root CA (RSA)
      ┌───────────────┬──────┴─────────┬──────────────────┐
 eid (P-384)   eparaksts (RSA)   old (RSA, withdrawn)   tsa, tsa-plain
 head, user-2…  user, seal…       withdrawn

 unlisted (own root): unqualified, tsa-unlisted       ee (own root, Estonian list): estonian, no-code

Shapes follow the certificates of LVRTC's demo service (LV eID ICA 2021) and ETSI EN 319 412-2, -3 and -5.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from demo.pki._extensions import der_extension, extension, policies, qualified, usage, where_to_ask
from demo.pki.people import PEOPLE, Person

__all__ = ["AUTHORITIES", "KEYS", "STAMP_UNITS", "KeyKind", "configuration", "responder_label", "serial_of"]

KeyKind = Literal["p384", "rsa2048", "rsa3072"]

_OPERATORS = {
    "LV": {"organization-name": "Demo uzticamības pakalpojumi", "organization-identifier": "NTRLV-90000000001"},
    "EE": {"organization-name": "Demo EE trust services", "organization-identifier": "NTREE-90000002"},
}

#: Policies an authority writes into its persons' certificates. 0.4.0.194112.1.2 is QCP-n-qscd, .0 QCP-n, .3 QCP-l-qscd;
#: 2.999 is the arc reserved for examples.
QCP_N, QCP_N_QSCD, QCP_L_QSCD = "0.4.0.194112.1.0", "0.4.0.194112.1.2", "0.4.0.194112.1.3"
IN_DEVICE, IN_SOFTWARE, PLAIN = "2.999.1.1", "2.999.1.2", "2.999.1.3"

_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"
_TSL_SIGNING = ObjectIdentifier("0.4.0.2231.3.0")

_FOREVER = (datetime(2011, 1, 1, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certification authority and the names it is known by."""

    label: str
    common_name: str
    issuer: str
    key: KeyKind
    since: datetime = _FOREVER[0]
    until: datetime = _FOREVER[1]
    country: str = "LV"


AUTHORITIES: tuple[Authority, ...] = (
    Authority(label="root", common_name="DEMO LV Root CA", issuer="root", key="rsa3072"),
    Authority(
        label="eid",
        common_name="DEMO LV eID ICA 2021",
        issuer="root",
        key="p384",
        since=datetime(2021, 3, 1, tzinfo=UTC),
        until=datetime(2041, 3, 1, tzinfo=UTC),
    ),
    Authority(
        label="eparaksts",
        common_name="DEMO eParaksts ICA 2021",
        issuer="root",
        key="rsa3072",
        since=datetime(2021, 3, 1, tzinfo=UTC),
        until=datetime(2041, 3, 1, tzinfo=UTC),
    ),
    Authority(
        label="old",
        common_name="DEMO eParaksts ICA 2012",
        issuer="root",
        key="rsa2048",
        since=datetime(2012, 5, 1, tzinfo=UTC),
        until=datetime(2041, 3, 1, tzinfo=UTC),
    ),
    Authority(label="unlisted", common_name="DEMO unlisted CA", issuer="unlisted", key="rsa2048"),
    Authority(label="ee", common_name="DEMO EE Qualified CA", issuer="ee", key="p384", country="EE"),
)

#: Time-stamping units: listed and qualified; listed as not qualified; on no list.
STAMP_UNITS = {
    "tsa": ("DEMO eParaksts TSA 2024", "root"),
    "tsa-plain": ("DEMO plain TSA 2024", "root"),
    "tsa-unlisted": ("DEMO unlisted TSA", "unlisted"),
}
#: Who signs lists: two announced signers for Latvia as in reality, one for the other lists, and one nobody announced.
LIST_SIGNERS = ("list-lv", "list-lv-next", "list-ee", "lotl", "list-impostor")

_IN_RSA = {"user", "deputy", "municipality-user", "software", "withdrawn", "seal", "unqualified", "renamed", "advanced"}
_ISSUER = {
    "user": "eparaksts",
    "deputy": "eparaksts",
    "municipality-user": "eparaksts",
    "software": "eparaksts",
    "advanced": "eparaksts",
    "seal": "eparaksts",
    "renamed": "eparaksts",
    "withdrawn": "old",
    "unqualified": "unlisted",
    "estonian": "ee",
    "no-code": "ee",
}
_DAYS_VALID = {"expired": (-1155, -60), "withdrawn": (-1000, 700)}
_REVOKED = {
    "revoked": (-30, "key_compromise"),
    "suspended": (-20, "certificate_hold"),
    "revoked-later": (-1, "cessation_of_operation"),
}

KEYS: dict[str, KeyKind] = (
    {each.label: each.key for each in AUTHORITIES}
    | {f"ocsp-{each.label}": "rsa2048" for each in AUTHORITIES}
    | dict.fromkeys(STAMP_UNITS, "rsa2048")
    | dict.fromkeys(LIST_SIGNERS, "rsa2048")
    | {each.key: "rsa2048" if each.key in _IN_RSA else "p384" for each in PEOPLE}
)


def serial_of(label: str) -> int:
    """A serial number of 127 bits that a label always gets (RFC 5280 §4.1.2.2: positive, at most 20 octets)."""
    return int.from_bytes(hashlib.sha256(label.encode()).digest()[:16]) >> 1 | 1 << 126


def responder_label(authority: str, at: datetime) -> str:
    """The responder's certificate that is in its (short) life at that moment: one a month, as in Latvia."""
    return f"ocsp-{authority}-{at.year}-{at.month:02d}"


def _subject(person: Person) -> dict[str, str]:
    if person.organisation:
        return {
            "country-name": person.country,
            "organization-name": person.organisation,
            "organization-identifier": f"NTRLV-{person.organisation_number}",
            "common-name": person.organisation,
        }
    code = {"serial-number": person.identity} if person.identity else {}
    return {
        "country-name": person.country,
        "common-name": person.name.upper(),
        "surname": person.surname.upper(),
        "given-name": person.given_name.upper(),
    } | code


def _validity(since: datetime, until: datetime) -> dict[str, str]:
    return {"valid-from": since.isoformat(), "valid-to": until.isoformat()}


def _person_certificate(person: Person, base_url: str, epoch: datetime) -> dict[str, object]:
    issuer = _ISSUER.get(person.key, "eid")
    seal, software = bool(person.organisation), person.key == "software"
    extensions = [
        extension(x509.BasicConstraints(ca=False, path_length=None), critical=True),
        usage("content_commitment"),
        *where_to_ask(base_url, issuer),
    ]
    if issuer == "unlisted" or person.key == "advanced":
        extensions.append(policies(base_url, PLAIN))
    else:
        level = QCP_L_QSCD if seal else QCP_N if software else QCP_N_QSCD
        extensions.append(policies(base_url, level, IN_SOFTWARE if software else IN_DEVICE))
        # eParaksts-like certificates leave QcSSCD to the list's qualifier, as older Latvian ones do.
        extensions.append(qualified(base_url, device=issuer in {"eid", "ee"}, seal=seal))
    since, until = _DAYS_VALID.get(person.key, (-730, 1095))
    certificate: dict[str, object] = {
        "subject": person.key,
        "issuer": issuer,
        "validity": _validity(epoch + timedelta(days=since), epoch + timedelta(days=until)),
        "extensions": extensions,
    }
    if person.key in _REVOKED:
        days, reason = _REVOKED[person.key]
        when = epoch + timedelta(days=days)
        certificate["revocation"] = {"revoked-since": when.isoformat(), "reason": reason}
    return certificate


def _authority_certificate(each: Authority, base_url: str) -> dict[str, object]:
    extensions = [
        extension(x509.BasicConstraints(ca=True, path_length=None), critical=True),
        usage("key_cert_sign", "crl_sign"),
    ]
    if each.issuer != each.label:
        extensions += [*where_to_ask(base_url, each.issuer), policies(base_url, "2.5.29.32.0")]
    return {
        "subject": each.label,
        "issuer": each.issuer,
        "validity": _validity(each.since, each.until),
        "extensions": extensions,
    }


def _responders(base_url: str, epoch: datetime) -> Iterator[tuple[str, dict[str, object]]]:
    """One responder certificate a month and authority, from six years before the demo began to six years after."""
    for each in AUTHORITIES:
        for month in range((epoch.year - 6) * 12, (epoch.year + 6) * 12):
            start = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
            if not each.since < start < each.until:
                continue
            yield (
                responder_label(each.label, start),
                {
                    "subject": f"ocsp-{each.label}",
                    "subject-key": f"ocsp-{each.label}",
                    "issuer": each.label,
                    "validity": _validity(start - timedelta(days=1), start + timedelta(days=33)),
                    "extensions": [
                        extension(x509.BasicConstraints(ca=False, path_length=None), critical=True),
                        usage("digital_signature"),
                        extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])),
                        der_extension(_NO_CHECK, b"\x05\x00"),
                        *where_to_ask(base_url, each.label, ocsp=False),
                    ],
                },
            )


def _stamp_units(base_url: str, epoch: datetime) -> Iterator[tuple[str, dict[str, object]]]:
    for label, (_, issuer) in STAMP_UNITS.items():
        yield (
            label,
            {
                "subject": label,
                "issuer": issuer,
                "validity": _validity(epoch - timedelta(days=1460), epoch + timedelta(days=2190)),
                "extensions": [
                    extension(x509.BasicConstraints(ca=False, path_length=None), critical=True),
                    usage("digital_signature"),
                    extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True),
                    *where_to_ask(base_url, issuer),
                ],
            },
        )


def _list_signers(epoch: datetime) -> Iterator[tuple[str, dict[str, object]]]:
    for label in LIST_SIGNERS:
        yield (
            label,
            {
                "subject": label,
                "issuer": label,
                "validity": _validity(epoch - timedelta(days=1460), epoch + timedelta(days=2190)),
                "extensions": [
                    extension(x509.BasicConstraints(ca=False, path_length=None), critical=True),
                    usage("digital_signature", "content_commitment"),
                    extension(x509.ExtendedKeyUsage([_TSL_SIGNING])),
                ],
            },
        )


def _entities() -> dict[str, dict[str, str]]:
    entities: dict[str, dict[str, str]] = {}
    for each in AUTHORITIES:
        names = {"country-name": each.country} | _OPERATORS[each.country]
        entities[each.label] = names | {"common-name": each.common_name}
        entities[f"ocsp-{each.label}"] = names | {"common-name": f"{each.common_name} OCSP"}
    for label, (name, _) in STAMP_UNITS.items():
        entities[label] = {"country-name": "LV"} | _OPERATORS["LV"] | {"common-name": name}
    for label in LIST_SIGNERS:
        country = "EE" if label == "list-ee" else "LV"
        entities[label] = {
            "country-name": country,
            "organization-name": "Demo list operator",
            "common-name": f"DEMO {label} signer",
        }
    return entities | {each.key: _subject(each) for each in PEOPLE}


def configuration(base_url: str, epoch: datetime) -> dict[str, object]:
    """Certomancer's configuration of one architecture, every certificate with its own lasting serial number."""
    certificates: dict[str, dict[str, object]] = {
        each.label: _authority_certificate(each, base_url) for each in AUTHORITIES
    }
    certificates |= dict(_responders(base_url, epoch))
    certificates |= dict(_stamp_units(base_url, epoch))
    certificates |= dict(_list_signers(epoch))
    certificates |= {each.key: _person_certificate(each, base_url, epoch) for each in PEOPLE}
    for label, certificate in certificates.items():
        certificate["serial"] = serial_of(label)
    return {
        "entities": _entities(),
        "certs": certificates,
        "services": {
            "ocsp": {
                each.label: {
                    "for-issuer": each.label,
                    "responder-cert": responder_label(each.label, epoch),
                    "signing-key": f"ocsp-{each.label}",
                }
                for each in AUTHORITIES
            },
            "crl-repo": {
                each.label: {
                    "for-issuer": each.label,
                    "signing-key": each.label,
                    "issuer-cert": each.label,
                    "simulated-update-schedule": "P1D",
                }
                for each in AUTHORITIES
            },
            "time-stamping": {label: {"signing-cert": label, "signing-key": label} for label in STAMP_UNITS},
        },
    }
