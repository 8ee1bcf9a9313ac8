"""Who may see what of people, institutions and rights: the query says it, not the page."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, imported
from builders.iam.rights import DAY, TODAY, given, opened
from iam import readable
from iam.grants.models import Account
from iam.ids import MunicipalityId, ScopeId
from iam.institutions import service as institutions
from iam.institutions.entitlements import record_signatory
from iam.institutions.models import Capacity, InstitutionMunicipality, Scope
from iam.visibility import EVERYTHING, NOTHING, Visibility, scopes_headed_by, sees_scope


class World:
    """Three schools in two novadi, and who holds what in them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.alda, self.birza, self.ciruli = (
            institutions.scope_of_institution(session, number).id
            for number in ("4113900001", "4101900002", "4213900003")
        )
        ids = {hit.name: hit.id for hit in institutions.municipalities(session, on=TODAY)}
        self.novads: MunicipalityId = ids["Aldas novads"]
        self.other: MunicipalityId = ids["Cīruļu novads"]
        self.anna, self.janis, self.vija = (
            opened(session, name) for name in ("Anna Bērziņa", "Jānis Ozols", "Vija Upe")
        )
        given(session, self.anna, self.alda)
        given(session, self.anna, self.ciruli)
        given(session, self.janis, institutions.scope_of_municipality(session, self.novads).id)
        given(session, self.vija, institutions.state_scope(session).id)
        given(session, self.vija, self.ciruli, "staff")

    def holders(self, scope: ScopeId, sees: Visibility, on: date = TODAY) -> list[str]:
        return [account.username for account, _ in readable.grants_in_scope(self.session, scope, sees=sees, on=on)]

    def scopes(self, account: Account, sees: Visibility) -> list[str]:
        return sorted(one.scope for one in readable.history(self.session, account.id, sees=sees, on=TODAY))

    def shows(self, scope: ScopeId, sees: Visibility, on: date = TODAY) -> bool:
        found = select(Scope.id).where(Scope.id == scope, sees_scope(sees, Scope.id, on=on))
        return self.session.scalar(found) is not None

    def people(self, text: str, sees: Visibility) -> list[str]:
        return [one.full_name for one in readable.people(self.session, text, sees=sees, on=TODAY)]


@pytest.fixture
def world(session: Session, tmp_path: Path) -> World:
    imported(session, tmp_path)
    return World(session)


def test_a_consultant_sees_one_municipality_and_the_institutions_in_it(world: World) -> None:
    consultant = Visibility(municipalities=frozenset({world.novads}))
    novads = institutions.scope_of_municipality(world.session, world.novads).id
    assert world.holders(world.alda, consultant) == ["anna.berzina"]
    assert world.holders(novads, consultant) == ["janis.ozols"]
    assert world.holders(world.ciruli, consultant) == []
    assert world.holders(institutions.state_scope(world.session).id, consultant) == []
    assert world.scopes(world.anna, consultant) == ["i-4113900001"]
    assert world.people("a", consultant) == ["Anna Bērziņa", "Jānis Ozols"]
    assert readable.account_called(world.session, "vija.upe", sees=consultant, on=TODAY) is None
    found = readable.institutions(world.session, "pamatskola", sees=consultant, on=TODAY)
    assert [hit.name for hit in found] == []
    assert world.shows(world.birza, consultant)
    assert not world.shows(world.ciruli, consultant)


def test_an_institution_is_seen_where_it_belongs_on_the_day_asked_about(world: World) -> None:
    """A consultant of a municipality that an institution left sees it as it was, not as it is."""
    belongs = world.session.query(InstitutionMunicipality).filter_by(municipality_id=world.other).one()
    consultant = Visibility(municipalities=frozenset({world.other}))
    assert world.shows(world.ciruli, consultant)
    belongs.period = type(belongs.period)(belongs.period.lower, TODAY)
    world.session.flush()
    assert not world.shows(world.ciruli, consultant)
    assert world.shows(world.ciruli, consultant, TODAY - DAY)


