"""Who would the reform of 2021 concern? All 119 municipalities of before it, and people with rights there until today.

Whoever runs the demo loads the mapping `data/atr2021.csv` at /reorganise, and plays the whole reform. The names and
codes of municipalities are real and public; the people and the schools are invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import service as grants
from iam.grants.evidence import TakenOver
from iam.grants.models import Level
from iam.ids import ScopeId
from iam.institutions import service as institutions
from iam.institutions.register import import_institutions
from iam.people import service as people
from iam.people.rules import parse_personal_code
from workflows.rights.projection import follow

__all__ = ["MAPPING", "seed_before_reform"]

_DATA = Path(__file__).with_name("data")
MAPPING = _DATA / "atr2021.csv"
"""The mapping of municipalities that the reform was, as a reviewer records it."""

_REGISTER = _DATA / "before_reform.csv"
_BY_DEMO = Origin(Actor(ActorKind.SYSTEM, "demo"), Door.CLI)
_BEFORE = TakenOver("demo/data/before_reform.csv", "0" * 64)
_SINCE = date(2019, 9, 1)
_EVE = date(2021, 6, 30)
_RIGHTS = (("learners", Level.EDIT), ("staff", Level.EDIT), ("reports", Level.VIEW))


@dataclass(frozen=True, slots=True)
class _Holder:
    """Somebody with rights in places: names of municipalities of before the reform, or numbers of schools."""

    username: str
    given_name: str
    surname: str
    code: str
    places: Sequence[str]


_HOLDERS = (
    _Holder("agnese.adazniece", "Agnese", "Ādažniece", "320000-05010", ("Ādažu novads",)),
    _Holder("bruno.carnikavietis", "Bruno", "Carnikavietis", "320000-05021", ("Carnikavas novads", "Ādažu novads")),
    _Holder("dzintra.carnikavniece", "Dzintra", "Carnikavniece", "320000-05032", ("Carnikavas novads",)),
    _Holder("edvins.ilukstietis", "Edvīns", "Ilūkstietis", "320000-05043", ("Ilūkstes novads",)),
    _Holder("fanija.daugavniece", "Fanija", "Daugavniece", "320000-05054", ("Daugavpils novads",)),
    _Holder("gunars.aglonietis", "Gunārs", "Aglonietis", "320000-05065", ("Aglonas novads",)),
    _Holder("helga.incukalniete", "Helga", "Inčukalniete", "320000-05076", ("Inčukalna novads",)),
    _Holder("ivars.gulbenietis", "Ivars", "Gulbenietis", "320000-05087", ("Gulbenes novads",)),
    _Holder("jana.aluksniete", "Jana", "Alūksniete", "320000-05098", ("Alūksnes novads",)),
    _Holder("karlis.limbazietis", "Kārlis", "Limbažietis", "320000-05109", ("Limbažu novads",)),
    _Holder("lidija.salacgriviete", "Lidija", "Salacgrīviete", "320000-05110", ("Salacgrīvas novads",)),
    _Holder("modris.vangazietis", "Modris", "Vangažietis", "320000-05121", ("Ropažu novads", "8013990957")),
    _Holder("nora.ridziniece", "Nora", "Rīdziniece", "320000-05132", ("Rīga",)),
    _Holder("otto.valmierietis", "Otto", "Valmierietis", "320000-05143", ("Valmiera", "Kocēnu novads")),
)


def seed_before_reform(session: Session, *, at: datetime) -> None:
    """Record the municipalities and the people, once, in the caller's transaction."""
    import_institutions(session, _REGISTER, origin=_BY_DEMO, at=at)
    towns = {one.name: f"m-{one.id}" for one in institutions.municipalities(session, on=_EVE)}
    for holder in _HOLDERS:
        if grants.account_called(session, holder.username) is None:
            _seed(session, holder, [towns.get(place, f"i-{place}") for place in holder.places], at)


def _seed(session: Session, holder: _Holder, codes: Sequence[str], at: datetime) -> None:
    code = parse_personal_code(holder.code)
    names = {"given_name": holder.given_name, "surname": holder.surname}
    person = people.register(session, code=code, **names, origin=_BY_DEMO, at=at)
    # The domain `.test` is reserved (RFC 2606): no mail can leave by mistake.
    account = grants.open_account(
        session,
        person=person,
        email=f"{holder.username}@demo.test",
        phone="",
        language="lv",
        because=_BEFORE,
        origin=_BY_DEMO,
        at=at,
    )
    for place in codes:
        scope = ScopeId(institutions.scope_by_code(session, place).id)
        for section, level in _RIGHTS:
            grants.give(
                session,
                section,
                level,
                to=account,
                at_scope=scope,
                since=_SINCE,
                until=None,
                because=_BEFORE,
                origin=_BY_DEMO,
                at=at,
            )
    follow(session, account.id)
