"""However many roles somebody has in it, one mail says it all: on the day of the end, and when that is undone."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from builders.iam.register import BY_REVIEWER, person
from iam.grants import service as grants
from iam.grants.evidence import TakenOver
from iam.grants.models import Account, Evidence, Level
from iam.ids import EvidenceId, OrderId
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import AT, DAY, JOINED, Office
from tests.workflows.reorganisation.test_given_ahead import NEW, TRANSFORMED, give_on_application
from tests.workflows.reorganisation.test_killed import stumble
from workflows.mail import Mail, mailbox_of
from workflows.reorganisation import applying, taking_back, undoing
from workflows.rights import askers
from workflows.rights.askers import Asker

A = "i-4113900001"
HEAD = "ilze@skola.example"


class Asked:
    """Who had asked for which right: a register of applications for these stories."""

    def __init__(self) -> None:
        self.known: dict[EvidenceId, Asker] = {}

    def __call__(self, _: Session, evidence: Collection[EvidenceId]) -> Mapping[EvidenceId, Asker]:
        return {one: self.known[one] for one in evidence if one in self.known}

    def give(self, office: Office, user: Account, *, by: str, reference: str, language: str = "lv") -> None:
        """Give a user a right that somebody had asked for."""
        with office.sessions.begin() as session:
            given = grants.give(
                session,
                "learners",
                Level.EDIT,
                to=session.get_one(Account, user.id),
                at_scope=institutions.scope_by_code(session, A).id,
                since=date(2026, 1, 1),
                until=None,
                because=TakenOver(reference, "0" * 64),
                origin=BY_REVIEWER,
                at=AT,
            )
            session.flush()
            self.known[EvidenceId(given.evidence_id)] = Asker(by, language, reference, "A. B.")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    monkeypatch.setattr(askers, "_LOOKUPS", [made])
    return made


def may_sign(office: Office, name: str, email: str | None) -> None:
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, A).id,
            person_id=person(session, name).id,
            capacity=Capacity.HEAD,
            since=date(2026, 1, 1),
            until=None,
            source="reģistrs",
            email=email,
            origin=BY_REVIEWER,
            at=AT,
        )


def mails_since(office: Office, known: Collection[int]) -> list[Mail]:
    with office.sessions() as session:
        return [one for one in session.scalars(select(Mail).order_by(Mail.id)) if one.id not in known]


def told(office: Office, act: Callable[[], object]) -> dict[str, Mail]:
    """Do it, and return the mails it wrote by mailbox: one each."""
    known = [one.id for one in mails_since(office, [])]
    act()
    written = mails_since(office, known)
    boxes = Counter(mailbox_of(one.to_address) for one in written)
    assert set(boxes.values()) <= {1}, boxes
    return {mailbox_of(one.to_address): one for one in written}


def ended(office: Office) -> tuple[list[OrderId], dict[str, Mail]]:
    """Approve an order, tell of it and carry it out; return it with the mails of its day."""
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    office.now = midnight_in_riga(DAY)
    return ids, told(office, lambda: office.carry_out(proposal))


def undone(office: Office, ids: list[OrderId]) -> dict[str, Mail]:
    """Undo the order a week later and tell whoever is left; return the mails of both."""
    office.pass_days(7)
    back = office.propose_undo(ids)
    office.confirm(back)
    return told(office, lambda: (office.undo(back), office.take_back(ids)))


@pytest.mark.parametrize("account", [True, False], ids=["own rights", "no account"])
@pytest.mark.parametrize("by", [HEAD, "Ilze@Skola.example", "ilze+viis@skola.example", "ILZE+a@SKOLA.EXAMPLE"])
def test_a_head_reads_of_all_roles_in_one_mail(office: Office, asked: Asked, by: str, *, account: bool) -> None:
    if account:
        office.give(office.account("Ilze Kalna"), A, "staff")
    may_sign(office, "Ilze Kalna", HEAD)
    asked.give(office, office.account("Anna Bērziņa"), by=by, reference="AAAA-1111-2222")
    ids, on_the_day = ended(office)
    back = undone(office, ids)
    assert set(on_the_day) == set(back) == {"anna@skola.example", HEAD}
    assert on_the_day[HEAD].template == ("rights_ended" if account else "rights_ended_asker")
    assert back[HEAD].template == ("rights_again" if account else "rights_again_asker")
    for one in (on_the_day[HEAD], back[HEAD]):
        for said in (str(one.text_body), str(one.html_body)):
            assert "AAAA-1111-2222" in said
            assert "A. B." in said
            assert ("Pedagogi" in said) is account, "the own right"
            assert not {"Anna", "Bērziņa"} & set(said.split()), "initials alone"
    for said in (str(back[HEAD].text_body), str(back[HEAD].html_body)):
        assert "parakstīt" in said
        assert "Aldas vidusskola" in said
    assert "parakstīt" not in str(back["anna@skola.example"].text_body)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_whoever_only_asked_and_may_sign_reads_it_in_their_language(
    office: Office, asked: Asked, language: str
) -> None:
    may_sign(office, "Ilze Kalna", HEAD)
    asked.give(office, office.account("Anna Bērziņa"), by=HEAD, reference="AAAA-1111-2222", language=language)
    back = undone(office, ended(office)[0])
    said = str(back[HEAD].text_body)
    assert ("your entitlement to sign" in said) is (language == "en")


@pytest.mark.parametrize("by", ["anna@skola.example", "Anna@SKOLA.example", "anna+pati@skola.example"])
def test_who_had_asked_for_their_own_rights_is_told_as_the_holder(office: Office, asked: Asked, by: str) -> None:
    asked.give(office, office.account("Anna Bērziņa"), by=by, reference="AAAA-1111-2222")
    ids, on_the_day = ended(office)
    back = undone(office, ids)
    assert [one.template for one in on_the_day.values()] == ["rights_ended"]
    assert [one.template for one in back.values()] == ["rights_again"]
    assert "AAAA-1111-2222" not in str(back["anna@skola.example"].text_body)


def test_what_would_go_into_two_chunks_is_told_to_a_head_in_one_mail(
    office: Office, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (applying, undoing, taking_back):
        monkeypatch.setattr(module, "_CHUNK", 1)
    may_sign(office, "Ilze Kalna", HEAD)
    office.give(office.account("Ilze Kalna"), A, "staff")
    for number, name in enumerate(("Anna Bērziņa", "Zane Kalna", "Valdis Ozols")):
        asked.give(office, office.account(name), by=("Ilze+a@skola.example", HEAD)[number % 2], reference=f"N-{number}")
    ids, on_the_day = ended(office)
    back = undone(office, ids)
    assert len(on_the_day) == len(back) == 4
    for one in (on_the_day[HEAD], back[HEAD]):
        assert [number for number in range(3) if f"N-{number}" in str(one.text_body)] == [0, 1, 2]


def test_a_signatory_with_another_address_is_told_at_that_of_the_account(office: Office, asked: Asked) -> None:
    office.give(office.account("Ilze Kalna"), A, "staff")
    may_sign(office, "Ilze Kalna", "skola@pasvaldiba.example")
    asked.give(office, office.account("Anna Bērziņa"), by="Ilze+viis@skola.example", reference="AAAA-1111-2222")
    back = undone(office, ended(office)[0])
    assert set(back) == {"anna@skola.example", HEAD}
    assert "parakstīt" in str(back[HEAD].text_body)


def test_a_signatory_whom_no_right_concerns_is_told_of_signing_alone(office: Office, asked: Asked) -> None:
    may_sign(office, "Ilze Kalna", HEAD)
    asked.give(office, office.account("Anna Bērziņa"), by="vadiba@skola.example", reference="AAAA-1111-2222")
    back = undone(office, ended(office)[0])
    assert {box: one.template for box, one in back.items()} == {
        "anna@skola.example": "rights_again",
        "vadiba@skola.example": "rights_again_asker",
        HEAD: "order_taken_back",
    }
    assert "parakstīt" not in str(back["vadiba@skola.example"].text_body)


@pytest.mark.parametrize("by", [HEAD, "Anna+a@skola.example"], ids=["of another", "of one's own"])
@pytest.mark.parametrize("both", [True, False], ids=["asked for both", "for what goes"])
def test_what_holds_again_and_what_goes_stand_in_one_mail(office: Office, asked: Asked, by: str, *, both: bool) -> None:
    anna = office.account("Anna Bērziņa")
    asked.give(office, anna, by=by if both else "cits@skola.example", reference="AAAA-1111-2222")
    may_sign(office, "Ilze Kalna", HEAD)
    ids, proposal = office.approved(TRANSFORMED)
    office.tell(proposal)
    before = evidence(office)
    give_on_application(office, anna, NEW)
    asked.known |= dict.fromkeys(evidence(office) - before, Asker(by, "lv", "BBBB-1111-2222", "A. B."))
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    back = undone(office, ids)
    said = str(back["anna@skola.example"].text_body)
    assert said.index("Aldas vidusskola") < said.index("Jaunā skola")
    if by == HEAD:
        said = str(back[HEAD].text_body)
        assert ("AAAA-1111-2222" in said) is both
        assert "BBBB-1111-2222" in said
        assert "parakstīt" in said


def evidence(office: Office) -> set[EvidenceId]:
    with office.sessions() as session:
        return {EvidenceId(one) for one in session.scalars(select(Evidence.id))}


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_points_a_head_gets_one_mail(
    office: Office, asked: Asked, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for module in (applying, undoing, taking_back):
        monkeypatch.setattr(module, "_CHUNK", 1)
    random = Random(seed)  # noqa: S311 - the same deaths each time
    may_sign(office, "Ilze Kalna", HEAD)
    office.give(office.account("Ilze Kalna"), A, "staff")
    for number, name in enumerate(("Anna Bērziņa", "Zane Kalna", "Valdis Ozols")):
        asked.give(office, office.account(name), by="Ilze+a@skola.example", reference=f"N-{number}")
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    office.now = midnight_in_riga(DAY)
    assert len(told(office, lambda: stumble(office, proposal, random, applying.step))) == 4
    office.pass_days(1)
    back = office.propose_undo(ids)
    office.confirm(back)

    def undo() -> None:
        assert stumble(office, back, random, undoing.step) > 0
        assert stumble(office, ids[0], random, taking_back.step) > 0

    assert len(told(office, undo)) == 4


@pytest.mark.parametrize("by", [(HEAD, HEAD, HEAD), (HEAD, "Ilze@Skola.example", "ilze+viis@SKOLA.example")])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_what_was_given_ahead_and_goes_is_told_to_who_asked_in_one_mail(
    office: Office, asked: Asked, monkeypatch: pytest.MonkeyPatch, by: tuple[str, str, str], most: int
) -> None:
    monkeypatch.setattr(undoing, "_CHUNK", most)
    people = [office.account(name) for name in ("Anna Bērziņa", "Zane Kalna", "Valdis Ozols")]
    for one in people:
        office.give(one, A, until=DAY + timedelta(days=1))  # over by itself when the order is undone
    ids, proposal = office.approved(TRANSFORMED)
    office.tell(proposal)
    for number, one in enumerate(people):
        before = evidence(office)
        give_on_application(office, one, NEW)
        asked.known |= dict.fromkeys(evidence(office) - before, Asker(by[number], "lv", f"N-{number}", "A. B."))
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    office.pass_days(7)
    back = office.propose_undo(ids)
    office.confirm(back)
    mails = told(office, lambda: office.undo(back))
    assert {one.template for one in mails.values()} == {"rights_ended", "rights_ended_asker"}
    assert [number for number in range(3) if f"N-{number}" in str(mails[HEAD].text_body)] == [0, 1, 2]
    assert len(mails) == 4