def test_a_head_sees_the_institution_alone_and_the_holder_of_an_account_their_own(world: World) -> None:
    record_signatory(
        world.session,
        scope_id=world.alda,
        person_id=world.janis.person_id,
        capacity=Capacity.HEAD,
        since=TODAY,
        until=None,
        source="rīkojums 1",
        origin=BY_REVIEWER,
        at=AT,
    )
    headed = scopes_headed_by(world.session, world.janis.person_id, on=TODAY)
    assert headed == {world.alda}
    assert scopes_headed_by(world.session, world.janis.person_id, on=TODAY - DAY) == frozenset()
    head = Visibility(scopes=headed, person=world.janis.person_id)
    assert world.holders(world.alda, head) == ["anna.berzina"]
    assert world.holders(world.birza, head) == []
    assert world.scopes(world.anna, head) == ["i-4113900001"]
    assert world.scopes(world.janis, head) == [f"m-{world.novads}"]
    assert world.people("a", head) == ["Anna Bērziņa", "Jānis Ozols"]
    own = Visibility(person=world.vija.person_id)
    assert world.scopes(world.vija, own) == ["i-4213900003", "s"]
    assert world.scopes(world.anna, own) == []
    assert world.people("a", own) == ["Vija Upe"]


def test_power_of_attorney_is_no_headship(world: World) -> None:
    record_signatory(
        world.session,
        scope_id=world.alda,
        person_id=world.janis.person_id,
        capacity=Capacity.POWER_OF_ATTORNEY,
        since=TODAY,
        until=None,
        source="pilnvara 1",
        origin=BY_REVIEWER,
        at=AT,
    )
    assert scopes_headed_by(world.session, world.janis.person_id, on=TODAY) == frozenset()


def test_nothing_is_the_default_and_everything_is_said(world: World) -> None:
    assert Visibility() == NOTHING
    for sees, count in ((NOTHING, 0), (EVERYTHING, 1)):
        assert len(world.holders(world.alda, sees)) == count
        assert len(world.people("Anna", sees)) == count
        assert len(readable.institutions(world.session, "4113900001", sees=sees, on=TODAY)) == count
        assert (readable.account_called(world.session, "anna.berzina", sees=sees, on=TODAY) is None) == (count == 0)
        assert world.shows(world.alda, sees) == (count == 1)


def test_who_can_see_a_school_includes_the_rights_from_above_on_the_days_they_reach_it(world: World) -> None:
    def over(code: str, sees: Visibility = EVERYTHING, on: date = TODAY) -> list[tuple[str, str]]:
        place = institutions.place_by_code(world.session, code)
        return [
            (account.username, held.scope)
            for account, held in readable.grants_over(world.session, place, sees=sees, on=on)
        ]

    novads = f"m-{world.novads}"
    assert over("i-4113900001") == [("anna.berzina", "i-4113900001"), ("janis.ozols", novads), ("vija.upe", "s")]
    assert over("i-4101900002") == [("janis.ozols", novads), ("vija.upe", "s")], "nobody holds a right there itself"
    assert over("i-4213900003")[-1] == ("vija.upe", "s")
    assert ("janis.ozols", novads) not in over("i-4213900003"), "of another novads"
    assert over("i-4260800004") == [("vija.upe", "s")], "belongs to no municipality, and has no scope yet"
    assert over(novads) == [("janis.ozols", novads), ("vija.upe", "s")]
    assert over("s") == [("vija.upe", "s")]
    consultant = Visibility(municipalities=frozenset({world.novads}))
    assert over("i-4113900001", consultant) == [("anna.berzina", "i-4113900001"), ("janis.ozols", novads)]
    belongs = world.session.query(InstitutionMunicipality).filter_by(municipality_id=world.novads).all()
    for one in belongs:
        one.period = type(one.period)(one.period.lower, TODAY + DAY)
    world.session.flush()
    assert ("janis.ozols", novads) in over("i-4113900001")
    given(world.session, world.vija, world.birza, since=TODAY + DAY)
    assert over("i-4113900001", on=TODAY + DAY) == [("anna.berzina", "i-4113900001"), ("vija.upe", "s")]


def test_a_municipality_is_found_by_its_name_by_those_who_may_see_it(world: World) -> None:
    def found(text: str, sees: Visibility = EVERYTHING) -> list[str]:
        return [name for _, name, _ in readable.municipalities(world.session, text, sees=sees)]

    assert found("aldas novads")[0] == "Aldas novads"
    assert found("Cīruļu") == found("cirul") == ["Cīruļu novads"]
    assert found("nav") == found("") == []
    consultant = Visibility(municipalities=frozenset({world.novads}))
    assert found("novads", consultant) == ["Aldas novads"]
    assert not readable.place_is_seen(
        world.session, institutions.place_by_code(world.session, f"m-{world.other}"), sees=consultant, on=TODAY
    )
