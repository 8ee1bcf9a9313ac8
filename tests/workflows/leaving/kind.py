"""An invented kind in one folder: who leaves gives up every right. One signer, one form, steps of its own."""

# ruff: noqa: ARG002 - the invented kind needs less than a kind is given

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from unittest.mock import patch

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from iam.errors import Unknown
from iam.grants import service as grants
from iam.grants.evidence import JudgedDocument, SignedApplication, fingerprint
from iam.grants.kept_evidence import kept
from iam.grants.models import Account, EndCause
from iam.ids import GrantId
from iam.institutions import service as institutions
from iam.periods import riga_day
from workflows.application.facts import Difference, Place, StatedFacts, StatedPerson
from workflows.application.fields import Answers, CheckedGroup, Group
from workflows.application.kinds import registry
from workflows.application.kinds.filling import (
    Alike,
    Card,
    Choice,
    Field,
    Input,
    LongText,
    Option,
    Row,
    Shown,
    Step,
    StepPage,
    Text,
)
from workflows.application.kinds.kind import Approval, ApprovalResult, BlankForm, Presented, Required, Review, RoleName
from workflows.application.kinds.texts import Texts
from workflows.application.models import Application
from workflows.application.places import place
from workflows.application.states import Party
from workflows.i18n import Language
from workflows.proposals.content import Fact, FactText, data, on_day
from workflows.rights import ending
from workflows.rights.ending import RightEnding
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


