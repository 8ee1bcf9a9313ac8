"""What undoing changes is listed one by one before anybody proposes it, and proposed on exactly that list."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from builders.iam.register import BY_REVIEWER, person
from iam.grants.models import Level
from iam.ids import OrderId
from iam.institutions import changing
from iam.institutions import service as institutions
from iam.institutions.entitlements import known_signatories, record_signatory
from iam.institutions.models import Capacity, Institution
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, Office
from workflows.i18n import Language, translator
from workflows.proposals.errors import RestsOnChanged, SeenOtherwise
from workflows.proposals.models import Proposal
from workflows.reorganisation.undo_approving import propose
from workflows.reorganisation.undo_changes import UNDO_WHY, UndoForeseen
from workflows.reorganisation.undo_changes import UndoFate as Fate

A, B, C = "i-4113900001", "i-4101900002", "i-4213900003"
NEW = "i-4113900009"


def carried_out(office: Office, lines: str, *, later: int = 3) -> list[OrderId]:
    ids, proposal = office.approved(lines)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    office.pass_days(later)
    return list(ids)


def line(kind: str, sources: str, targets: str = "", new_name: str = "", new_code: str = "") -> str:
    return f"1-3/8,Domes lēmums,{DAY},{kind},{sources},{targets},{new_name},{new_code}\n"


def shown(office: Office, ids: list[OrderId]) -> UndoForeseen:
    with office.sessions() as session:
        return office.foreseen_undoing(session, ids)


def told(made: UndoForeseen, fate: Fate) -> list[tuple[str, str]]:
    words = translator(Language.EN)
    return [(one.scope, one.reason.in_words(words)) for one in made.of(fate)]


CLOSED = line("closed", "4113900001")


@pytest.mark.parametrize(
    ("lines", "back", "goes"),
    [
        (CLOSED, {A}, set()),
        (line("joined", "4113900001", "4101900002"), {A}, set()),
        (line("joined", "4113900001|4101900002", "4213900003"), {A, B}, set()),
        (line("joined", "4113900001", "4101900002|4213900003"), {A}, set()),
        (line("merged", "4113900001|4101900002", "4113900009=Jaunā"), {A, B}, {NEW}),
        (line("split", "4113900001", "4101900002|4113900009=Jaunā"), {A}, {NEW}),
        (line("part_split_off", "4113900001", "4113900009=Jaunā"), set(), {NEW}),
        (line("transformed", "4113900001", "4113900009=Jaunā"), {A}, {NEW}),
        (line("branch_created", "4113900001", new_name="Filiāle"), set(), set()),
        (line("renamed", "4113900001", new_name="Jaunais vārds"), {A}, set()),
        (CLOSED + line("renamed", "4213900003", new_name="Cita skola"), {A, C}, set()),
    ],
)
def test_every_place_is_named_with_what_becomes_of_it(
    office: Office, lines: str, back: set[str], goes: set[str]
) -> None:
    made = shown(office, carried_out(office, lines))
    assert {scope for scope, _ in told(made, Fate.PLACE_BACK)} == back
    assert {scope for scope, _ in told(made, Fate.PLACE_GOES)} == goes
    assert {one.why for one in made.changes} <= set(UNDO_WHY)


def test_names_codes_and_members_that_come_back_are_said(office: Office) -> None:
    lines = (
        line("renamed", "4113900001", new_name="Jaunais vārds")
        + line("recoded", "0099100", new_code="0099101")
        + line("joined", "0099000", "0099200=Lielais novads")
    )
    made = shown(office, carried_out(office, lines.replace("0099200=Lielais novads", "0099100")))
    said = [reason for _, reason in told(made, Fate.PLACE_BACK)]
    assert "It is called Aldas vidusskola again." in said
    assert "It has the code 0099100 again." in said
    assert any(
        one.startswith("It goes on as if the order had not been; institutions that lie in it again:") for one in said
    )


def test_rights_come_back_with_the_days_they_were_to_hold_and_what_is_newer_stays_with_its_reason(
    office: Office,
) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A, "learners", until=date(2027, 5, 31))
    office.give(anna, A, "staff", until=DAY + timedelta(days=1))  # over before it is undone
    office.give(zane, A)
    office.give(zane, B)  # not touched
    ids, proposal = office.approved(line("transformed", "4113900001", "4113900009=Jaunā"))
    office.give(zane, NEW, since=DAY)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    office.pass_days(3)
    made = shown(office, list(ids))
    again = [
        (one.account, one.scope, one.section, one.level, one.since, one.until) for one in made.of(Fate.RIGHT_AGAIN)
    ]
    assert again == [
        ("anna.berzina", A, "learners", Level.EDIT, date(2026, 1, 1), date(2027, 5, 31)),
        ("zane.kalna", A, "learners", Level.EDIT, date(2026, 1, 1), None),
    ]
    stays = {(one.account, one.scope, one.section, one.why) for one in made.of(Fate.RIGHT_STAYS)}
    assert stays == {("anna.berzina", A, "staff", "over"), ("zane.kalna", NEW, "learners", "given_since")}
    assert [one.scope for one in made.of(Fate.PLACE_STAYS)] == [NEW]


def signs(office: Office, name: str, place: str, *, since: date | None = None, until: date | None = None) -> None:
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, place).id,
            person_id=person(session, name).id,
            capacity=Capacity.HEAD,
            since=since,
            until=until,
            source="reģistrs",
            origin=BY_REVIEWER,
            at=office.now,
        )


def signing(office: Office, place: str) -> set[tuple[str, date | None]]:
    with office.sessions() as session:
        scope = institutions.scope_by_code(session, place).id
        return {(one.person.full_name, one.until) for one in known_signatories(session, scope)}


def test_entitlements_to_sign_come_back_as_listed_and_a_newer_word_stays(office: Office) -> None:
    signs(office, "Ilze Kalna", A, until=date(2027, 1, 31))
    signs(office, "Juris Ozols", A)
    ids = carried_out(office, CLOSED)
    signs(office, "Juris Ozols", A, since=DAY + timedelta(days=1), until=DAY + timedelta(days=90))
    made = shown(office, ids)
    assert [(one.name, one.until) for one in made.of(Fate.SIGNATORY_AGAIN)] == [("Ilze Kalna", date(2027, 1, 31))]
    assert [one.name for one in made.of(Fate.SIGNATORY_STAYS)] == ["Juris Ozols"]
    before = signing(office, A)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    eve = DAY - timedelta(days=1)
    assert ("Juris Ozols", eve) in before, "what the order left of it"
    assert signing(office, A) == (before - {("Ilze Kalna", eve)}) | {("Ilze Kalna", date(2027, 1, 31))}


@pytest.mark.parametrize("seen", ["", "0" * 64, "f" * 64, "not a digest"])
def test_nobody_proposes_what_they_have_not_seen(office: Office, seen: str) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    ids = carried_out(office, CLOSED)
    with office.sessions.begin() as session, pytest.raises(SeenOtherwise):
        propose(
            session,
            ids,
            by="inese.kalna",
            origin=BY_REVIEWER,
            at=office.now,
            reason="kļūda",
            seen=seen,
        )


def test_whatever_is_listed_moves_the_digest(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A, "learners", "staff")
    signs(office, "Ilze Kalna", A)
    ids = carried_out(office, line("transformed", "4113900001", "4113900009=Jaunā"))
    digests = [shown(office, ids).digest]
    office.give(anna, A, "staff", since=DAY + timedelta(days=3))
    digests.append(shown(office, ids).digest)
    office.give(anna, NEW, since=DAY + timedelta(days=3))
    digests.append(shown(office, ids).digest)
    signs(office, "Ilze Kalna", A, since=DAY + timedelta(days=1))
    digests.append(shown(office, ids).digest)
    assert len(set(digests)) == len(digests)
    assert shown(office, ids).digest == digests[-1], "the same list has the same digest"


def test_the_second_person_confirms_the_list_and_no_other(office: Office) -> None:
    anna, zane = office.account("Anna Bērziņa"), office.account("Zane Kalna")
    office.give(anna, A)
    ids = carried_out(office, line("transformed", "4113900001", "4113900009=Jaunā"))
    back = office.propose_undo(ids)
    with office.sessions() as session:
        kept = session.get_one(Proposal, back)
        assert kept.payload["plan"] == shown(office, ids).digest
        assert shown(office, ids).digest in str(kept.shown)
    office.give(zane, NEW, since=DAY + timedelta(days=3))
    with pytest.raises(RestsOnChanged):
        office.confirm(back)
    office.confirm(office.propose_undo(ids))


def test_a_name_recorded_since_stays_and_a_founded_place_says_how_it_goes_on(office: Office) -> None:
    ids = carried_out(
        office, line("renamed", "4213900003", new_name="Otrā") + line("transformed", "4113900001", "4113900009=Jaunā")
    )
    signs(office, "Ilze Kalna", NEW, since=DAY, until=DAY)
    made = shown(office, ids)
    assert [(one.scope, one.why) for one in made.of(Fate.PLACE_STAYS)] == [(NEW, "in_use")]
    signs(office, "Juris Ozols", NEW, since=DAY)
    with office.sessions.begin() as session:
        school = session.scalars(select(Institution).where(Institution.reg_no == "4213900003")).one()
        changing.rename(session, school, "Trešā", day=DAY + timedelta(days=2))
    made = shown(office, ids)
    stays = {(one.scope, one.why) for one in made.of(Fate.PLACE_STAYS)}
    assert stays == {(NEW, "goes_on"), (C, "newer")}
    assert {one.why for one in made.changes} <= set(UNDO_WHY)
