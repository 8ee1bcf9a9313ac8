"""A school that an order founds lies in a municipality that is there, though its own ends on that very day."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from iam.institutions.models import Institution, InstitutionMunicipality, Municipality, MunicipalityName
from iam.orders.states import OrderState
from iam.orders.unfounded import unfounded
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, HEADER, Office
from workflows.i18n import translator
from workflows.reorganisation.checking import read_and_checked
from workflows.reorganisation.faults import BadOrderFile

A, B, NEW = "4113900001", "4101900002", "4113900077"
ALDA, CIRULI = "0099000", "0099100"
EVE = DAY - timedelta(days=1)
FOUNDING = {
    "transformed": f"transformed,{A},{NEW}=Jaunā skola,,",
    "merged": f"merged,{A}|{B},{NEW}=Jaunā skola,,",
    "split": f"split,{A},{NEW}=Jaunā skola|4113900078=Otra skola,,",
    "a part": f"part_split_off,{A},{NEW}=Jaunā skola,,",
    "joined": f"joined,{A},{NEW}=Jaunā skola,,",
}
GOES_ON = {
    "joined to another": (f"joined,{ALDA},{CIRULI},,", "Cīruļu novads"),
    "merged into a new one": (f"merged,{ALDA}|{CIRULI},0098000=Jaunais novads,,", "Jaunais novads"),
}
NOWHERE = {
    "split": f"split,{ALDA},0098000=Viens|0098100=Otrs,,",
    "closed": f"closed,{ALDA},,,",
    "joined to two": f"joined,{ALDA},{CIRULI}|0098000=Viens,,",
}


def line(reference: str, change: str, day: date = DAY) -> str:
    return f"{reference},Likums,{day},{change}\n"


def faults(office: Office, lines: str, language: str = "en") -> list[str]:
    with office.sessions() as session:
        try:
            read_and_checked(session, (HEADER + lines).encode())
        except BadOrderFile as bad:
            return [one.in_words(translator(language)) for one in bad.faults]
    return []


def lies_in(office: Office, day: date, number: str = NEW) -> list[str]:
    """Name the municipalities in which it lies on the day, each with whether that is there."""
    with office.sessions() as session:
        rows = (
            select(MunicipalityName.name, Municipality.period.contains(day))
            .join(Municipality, Municipality.id == MunicipalityName.municipality_id)
            .join(InstitutionMunicipality, InstitutionMunicipality.municipality_id == Municipality.id)
            .join(Institution, Institution.id == InstitutionMunicipality.institution_id)
            .where(Institution.reg_no == number, InstitutionMunicipality.period.contains(day))
        )
        found = session.execute(rows).all()
        assert all(there for _, there in found), found
        return [name for name, _ in found]


@pytest.mark.parametrize("apart", [0, 3], ids=["that day", "days later"])
@pytest.mark.parametrize("town", GOES_ON)
@pytest.mark.parametrize(
    ("founding", "how"),
    [
        *((founding, "school first") for founding in FOUNDING),
        *(("transformed", how) for how in ("town first", "one order", "one plan", "town is done")),
    ],
)
def test_it_lies_in_the_one_successor_and_undone_everything_is_as_before(
    office: Office, founding: str, town: str, how: str, apart: int
) -> None:
    ends, name = GOES_ON[town]
    day = DAY + timedelta(days=apart)
    school, municipality = line("s", FOUNDING[founding], day), line("m", ends)
    if how == "one order":
        school = line("m", FOUNDING[founding])
    files = {
        "school first": [school, municipality],
        "town first": [municipality, school],
        "town is done": [municipality, school],
    }.get(how, [school + municipality])
    done = []
    for lines in files:
        done.append(office.approved(lines))
        if how == "town is done":
            office.now = midnight_in_riga(DAY)
            office.carry_out(done[-1][1])
    office.now = midnight_in_riga(day)
    for _ in range(2):
        for _, proposal in done:
            office.carry_out(proposal)
    assert set(office.states().values()) == {OrderState.APPLIED}
    first = DAY if how == "one order" else day
    assert lies_in(office, first) == [name]
    office.pass_days(1)
    for ids, _ in sorted(done, key=lambda one: max(one[0]), reverse=True) if how != "school first" else done:
        back = office.propose_undo(ids)
        office.confirm(back)
        office.undo(back)
    assert set(office.states().values()) == {OrderState.UNDONE}
    with office.sessions() as session:
        assert not unfounded(session)
        assert session.scalar(select(func.count(Institution.id)).where(Institution.reg_no == NEW)) == 0
    assert lies_in(office, day, A) == ["Aldas novads"]


@pytest.mark.parametrize("apart", [0, 3], ids=["that day", "days later"])
@pytest.mark.parametrize("approved", [True, False], ids=["approved", "recorded"])
@pytest.mark.parametrize("recorded", ["nothing", "the school", "the town"])
@pytest.mark.parametrize("town", NOWHERE)
def test_where_nobody_can_tell_it_is_named_when_it_is_entered(
    office: Office, town: str, recorded: str, apart: int, *, approved: bool
) -> None:
    school = line("s", FOUNDING["transformed"], DAY + timedelta(days=apart))
    municipality = line("m", NOWHERE[town])
    before = {"nothing": "", "the school": school, "the town": municipality}[recorded]
    if before:
        (office.approved if approved else office.record)(before)
    new = (school + municipality).replace(before, "")
    (said,) = faults(office, new)
    assert "without one successor: Aldas novads" in said
    assert "31.08.2026" in said
    assert ("contradicts the recorded order s" in said) is (recorded == "the school")
    (latvian,) = faults(office, new, "lv")
    assert "Aldas novads" in latvian
    assert "%(" not in latvian


@pytest.mark.parametrize("town", NOWHERE)
def test_what_is_founded_by_the_last_day_is_placed_by_a_person_as_all_others_are(office: Office, town: str) -> None:
    lines = line("s", FOUNDING["transformed"], EVE) + line("m", NOWHERE[town])
    assert faults(office, lines) == []
    _, proposal = office.approved(lines)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert lies_in(office, EVE, A) == ["Aldas novads"]
    assert lies_in(office, DAY) == lies_in(office, DAY, B) == []


@pytest.mark.parametrize("town", NOWHERE)
def test_after_the_split_it_is_named_on_the_day_itself_and_later_lies_in_none(office: Office, town: str) -> None:
    _, proposal = office.approved(line("m", NOWHERE[town]))
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    (said,) = faults(office, line("s", FOUNDING["transformed"]))
    assert "no one successor: Aldas novads" in said
    assert faults(office, line("s", FOUNDING["transformed"], DAY + timedelta(days=3))) == []
    _, later = office.approved(line("s", FOUNDING["transformed"], DAY + timedelta(days=3)))
    office.pass_days(3)
    office.carry_out(later)
    assert lies_in(office, DAY + timedelta(days=3)) == []
