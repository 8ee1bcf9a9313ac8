"""Filling an application in: nothing lost, nothing beyond what one may ask for."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.dialects.postgresql import Range

from builders.workflows.filed import answers
from builders.workflows.office import SCHOOL, Office
from demo.pki import person
from iam.audit import Door
from iam.institutions.models import Municipality
from iam.institutions.service import municipalities
from iam.periods import riga_day
from workflows.application import drafts, service
from workflows.application.errors import Incomplete, NoSuchApplication, NotNow
from workflows.application.kinds.grant.documents import Part
from workflows.application.kinds.grant.rules import GROUPS
from workflows.application.kinds.grant.stated import Stated
from workflows.application.models import Application
from workflows.application.states import Party, State
from workflows.jobs import defer
from workflows.signed_forms.models import Link
from workflows.signed_forms.references import digest_of, new_token


def test_a_second_application_for_the_same_user_and_place_is_noticed_by_whoever_knows_all_of_the_first(
    office: Office,
) -> None:
    first = office.submit()
    with office.sessions.begin() as session:
        stated = session.get_one(Application, first.id).stated
        assert stated is not None
        draft = service.start_draft(session, kind="grant", language="lv", door=Door.WEB, at=office.now).application
        draft.answers = {
            "institution": {"place": f"i-{stated['applicant']['code']}"},
            "head": {name: stated["head"][name] for name in ("personal_code", "email")},
            "user": {"head_is_user": "no", **{name: stated["user"][name] for name in ("personal_code", "email")}},
        }
        session.flush()
        assert drafts.open_already(session, draft)
        for group, name in (("user", "email"), ("head", "email"), ("user", "personal_code"), ("institution", "place")):
            whole = draft.answers
            draft.answers = {**whole, group: {**whole[group], name: "other@skola.test"}}
            session.flush()
            assert not drafts.open_already(session, draft), f"a stranger who guesses the {name} learns nothing"
            draft.answers = whole


def test_a_draft_is_resumed_by_its_link_and_by_nothing_else(office: Office) -> None:
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="grant", language="lv", door=Door.WEB, at=office.now)
        said = answers(person("head"), person("user"), since=riga_day(office.now))
        assert service.save_group(session, draft.application, "head", said["head"], at=office.now)
        assert not service.save_group(session, draft.application, "why", {"basis": "because"}, at=office.now)
    with office.sessions() as session:
        again = service.open_draft(session, draft.token)
        assert again.answers == {"head": dict(said["head"])}
        for wrong in (draft.token[:-1], new_token()[0], ""):
            with pytest.raises(NoSuchApplication):
                service.open_draft(session, wrong)
        stored = session.scalars(select(Link.token_digest)).all()
        assert stored == [digest_of(draft.token)]


def test_a_municipality_is_asked_for_until_its_last_day(office: Office) -> None:
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="grant", language="lv", door=Door.WEB, at=office.now).application
        town = session.get_one(Municipality, municipalities(session)[0].id)
        chosen = {"place": f"m-{town.id}"}
        town.period = Range(None, office.today + timedelta(days=1))
        assert service.save_group(session, draft, "institution", chosen, at=office.now)
        town.period = Range(None, office.today)
        session.flush()
        assert not service.save_group(session, draft, "institution", chosen, at=office.now)


def test_an_incomplete_draft_is_not_submitted_and_names_the_groups(office: Office) -> None:
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="grant", language="lv", door=Door.WEB, at=office.now)
        with pytest.raises(Incomplete) as incomplete:
            service.submit(session, draft.application, base_url="https://viis.test", door=Door.WEB, at=office.now)
    assert set(incomplete.value.errors) == set(GROUPS)


def test_what_is_submitted_cannot_be_filled_in_again(office: Office) -> None:
    submitted = office.submit()
    with office.sessions() as session:
        application = session.get_one(Application, submitted.id)
        with pytest.raises(NotNow):
            service.save_group(session, application, "why", {"basis": "new"}, at=office.now)


@pytest.mark.parametrize(
    ("scope", "code"), [({"places": "9013900114"}, "places.not-yours"), ({"level": "municipality"}, "level.not-yours")]
)
def test_a_school_cannot_ask_for_another_schools_rights(office: Office, scope: dict[str, str], code: str) -> None:
    said = answers(person("head"), person("user"), place=SCHOOL, since=office.today)
    with office.sessions.begin() as session:
        application = service.start_draft(
            session, kind="grant", language="lv", door=Door.WEB, at=office.now
        ).application
        service.save_group(session, application, "institution", said["institution"], at=office.now)
        checked = service.save_group(session, application, "scope", {**said["scope"], **scope}, at=office.now)
    assert [one.code for one in checked.errors] == [code]


@pytest.mark.parametrize(
    ("scope", "code"), [({"places": "9013900114"}, "places.not-yours"), ({"level": "municipality"}, "level.not-yours")]
)
def test_a_scope_said_before_the_institution_is_looked_at_again_at_the_end(
    office: Office, scope: dict[str, str], code: str
) -> None:
    said = answers(person("head"), person("user"), place=SCHOOL, since=office.today)
    with office.sessions.begin() as session:
        application = service.start_draft(
            session, kind="grant", language="lv", door=Door.WEB, at=office.now
        ).application
        for name in ("scope", "institution", "head", "user", "dates", "why"):
            group = {**said[name], **(scope if name == "scope" else {})}
            assert service.save_group(session, application, name, group, at=office.now)
        review = service.check_answers(session, application, at=office.now)
    assert [one.code for one in review.errors["scope"]] == [code]


@pytest.mark.parametrize(
    ("scope", "codes"),
    [
        ({"level": "institution"}, ["places.whole"]),
        ({"level": "institution", "places": SCHOOL}, []),
        ({"level": "municipality"}, []),
        ({"level": "municipality", "places": SCHOOL}, []),
        ({"level": "ministry"}, ["level.not-yours"]),
    ],
)
def test_what_a_municipality_asks_for_agrees_with_the_level_at_once(
    office: Office, scope: dict[str, str], codes: list[str]
) -> None:
    with office.sessions.begin() as session:
        town = next(one for one in municipalities(session, on=riga_day(office.now)) if one.name == "Ezerpils")
        draft = service.start_draft(session, kind="grant", language="lv", door=Door.WEB, at=office.now)
        assert service.save_group(session, draft.application, "institution", {"place": f"m-{town.id}"}, at=office.now)
        given = {"section.learners": "edit", **scope}
        checked = service.save_group(session, draft.application, "scope", given, at=office.now)
    assert [one.code for one in checked.errors] == codes


def test_a_municipality_asks_for_its_own_schools_by_name(office: Office) -> None:
    with office.sessions.begin() as session:
        town = next(one for one in municipalities(session, on=riga_day(office.now)) if one.name == "Ezerpils")
        draft = service.start_draft(session, kind="grant", language="lv", door=Door.WEB, at=office.now)
        said = answers(person("head"), person("user"), place=f"m-{town.id}", since=riga_day(office.now))
        scope: dict[str, str | list[str]] = {**said["scope"], "level": "municipality"}
        scope["places"] = [SCHOOL, "9013900114", f"m-{town.id}"]
        for name, group in said.items():
            given_group = scope if name == "scope" else group
            assert service.save_group(session, draft.application, name, given_group, at=office.now)
        review = service.check_answers(session, draft.application, at=office.now)
    assert review.errors == {}
    assert review.stated is not None
    assert [place.name for place in Stated.from_json(review.stated.to_json()).scope][:1] == ["Ezerpils 1. vidusskola"]
    assert review.stated.applicant.name == "Ezerpils"


def test_what_nobody_signs_lapses_after_thirty_days_and_says_so(office: Office) -> None:
    submitted = office.submit()
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="grant", language="lv", door=Door.WEB, at=office.now)
        long_ago = office.now - timedelta(minutes=1)
        for one in session.scalars(select(Application)):
            one.expires_at = long_ago
        defer(session, "application.expire")
    office.work()
    page = office.track(submitted)
    assert page.state is State.EXPIRED
    assert office.mails("head@demo.test")[-1] == "application_expired"
    with office.sessions() as session:
        assert session.get_one(Application, draft.application.id).state is State.EXPIRED
    with pytest.raises(NotNow):
        office.upload(submitted, b"too late")


def test_an_application_is_withdrawn_by_a_party_until_it_is_decided(office: Office) -> None:
    submitted = office.submit()
    office.prove(submitted, Part.LETTER)
    with office.sessions.begin() as session:
        service.withdraw(session, submitted.id, party=Party.HEAD, door=Door.WEB, at=office.now)
    assert office.track(submitted).state is State.WITHDRAWN
    with office.sessions() as session, pytest.raises(NotNow):
        service.withdraw(session, submitted.id, party=Party.HEAD, door=Door.WEB, at=office.now)


def test_of_too_many_institutions_none_is_looked_up_and_all_stand_as_typed(office: Office) -> None:
    lines = [f"{number:010}" for number in range(3000)]
    asked: list[str] = []
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="grant", language="lv", door=Door.WEB, at=office.now)
        event.listen(session.connection(), "before_cursor_execute", lambda *said: asked.append(str(said[2])))
        scope = {"level": "institution", "section.learners": "edit", "places": "\n".join(lines)}
        checked = service.save_group(session, draft.application, "scope", scope, at=office.now)
    assert [error.code for error in checked.errors] == ["places.too-many"]
    assert checked.answers["places"] == lines
    assert len(asked) < 20


def test_all_groups_of_an_application_are_checked_against_one_reading_of_the_catalogue(office: Office) -> None:
    statements: list[str] = []
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="grant", language="lv", door=Door.WEB, at=office.now)
        draft.application.answers = {"head": {}, "institution": {}}
        session.flush()
        event.listen(session.get_bind(), "before_cursor_execute", lambda *said: statements.append(said[2]))
        assert len(service.check_answers(session, draft.application, at=office.now).errors) == len(GROUPS)
    assert len([one for one in statements if "FROM sections" in one]) == 1