_TEXTS = Texts(
    name="Atteikšanās no VIIS lietotāja tiesībām",
    wish="Kas aiziet no darba, atsakās no visām savām tiesībām",
    link_again="Jūs lūdzāt jaunu saiti uz savu atteikšanos.",
    approved="Tiesības beidzas.",
    approved_event="Atteikšanās pieņemta",
)
_STEPS = (Step("who", "Kas aiziet"), Step("when", "Kad"))
_HANDED_OVER = Step("handed_over", "Kam nodots darbs")


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody who leaves gives up every right from a day on."""

    applicant: Place
    leaver: StatedPerson
    last_day: date
    handed_over_to: str = ""

    @property
    def people(self) -> Mapping[str, StatedPerson]:
        return {"leaver": self.leaver}

    def masked(self) -> "Leaving":
        return replace(self, leaver=self.leaver.masked())

    def to_json(self) -> dict[str, Json]:
        return {**asdict(self), "last_day": self.last_day.isoformat()}


def leaving(facts: StatedFacts) -> Leaving:
    assert isinstance(facts, Leaving)
    return facts


class Leave:
    """The invented kind."""

    name = "leave"
    texts = _TEXTS
    about = "leaver"
    takes_address = False
    urgent = False
    follows_place = True
    blank_forms: Sequence[BlankForm] = ()

    @property
    def roles(self) -> Mapping[str, RoleName]:
        return {"leaver": RoleName("Aizejošais", "aizejošais")}

    @property
    def sentences(self) -> Mapping[str, Sentences]:
        said = "Atteikšanos parakstīja {name}, bet tā jāparaksta pašam aizejošajam."
        return {"leave.signer-not-leaver": Sentences(said, said, "Parakstiet pats.", "Sign it yourself.")}

    def steps(self, answers: Mapping[str, Answers]) -> Sequence[Step]:
        hands_over = answers.get("when", {}).get("hands_over") == "yes"
        return (*_STEPS, _HANDED_OVER) if hands_over else _STEPS

    def step_page(
        self, session: Session, step: str, answers: Mapping[str, Answers], *, language: Language, on: date
    ) -> StepPage:
        fields: Mapping[str, tuple[Field, ...]] = {
            "who": (
                Text("place", data("Iestādes numurs"), data("10 cipari"), Input.CODE),
                *(Text(name, data(label)) for name, label in _PERSON.items()),
            ),
            "when": (
                Text("last_day", data("Pēdējā diena"), input=Input.DAY),
                Choice(
                    "hands_over",
                    data("Vai darbs ir nodots?"),
                    (Option("yes", data("Ir")), Option("no", data("Nav"))),
                ),
            ),
            "handed_over": (LongText("to", data("Kam darbs nodots")),),
        }
        return StepPage(heading=data(step), lead=data("Viss par aiziešanu."), fields=fields[step])

    def check(
        self, session: Session, step: str, given: Answers, answers: Mapping[str, Answers], *, on: date
    ) -> CheckedGroup:
        fields = Group(given)
        match step:
            case "who":
                if not _exists(session, fields.needed("place", "Norādiet iestādi")):
                    fields.object("place", "place.unknown", "Tādas iestādes nav")
                fields.person(given_name="Norādiet vārdu", surname="Norādiet uzvārdu", position="Norādiet amatu")
            case "when":
                fields.day("last_day", "Norādiet pēdējo dienu", needed=True)
                fields.text("hands_over")
            case "handed_over":
                fields.needed("to", "Norādiet, kam darbs nodots")
            case _:
                raise KeyError(step)
        return fields.checked()

    def review(self, session: Session, answers: Mapping[str, Answers], *, on: date) -> Review:
        names = [step.name for step in self.steps(answers)]
        found = {name: self.check(session, name, answers.get(name, {}), answers, on=on) for name in names}
        if errors := {name: checked.errors for name, checked in found.items() if not checked}:
            return Review(None, errors)
        who = {name: str(value) for name, value in found["who"].answers.items()}
        applicant = place(session, who.pop("place"), on=on)
        last_day = date.fromisoformat(str(found["when"].answers["last_day"]))
        to = str(found["handed_over"].answers["to"]) if "handed_over" in found else ""
        return Review(Leaving(applicant, StatedPerson(**who), last_day, to), {})

    def cards(self, session: Session, facts: StatedFacts, *, language: Language) -> Sequence[Card]:
        stated = leaving(facts)
        return (
            Card(heading=data("Kas aiziet"), step="who", lines=(data(stated.applicant.name),), person=stated.leaver),
            Card(heading=data("Kad"), step="when", rows=_rows(stated)),
        )

    def next_steps(self, facts: StatedFacts, *, within: str) -> Sequence[FactText]:
        del within
        return (data(f"{leaving(facts).leaver.name} paraksta atteikšanos."),)

    def alike(self, answers: Mapping[str, Answers]) -> Alike | None:
        who = {name: str(value) for name, value in answers.get("who", {}).items()}
        if not who:
            return None
        return Alike(who["place"], {"leaver": (who["personal_code"], who["email"])})

    def matter(self, facts: StatedFacts) -> frozenset[tuple[str, str]]:
        return frozenset({(leaving(facts).applicant.scope_code, "")})

    def read(self, data: object) -> Leaving:
        return TypeAdapter(Leaving).validate_python(data)

    def documents(self, facts: StatedFacts) -> Sequence[Required]:
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

    def invitation(self, facts: StatedFacts, party: str) -> str:
        return "Lūdzu, izlasiet un parakstiet atteikšanos no tiesībām."

    def shown(self, session: Session, facts: StatedFacts, *, language: Language) -> Shown:
        return Shown(people=("leaver",), heading=data("Aiziešana"), rows=_rows(leaving(facts)))

    def differences(self, facts: StatedFacts, account: Account | None) -> Sequence[Difference]:
        return ()

    def make(self, reference: str, facts: StatedFacts, *, at: datetime) -> Sequence[bytes]:
        stated = leaving(facts)
        shown = {
            "place": stated.applicant.name,
            "name": stated.leaver.name,
            "personal_code": stated.leaver.personal_code,
            "last_day": day(stated.last_day),
        }
        return typeset([_FORM.filled(reference, stated=stated.to_json(), shown=shown, at=at)])

    def blank(self, session: Session, name: str, *, on: date) -> bytes:
        raise ValueError(name)

    def edition(self, on: date) -> str:
        return _FORM.edition

    def is_wide(self, facts: StatedFacts) -> bool:
        return False

    def ends_at_once(self, facts: StatedFacts, *, on: date) -> bool:
        del facts, on
        return False

    def presented(
        self,
        session: Session,
        facts: StatedFacts,
        account: Account | None,
        *,
        signed_at: datetime | None,
        keep_address: str,
        at: datetime,
    ) -> Presented:
        return Presented([Fact(data("Leaves"), data(leaving(facts).leaver.name))], 1)

    def approve(
        self, session: Session, application: Application, facts: StatedFacts, approval: Approval
    ) -> ApprovalResult:
        document = application.document("leave")
        assert document.upload is not None
        assert document.verification_id is not None
        signed = SignedApplication(application.id, JudgedDocument(document.upload.sha256, document.verification_id))
        account = grants.account_of(session, approval.people["leaver"])
        assert account is not None
        last_day = leaving(facts).last_day
        held = grants.current_grants(session, account.id, on=riga_day(approval.at))
        ending.end(
            session,
            [RightEnding(GrantId(one.id), last_day) for one in held],
            cause=EndCause.EMPLOYMENT_ENDED,
            reason="atteikšanās",
            origin=approval.origin,
            base_url=approval.base_url,
            at=approval.at,
            because=signed,
        )
        row = kept(session, signed, approval.at)
        return ApprovalResult(evidence_id=row.id, fingerprint=fingerprint(signed), account=account)


_PERSON = {
    "given_name": "Vārds",
    "surname": "Uzvārds",
    "personal_code": "Personas kods",
    "position": "Amats",
    "email": "E-pasts",
}


def _exists(session: Session, code: str) -> bool:
    try:
        institutions.scope_by_code(session, code)
    except Unknown:
        return False
    return True


def _rows(stated: Leaving) -> tuple[Row, ...]:
    rows = (Row(data("Aiziešanas diena"), (on_day(stated.last_day),)),)
    handed_over = (Row(data("Darbs nodots"), (data(stated.handed_over_to),)),)
    return rows + handed_over if stated.handed_over_to else rows


@contextmanager
def known_leave() -> Iterator[Leave]:
    """Make the kind known until the block ends."""
    with patch.dict(registry._KINDS), patch.dict(sentences.SENTENCES):
        kind = Leave()
        registry.register(kind)
        yield kind
