"""Who lives in the demo: invented persons, each made for one case.

Nobody here exists. New-style codes (since 2017-07-01: first digit 3, second 2 to 9, the rest says nothing) start with
`320000`; the one old-style code is of a first of January with the serial 000.
Seed, journey and tests take persons from here, so that a signature always fits the person in the case.
"""

from dataclasses import dataclass

from demo.errors import UnknownPerson

__all__ = ["PEOPLE", "Person", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody (or, for a seal, something) with a certificate of the demo PKI.

    `code` is written as people write it (`320000-00101`); empty for who has none. `purpose` says in English what the
    person is for; `viis demo people` prints it.
    """

    key: str
    given_name: str
    surname: str
    code: str
    purpose: str
    country: str = "LV"
    organisation: str = ""
    organisation_number: str = ""

    @property
    def name(self) -> str:
        """Given name and surname, or the organisation's name for a seal."""
        return f"{self.given_name} {self.surname}".strip() or self.organisation

    @property
    def identity(self) -> str:
        """The certificate's serialNumber (EN 319 412-1 §5.1.3): `PNOLV-320000-00101`; empty without a code."""
        return f"PNO{self.country}-{self.code}" if self.code else ""

    @property
    def email(self) -> str:
        """An address in the reserved domain `.test` (RFC 2606): no mail can leave by mistake."""
        return f"{self.key}@demo.test"


PEOPLE: tuple[Person, ...] = (
    Person(
        key="head",
        given_name="Ilze",
        surname="Paraudziņa",
        code="320000-00101",
        purpose="head of the demo school (eID card, P-384)",
    ),
    Person(
        key="user",
        given_name="Jānis",
        surname="Mēģinātājs",
        code="320000-00202",
        purpose="user of the demo school (eParaksts, RSA)",
    ),
    Person(
        key="head-user",
        given_name="Māra",
        surname="Vientule",
        code="320000-00303",
        purpose="head of a small school who is her own user",
    ),
    Person(
        key="head-2",
        given_name="Andris",
        surname="Piemērs",
        code="320000-00404",
        purpose="head of the second demo institution",
    ),
    Person(
        key="user-2",
        given_name="Līga",
        surname="Piemēra",
        code="320000-00505",
        purpose="user of the second demo institution",
    ),
    Person(
        key="renamed",
        given_name="Līga",
        surname="Jaunzeme",
        code="320000-00505",
        purpose="user-2 after marriage: same code, other surname",
    ),
    Person(
        key="deputy",
        given_name="Kārlis",
        surname="Vietnieks",
        code="320000-00606",
        purpose="acting head, or head by power of attorney",
    ),
    Person(
        key="municipality-head",
        given_name="Gunta",
        surname="Novadniece",
        code="320000-00707",
        purpose="executive director of the demo municipality",
    ),
    Person(
        key="municipality-user",
        given_name="Edgars",
        surname="Pagasts",
        code="320000-00808",
        purpose="user at municipality level",
    ),
    Person(
        key="old-code",
        given_name="Vilma",
        surname="Senkode",
        code="010180-10000",
        purpose="has a code of the old style with check digit",
    ),
    Person(
        key="stranger",
        given_name="Uldis",
        surname="Svešais",
        code="320000-00909",
        purpose="signs what is not his to sign",
    ),
    Person(
        key="revoked",
        given_name="Zane",
        surname="Atsaukta",
        code="320000-01010",
        purpose="certificate revoked 30 days before the demo began",
    ),
    Person(
        key="suspended",
        given_name="Roberts",
        surname="Apturētais",
        code="320000-01111",
        purpose="certificate on hold since 20 days before the demo began",
    ),
    Person(
        key="revoked-later",
        given_name="Dace",
        surname="Vēlāka",
        code="320000-01212",
        purpose="certificate revoked 1 day before the demo began: what she signed earlier stays good",
    ),
    Person(
        key="expired",
        given_name="Pēteris",
        surname="Vecpiemērs",
        code="320000-01313",
        purpose="certificate expired 60 days before the demo began",
    ),
    Person(
        key="unqualified",
        given_name="Inga",
        surname="Neuzrādīta",
        code="320000-01414",
        purpose="certificate of a CA that is on no list",
    ),
    Person(
        key="software",
        given_name="Aivars",
        surname="Programmnieks",
        code="320000-01515",
        purpose="qualified certificate, key not in a device (no QSCD): an advanced signature only",
    ),
    Person(
        key="advanced",
        given_name="Sandra",
        surname="Vienkārša",
        code="320000-01717",
        purpose="certificate of a listed CA that is not a qualified one",
    ),
    Person(
        key="withdrawn",
        given_name="Biruta",
        surname="Bijusī",
        code="320000-01616",
        purpose="certificate of a CA withdrawn from the list one year before the demo began",
    ),
    Person(
        key="seal",
        given_name="",
        surname="",
        code="",
        organisation="Demo pamatskola",
        organisation_number="90000000000",
        purpose="e-seal of the demo school: no person's signature",
    ),
    Person(
        key="estonian",
        given_name="Mari",
        surname="Näidis",
        code="60001010000",
        country="EE",
        purpose="qualified signature from Estonia (PNOEE)",
    ),
    Person(
        key="no-code",
        given_name="Klaus",
        surname="Muster",
        code="",
        country="EE",
        purpose="qualified certificate without any personal code",
    ),
)

_BY_KEY = {each.key: each for each in PEOPLE}


def person(key: str) -> Person:
    """The person with this key; `UnknownPerson` names all keys there are.

    >>> person("head").identity
    'PNOLV-320000-00101'
    """
    try:
        return _BY_KEY[key]
    except KeyError:
        raise UnknownPerson(key, known=tuple(_BY_KEY)) from None
