"""A reform is told to everybody in one mail each; nobody is told twice of the same, whatever is done with the order."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from builders.iam.register import BY_REVIEWER
from iam.audit import Door
from iam.grants.models import Account
from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import AT, DAY, SYSTEM, URL, Office
from tests.workflows.reorganisation.test_real_cases import AT as REFORM_AT
from tests.workflows.reorganisation.test_real_cases import ATR
from tests.workflows.reorganisation.test_told_again import repeal
from tests.workflows.reorganisation.test_told_ahead import complete, drafts, mail_to
from tests.workflows.reorganisation.test_undone_property import PEOPLE, OneSession, code_of, orders_changes, rights_held
from workflows import database, staff
from workflows.application import service
from workflows.application.models import PrefilledDraft
from workflows.mail import Mail
from workflows.reorganisation.approving import foreseen_for
from workflows.reorganisation.checking import checked
from workflows.reorganisation.fates import Fate
from workflows.reorganisation.order_files import read_orders
from workflows.staff import Role

MERGED = "1,Likums,2026-09-01,merged,0099000|0099100,0099300=Lielais novads,,\n"


def test_two_municipalities_are_merged_into_one_that_is_founded(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    with office.sessions() as session:
        alda, ciruli = code_of(session, "0099000"), code_of(session, "0099100")
    office.give(anna, alda, "learners")
    office.give(anna, ciruli, "learners", "staff")
    _, proposal = office.approved(MERGED)
    office.tell(proposal)
    assert office.mails("order_ahead") == ["anna@skola.example"]
    assert mail_to(office, "anna@skola.example").count("pēdējā diena 31.08.2026.") == 3
    (filled,) = drafts(office)
    assert str(filled["institution"]["place"]).startswith("m-")
    assert filled["scope"]["level"] == "municipality"
    assert {name for name in filled["scope"] if name.startswith("section.")} == {"section.learners", "section.staff"}
    assert filled["why"]["basis"] == "reform"
    with office.sessions.begin() as session:
        application = session.scalars(select(PrefilledDraft)).one().application
        for step, given_ in complete(session, application.answers).items():
            assert service.save_group(session, application, step, given_, at=AT)
        service.submit(session, application, base_url=URL, door=Door.WEB, at=AT)
        assert application.applicant_name == "Lielais novads", "it goes by the name it will have"


@example(
    change=("merged", ("4113900001|4101900002", "4113900009=Jaunā")),
    rights=[("Anna Bērziņa", "i-4113900001", "learners", None)],
    new=[("Anna Bērziņa", "i-4101900002", "learners", None)],
    days=0,
    repealed=False,
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(change=orders_changes, rights=rights_held, new=rights_held, days=st.integers(0, 40), repealed=st.booleans())
def test_nobody_is_told_twice_of_the_same(
    database_url: str,
    tmp_path: Path,
    change: tuple[str, tuple[str, str]],
    rights: list[tuple[str, str, str, int | None]],
    new: list[tuple[str, str, str, int | None]],
    days: int,
    *,
    repealed: bool,
) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    with Session(engine) as session:
        office = Office(OneSession(session))  # type: ignore[arg-type] # all it asks of sessions
        office.open(tmp_path)
        accounts = {name: office.account(name) for name in PEOPLE}
        for name, place, section, length in rights:
            until = None if length is None else DAY + timedelta(days=length - 10)
            office.give(accounts[name], code_of(session, place), section, until=until)
        kind, (sources, targets) = change
        name = "Jauns nosaukums" if kind == "renamed" else ""
        ids, first = office.approved(f"1,Domes lēmums,{DAY},{kind},{sources},{targets},{name},\n")
        office.tell(first)
        told = Counter(office.mails("order_ahead"))
        assert set(told.values()) <= {1}
        taken = {(name, place, section) for name, place, section, _ in rights}
        for name, place, section, _ in new:
            if (name, place, section) not in taken:
                office.give(accounts[name], code_of(session, place), section, since=DAY)
        second = office.propose(ids)
        office.confirm(second)
        office.tell(second)
        office.tell(first)
        assert lines_told_twice(session, "order_ahead") == []
        told = Counter(office.mails("order_ahead"))
        if repealed:
            repeal(office, ids)
        else:
            office.now = midnight_in_riga(DAY)
            office.carry_out(second)
            assert set(office.states().values()) == {OrderState.APPLIED}
            again = Counter(office.mails("rights_ended"))
            assert set(again.values()) <= {1}
            assert set(again) <= set(told)
            assert lines_told_twice(session, "rights_ended") == []
            office.pass_days(days)
            back = office.propose_undo(ids)
            office.confirm(back)
            office.undo(back)
        office.take_back(ids)
        office.take_back(ids)
        last = Counter(office.mails("rights_again")) + Counter(office.mails("order_taken_back"))
        assert set(last) == set(told), "whoever was told is told again"
        assert set(last.values()) <= {1}
    engine.dispose()


def lines_told_twice(session: Session, template: str) -> list[tuple[str, str]]:
    """The lines of ends that one mailbox read in two mails of the kind."""
    told: Counter[tuple[str, str]] = Counter()
    for to, text in session.execute(select(Mail.to_address, Mail.text_body).where(Mail.template == template)):
        told.update({(to, line) for line in (text or "").splitlines() if "pēdējā diena 31.08." in line})
    return [one for one, times in told.items() if times > 1]


@pytest.mark.shared
def test_the_whole_reform_of_2021_is_told_in_chunks_with_one_mail_each(reform_url: str) -> None:
    engine = database.engine(reform_url)
    office = Office(database.session_factory(engine), now=REFORM_AT)
    with office.sessions.begin() as session:
        for username, roles in (("inese.kalna", {Role.REVIEWER}), ("valdis.upe", {Role.APPROVER})):
            staff.add(session, username, name=username, roles=roles, by=SYSTEM, door=Door.CLI, at=REFORM_AT)
        said = checked(session, read_orders(ATR)).orders
        ids = [OrderId(row.id) for row in orders.draft(session, said, origin=BY_REVIEWER, at=REFORM_AT)]
    proposal = office.propose(ids)
    office.confirm(proposal)
    with office.sessions() as session:
        rows = [orders.order_with(session, one) for one in ids]
        ends = foreseen_for(session, rows).plan.of(Fate.ENDS)
    assert office.mails("order_ahead") == []
    steps = office.tell(proposal)
    told = office.mails("order_ahead")
    assert len(told) == len(set(told)) == len({one.account for one in ends}) > 300
    assert steps > 3
    places = Counter(str(one["institution"]["place"]) for one in drafts(office))
    assert all(place.startswith("m-") for place in places)
    # Of Aglona and Inčukalns, which were split, nobody has an automatic successor.
    with office.sessions() as session:
        split = {one.account for one in ends if one.why == "split"}
        filled = set(session.scalars(select(Account.username).join(PrefilledDraft)))
    assert split
    assert not split & filled
    assert {one.account for one in ends} - split == filled
    engine.dispose()
