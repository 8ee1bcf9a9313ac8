"""An invented kind in one folder: who leaves gives up every right. One signer, one form of its own."""

# ruff: noqa: ARG002 - the invented kind needs less than a kind is given

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from unittest.mock import patch

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from iam.grants import service as grants
from iam.grants.evidence import JudgedDocument, SignedApplication, fingerprint
from iam.grants.kept_evidence import kept
from iam.grants.models import Account, EndCause
from iam.periods import riga_day
from workflows.application.facts import Facts, Place, StatedPerson
from workflows.application.fields import Answers, Checked, Group
from workflows.application.kinds import registry
from workflows.application.kinds.kind import Approval, Approved, Presented, Required, Review, RoleName
from workflows.application.models import Application
from workflows.application.places import place
from workflows.application.states import Party
from workflows.proposals.content import Fact, data, on_day
from workflows.signed_forms import sentences
from workflows.signed_forms.sentences import Sentences
from workflows.signed_forms.typesetting import Json, Template, day, typeset

__all__ = ["Leaving", "known_leave"]

_FOLDER = Path(__file__).parent
_FORM = Template(
    name="leave",
    source=_FOLDER / "leave.typ",
    attachment="atteiksanas.json",
    edition="2026-11-30",
    texts=(_FOLDER / "leave.toml").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody who leaves gives up every right from a day on."""

    applicant: Place
    leaver: StatedPerson
    last_day: date

    @property
    def people(self) -> Mapping[str, StatedPerson]:
        return {"leaver": self.leaver}

    def masked(self) -> "Leaving":
        return replace(self, leaver=self.leaver.masked())

    def to_json(self) -> dict[str, Json]:
        return {**asdict(self), "last_day": self.last_day.isoformat()}


def leaving(facts: Facts) -> Leaving:
    assert isinstance(facts, Leaving)
    return facts


class Leave:
    """The invented kind."""

    name = "leave"
    groups = ("who", "when")
    about = "leaver"

    @property
    def roles(self) -> Mapping[str, RoleName]:
        return {"leaver": RoleName("Aizejošais", "aizejošais")}

    @property
    def sentences(self) -> Mapping[str, Sentences]:
        said = "Atteikšanos parakstīja {name}, bet tā jāparaksta pašam aizejošajam."
        return {"leave.signer-not-leaver": Sentences(said, said, "Parakstiet pats.", "Sign it yourself.")}

    def check(
        self, session: Session, group: str, given: Answers, answers: Mapping[str, Answers], *, on: date
    ) -> Checked:
        fields = Group(given)
        if group == "who":
            fields.needed("place", "Choose the institution")
            fields.person(given_name="Enter a name", surname="Enter a surname", position="Enter a position")
        else:
            fields.day("last_day", "Enter the last day", needed=True)
        return fields.checked()

    def review(self, session: Session, answers: Mapping[str, Answers], *, on: date) -> Review:
        found = {name: self.check(session, name, answers.get(name, {}), answers, on=on) for name in self.groups}
        if errors := {name: checked.errors for name, checked in found.items() if not checked}:
            return Review(None, errors)
        who = {name: str(value) for name, value in found["who"].answers.items()}
        applicant = place(session, who.pop("place"), on=on)
        last_day = date.fromisoformat(str(found["when"].answers["last_day"]))
        return Review(Leaving(applicant, StatedPerson(**who), last_day), {})

    def read(self, data: object) -> Leaving:
        return TypeAdapter(Leaving).validate_python(data)

    def documents(self, facts: Facts) -> Sequence[Required]:
        return (
            Required(
                part="leave",
                title="Atteikšanās no tiesībām",
                file_name="atteiksanas",
                person="leaver",
                party="leaver",
                objection="leave.signer-not-leaver",
                readers=frozenset({"leaver", Party.APPLICANT}),
            ),
        )

    def invitation(self, facts: Facts, party: str) -> str:
        return "Lūdzu, izlasiet un parakstiet atteikšanos no tiesībām."

    def shown(self, facts: Facts) -> Sequence[Fact]:
        return (Fact(data("Aiziešanas diena"), on_day(leaving(facts).last_day)),)

    def make(self, reference: str, facts: Facts, *, at: datetime) -> Sequence[bytes]:
        stated = leaving(facts)
        shown = {
            "place": stated.applicant.name,
            "name": stated.leaver.name,
            "personal_code": stated.leaver.personal_code,
            "last_day": day(stated.last_day),
        }
        return typeset([_FORM.filled(reference, stated=stated.to_json(), shown=shown, at=at)])

    def edition(self, on: date) -> str:
        return _FORM.edition

    def is_wide(self, facts: Facts) -> bool:
        return False

    def presented(
        self, session: Session, facts: Facts, account: Account | None, *, keep_address: str, at: datetime
    ) -> Presented:
        return Presented([Fact(data("Leaves"), data(leaving(facts).leaver.name))], 1)

    def approve(self, session: Session, application: Application, facts: Facts, approval: Approval) -> Approved:
        document = application.document("leave")
        assert document.upload is not None
        assert document.verification_id is not None
        signed = SignedApplication(application.id, JudgedDocument(document.upload.sha256, document.verification_id))
        account = grants.account_of(session, approval.people["leaver"])
        assert account is not None
        for held in grants.current_grants(session, account.id, on=riga_day(approval.at)):
            grants.end(
                session,
                held,
                last_day=leaving(facts).last_day,
                cause=EndCause.EMPLOYMENT_ENDED,
                origin=approval.origin,
                at=approval.at,
                because=signed,
            )
        row = kept(session, signed, approval.at)
        return Approved(evidence_id=row.id, fingerprint=fingerprint(signed), account=account)


@contextmanager
def known_leave() -> Iterator[Leave]:
    """Make the kind known until the block ends."""
    with patch.dict(registry._KINDS), patch.dict(sentences.SENTENCES):
        kind = Leave()
        registry.register(kind)
        yield kind
