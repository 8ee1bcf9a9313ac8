"""What does a freshly started system hold, so that there is something to try at once?

The invented register of institutions, and staff who may log in, one for each role. Every step is idempotent.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from demo.servers import KeycloakAdmin
from iam.audit import Actor, ActorKind, Door, Origin
from iam.ids import MunicipalityId
from iam.institutions.register import ImportReport, import_institutions
from iam.institutions.service import municipalities
from iam.periods import riga_day
from workflows.staff import Role, add, everybody

__all__ = ["REGISTER", "StaffLogin", "seed_register", "seed_staff"]

REGISTER = Path(__file__).with_name("data") / "institutions.csv"

_CONSULTS_IN = "Liepkalnu novads"
_DEMO = Actor(ActorKind.SYSTEM, "demo")


@dataclass(frozen=True, slots=True)
class StaffLogin:
    """A member of staff of the demo, with the password generated for this state folder."""

    username: str
    given_name: str
    surname: str
    role: str
    password: str

    @property
    def name(self) -> str:
        """Given name and surname."""
        return f"{self.given_name} {self.surname}"


# Invented; the surname says the role in Latvian.
_STAFF = (
    ("zane.izskatitaja", "Zane", "Izskatītāja", "reviewer"),
    ("juris.apstiprinatajs", "Juris", "Apstiprinātājs", "approver"),
    ("liene.padomniece", "Liene", "Padomniece", "consultant"),
    ("karlis.revidents", "Kārlis", "Revidents", "auditor"),
    ("sandra.parvaldniece", "Sandra", "Pārvaldniece", "administrator"),
)


def seed_register(
    session: Session, *, at: datetime, progress: Callable[[int, int], None] | None = None
) -> ImportReport:
    """Take over the invented register, in the caller's transaction."""
    return import_institutions(session, REGISTER, origin=Origin(_DEMO, Door.CLI), at=at, progress=progress)


def seed_staff(session: Session, admin: KeycloakAdmin, *, remembered: Path, at: datetime) -> tuple[StaffLogin, ...]:
    """Let the demo's staff log in: in Keycloak, and in our own table, which says who may do what.

    The passwords are generated once and kept in the file `remembered` (readable by its owner only). Needs the register.
    """
    staff = _logins(remembered)
    present = {member.username for member in everybody(session)}
    for login in staff:
        if admin.find(login.username) is None:
            admin.create_user(
                login.username,
                given_name=login.given_name,
                surname=login.surname,
                email=f"{login.username}@izm.test",
                password=login.password,
                roles=(login.role,),
            )
        if login.username not in present:
            role = Role(login.role)
            add(
                session,
                login.username,
                name=login.name,
                roles=[role],
                municipality_id=_consulted_municipality(session, at) if role is Role.CONSULTANT else None,
                by=_DEMO,
                door=Door.CLI,
                at=at,
            )
    return staff


def _consulted_municipality(session: Session, at: datetime) -> MunicipalityId:
    return next(town.id for town in municipalities(session, on=riga_day(at)) if town.name == _CONSULTS_IN)


def _logins(remembered: Path) -> tuple[StaffLogin, ...]:
    if not remembered.exists():
        made = [StaffLogin(*person, password=secrets.token_urlsafe(12)) for person in _STAFF]
        remembered.touch(mode=0o600)
        remembered.write_text(json.dumps([asdict(login) for login in made]))
    return tuple(StaffLogin(**entry) for entry in json.loads(remembered.read_text()))
