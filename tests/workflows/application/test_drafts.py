"""Filling an application in: every objection at its field, nothing lost, nothing beyond what one may ask for."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from builders.workflows.filed import answers
from builders.workflows.office import SCHOOL, Office
from demo.pki import person
from iam.audit import Door
from iam.institutions.service import municipalities
from iam.periods import riga_day
from workflows.application import notices, repository, service
from workflows.application.errors import BadReference, Incomplete, NoSuchApplication, NotNow
from workflows.application.kinds.grant.documents import Part
from workflows.application.kinds.grant.kind import as_grant
from workflows.application.kinds.grant.rules import GROUPS, Catalogue, check_group
from workflows.application.models import Application
from workflows.application.states import Party, State
from workflows.jobs import defer
from workflows.mail import Mail
from workflows.signed_forms.models import Link
from workflows.signed_forms.references import digest_of, new_reference, new_token, parse_reference

TODAY = date(2026, 11, 24)
CATALOGUE = Catalogue(
    frozenset({"learners", "staff"}), frozenset({SCHOOL}), TODAY - timedelta(days=31), TODAY + timedelta(days=366)
)


def errors(group: str, given: Mapping[str, str | list[str]]) -> list[tuple[str, str]]:
    found = check_group(group, given, catalogue=CATALOGUE, on=TODAY).errors
    return [(one.field, one.code) for one in found]


def test_an_empty_group_names_every_field_that_is_needed() -> None:
    assert errors("institution", {}) == [("place", "place.missing")]
    assert [field for field, _ in errors("head", {})] == [
        "given_name",
        "surname",
        "personal_code",
        "position",
        "email",
    ]
    assert errors("scope", {}) == [("level", "level.missing"), ("sections", "sections.missing")]
    assert errors("dates", {}) == [("since", "since.missing")]
    assert errors("why", {}) == [("basis", "basis.missing")]


def test_a_head_who_is_the_user_says_nothing_twice() -> None:
    assert errors("user", {"head_is_user": "yes"}) == []
    assert len(errors("user", {"head_is_user": "no"})) == 5


def test_fields_that_are_not_shown_yet_are_not_asked_for() -> None:
    assert errors("user", {}) == [("head_is_user", "head_is_user.missing")]


def test_what_turns_the_direction_of_text_does_not_reach_a_document() -> None:
    given = {
        "given_name": "Il\u202eze",
        "surname": "P",
        "personal_code": "320000-00101",
        "position": "d",
        "email": "a@b.lv",
    }
    assert check_group("head", given, catalogue=CATALOGUE, on=TODAY).answers["given_name"] == "Ilze"


# Soft hyphen, grapheme joiner, fillers, invisible separators, variation selectors, tags, a blank braille cell.
UNSEEN = [
    *"\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u200b\u200d\u200e\u2060\u2063\u2065\u206a\u3164\ufe0f\ufeff\uffa0",
    *"\ufff0\U0001bca0\U0001d173\U000e0001\U000e0041\U000e0100\U000e0fff",
]


@pytest.mark.parametrize("letter", UNSEEN, ids=[f"{ord(one):04X}" for one in UNSEEN])
@pytest.mark.parametrize("field", ["given_name", "surname", "position", "email"])
def test_what_nobody_sees_is_no_part_of_an_answer(field: str, letter: str) -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    typed = str(good[field])
    hidden = {**good, field: letter + letter.join(typed) + letter}
    found = check_group("head", hidden, catalogue=CATALOGUE, on=TODAY)
    assert (found.answers[field], found.errors) == (typed, ())
    assert errors("head", {**good, field: letter * 3 + "\u2800"}) == [(field, f"{field}.missing")]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Anna2",
            "An_na",
            "Anna@skola",
            "<b>Anna</b>",
            "Anna☺",
            "An/na",
            "Anna;",
            "Anna\N{CIRCLED LATIN CAPITAL LETTER A}1",
        ),
        *(
            "\N{CYRILLIC CAPITAL LETTER A}nna",
            "Ann\N{GREEK SMALL LETTER ALPHA}",
            "An\N{CYRILLIC SMALL LETTER EN}a",
            "-",
            "''",
        ),
        *("a" + "\u0301" * 6, "\u0301anna", "An\u20ddna", "\ue000", "\U000f0000"),
    ],
)
def test_a_name_is_letters_of_one_alphabet(name: str) -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    assert errors("head", {**good, "given_name": name}) == [("given_name", "given_name.letters")]


@pytest.mark.parametrize(
    "name",
    [
        "Anna Marija",
        "J. R.",
        "D\u2019Arc",
        "O'Neil",
        "Łukasz",
        "Ģirts-Jānis",
        "Олена",
        "Παναγιώτα",
        "Nguyễn",
    ],
)
def test_a_name_may_be_anybodys(name: str) -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    assert errors("head", {**good, "given_name": name}) == []


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("personal_code", "320000-0010", "personal-code.shape"),
        ("personal_code", "311299-12346", "personal-code.check_digit"),
        ("personal_code", "300299-12345", "personal-code.date"),
        ("email", "ilze at skola.lv", "email.shape"),
        ("email", "ilze@skola.lv\r\nBcc: all@skola.lv", "email.shape"),
        ("surname", "Ž" * 201, "surname.too-long"),
    ],
)
def test_a_slip_of_the_pen_is_told_at_its_field(field: str, typed: str, code: str) -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    assert errors("head", good) == []
    assert errors("head", {**good, field: typed}) == [(field, code)]


@pytest.mark.parametrize("written", ["320000-00011", "32000000011", "320000 00011", "(320000\u201300011)"])
def test_a_personal_code_in_a_free_text_is_told_at_its_field(written: str) -> None:
    assert errors("why", {"basis": "replaces", "detail": f"Jānis {written}"}) == [("detail", "detail.personal-code")]
    head = {"given_name": "Anna", "surname": "Liepa", "personal_code": "320000-00101", "email": "anna@skola.test"}
    assert errors("head", {**head, "position": f"direktore {written}"}) == [("position", "position.personal-code")]


@pytest.mark.parametrize(
    "text", ["tel. +37120000000", "tel. 37120000000", "Nr. 4113900001", "40000000000", "Nr. 123456-1"]
)
def test_other_numbers_in_a_free_text_are_no_personal_codes(text: str) -> None:
    assert errors("why", {"basis": "new", "detail": text}) == []


def test_a_second_application_for_the_same_user_and_place_is_noticed_by_whoever_knows_all_of_the_first(
    office: Office,
) -> None:
    first = office.submit()
    with office.sessions.begin() as session:
        stated = session.get_one(Application, first.id).stated
        assert stated is not None
        draft = service.start_draft(session, language="lv", door=Door.WEB, at=office.now).application
        draft.answers = {
            "institution": {"place": f"i-{stated['applicant']['code']}"},
            "head": {name: stated["head"][name] for name in ("personal_code", "email")},
            "user": {"head_is_user": "no", **{name: stated["user"][name] for name in ("personal_code", "email")}},
        }
        session.flush()
        assert repository.open_like(session, draft)
        for group, name in (("user", "email"), ("head", "email"), ("user", "personal_code"), ("institution", "place")):
            whole = draft.answers
            draft.answers = {**whole, group: {**whole[group], name: "other@skola.test"}}
            session.flush()
            assert not repository.open_like(session, draft), f"a stranger who guesses the {name} learns nothing"
            draft.answers = whole


def test_codes_are_taken_with_or_without_hyphen_and_kept_as_people_write_them() -> None:
    good = answers(person("head"), person("user"), since=TODAY)["head"]
    checked = check_group("head", {**good, "personal_code": " 32000000101 "}, catalogue=CATALOGUE, on=TODAY)
    assert checked.answers["personal_code"] == "320000-00101"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"since": "2026-12-01"}, "2026-12-01"),
        ({"since": "1.12.2026."}, "2026-12-01"),
        ({"since": "01.12.2026"}, "2026-12-01"),
        ({"since-day": "1", "since-month": "12", "since-year": "2026"}, "2026-12-01"),
    ],
)
def test_a_day_may_be_written_as_people_write_it(typed: Mapping[str, str], kept: str) -> None:
    assert check_group("dates", typed, catalogue=CATALOGUE, on=TODAY).answers["since"] == kept


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("31.02.2027", "", [("since", "since.no-such-day")]),
        ("01.09.2026", "", [("since", "since.past")]),
        ("01.09.2028", "", [("since", "since.far")]),
        ("01.12.2026", "30.11.2026", [("until", "until.before-since")]),
        ("01.11.2026", "23.11.2026", [("until", "until.past")]),
        ("01.11.2026", "24.11.2026", []),
    ],
)
def test_the_days_must_make_sense(since: str, until: str, expected: list[tuple[str, str]]) -> None:
    assert errors("dates", {"since": since, "until": until}) == expected


def test_replacing_somebody_says_whom() -> None:
    assert errors("why", {"basis": "replaces"}) == [("detail", "detail.missing")]
    assert errors("why", {"basis": "replaces", "detail": "anna.liepa"}) == []


@given(st.sampled_from(GROUPS), st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=6))
def test_whatever_is_typed_is_an_answer_or_an_objection_never_a_fault(group: str, typed: dict[str, str]) -> None:
    check_group(group, typed, catalogue=CATALOGUE, on=TODAY)


@given(st.integers(0, 11), st.data())
def test_one_wrong_character_of_a_reference_is_always_noticed(place: int, data: st.DataObject) -> None:
    good = new_reference().replace("-", "")
    other = data.draw(st.sampled_from([letter for letter in "34679ACDEFGHJKMNPQRTWXY" if letter != good[place]]))
    with pytest.raises(BadReference):
        parse_reference(good[:place] + other + good[place + 1 :])


@given(st.integers(0, 10))
def test_two_exchanged_neighbours_in_a_reference_are_noticed(place: int) -> None:
    good = new_reference().replace("-", "")
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    if swapped != good:
        with pytest.raises(BadReference):
            parse_reference(swapped)


def test_a_draft_is_resumed_by_its_link_and_by_nothing_else(office: Office) -> None:
    with office.sessions.begin() as session:
        draft = service.start_draft(session, language="lv", door=Door.WEB, at=office.now)
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


def test_an_incomplete_draft_is_not_submitted_and_names_the_groups(office: Office) -> None:
    with office.sessions.begin() as session:
        draft = service.start_draft(session, language="lv", door=Door.WEB, at=office.now)
        with pytest.raises(Incomplete) as incomplete:
            service.submit(session, draft.application, base_url="https://viis.test", door=Door.WEB, at=office.now)
    assert set(incomplete.value.errors) == set(GROUPS)


def test_what_is_submitted_cannot_be_filled_in_again(office: Office) -> None:
    submitted = office.submit()
    with office.sessions() as session:
        application = session.get_one(Application, submitted.id)
        with pytest.raises(NotNow):
            service.save_group(session, application, "why", {"basis": "new"}, at=office.now)


def test_a_link_opens_its_own_application_only(office: Office) -> None:
    first, second = office.submit(), office.submit()
    with office.sessions() as session:
        link = service.open_link(session, first.reference.lower().replace("-", ""), first.token)
        assert (link.application.id, link.party) == (first.id, Party.APPLICANT)
        for reference, token in (
            (second.reference, first.token),
            (first.reference, new_token()[0]),
            ("nav numurs", first.token),
        ):
            with pytest.raises(NoSuchApplication):
                service.open_link(session, reference, token)


@pytest.mark.parametrize(
    ("scope", "code"), [({"places": "9013900114"}, "places.not-yours"), ({"level": "municipality"}, "level.not-yours")]
)
def test_a_school_cannot_ask_for_another_schools_rights(office: Office, scope: dict[str, str], code: str) -> None:
    said = answers(person("head"), person("user"), place=SCHOOL, since=office.today)
    with office.sessions.begin() as session:
        application = service.start_draft(session, language="lv", door=Door.WEB, at=office.now).application
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
        application = service.start_draft(session, language="lv", door=Door.WEB, at=office.now).application
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
        draft = service.start_draft(session, language="lv", door=Door.WEB, at=office.now)
        assert service.save_group(session, draft.application, "institution", {"place": f"m-{town.id}"}, at=office.now)
        given = {"section.learners": "edit", **scope}
        checked = service.save_group(session, draft.application, "scope", given, at=office.now)
    assert [one.code for one in checked.errors] == codes


def test_a_municipality_asks_for_its_own_schools_by_name(office: Office) -> None:
    with office.sessions.begin() as session:
        town = next(one for one in municipalities(session, on=riga_day(office.now)) if one.name == "Ezerpils")
        draft = service.start_draft(session, language="lv", door=Door.WEB, at=office.now)
        said = answers(person("head"), person("user"), place=f"m-{town.id}", since=riga_day(office.now))
        scope: dict[str, str | list[str]] = {**said["scope"], "level": "municipality"}
        scope["places"] = [SCHOOL, "9013900114", f"m-{town.id}"]
        for name, group in said.items():
            given_group = scope if name == "scope" else group
            assert service.save_group(session, draft.application, name, given_group, at=office.now)
        review = service.check_answers(session, draft.application, at=office.now)
    assert review.errors == {}
    assert review.stated is not None
    assert [place.name for place in as_grant(review.stated).scope][:1] == ["Ezerpils 1. vidusskola"]
    assert review.stated.applicant.name == "Ezerpils"


def test_what_nobody_signs_lapses_after_thirty_days_and_says_so(office: Office) -> None:
    submitted = office.submit()
    with office.sessions.begin() as session:
        draft = service.start_draft(session, language="lv", door=Door.WEB, at=office.now)
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


def test_links_end_some_time_after_the_application_has(office: Office) -> None:
    submitted, other = office.submit(), office.submit()
    with office.sessions.begin() as session:
        service.withdraw(session, submitted.id, party=Party.HEAD, door=Door.WEB, at=office.now - timedelta(days=91))
        service.withdraw(session, other.id, party=Party.HEAD, door=Door.WEB, at=office.now - timedelta(days=89))
        defer(session, "application.end_links")
    office.work()
    with office.sessions() as session:
        with pytest.raises(NoSuchApplication):
            service.open_link(session, submitted.reference, submitted.token)
        assert service.open_link(session, other.reference, other.token).party == Party.APPLICANT


def test_a_link_that_got_lost_is_sent_again_and_changes_nothing_stated(office: Office) -> None:
    submitted = office.submit()
    with office.sessions.begin() as session:
        service.send_link_again(
            session,
            submitted.id,
            Party.USER,
            email="janis.cits@demo.test",
            base_url="https://viis.test",
            door=Door.WEB,
            at=office.now,
        )
    assert office.mails("janis.cits@demo.test") == ["application_sign"]
    assert office.track(submitted).stated.people["user"].email == "user@demo.test"
    office.prove(submitted)
    with office.sessions() as session, pytest.raises(NotNow):
        service.send_link_again(
            session,
            submitted.id,
            Party.USER,
            email="janis.cits@demo.test",
            base_url="https://viis.test",
            door=Door.WEB,
            at=office.now,
        )


def test_of_too_many_institutions_none_is_looked_up_and_all_stand_as_typed(office: Office) -> None:
    lines = [f"{number:010}" for number in range(3000)]
    asked: list[str] = []
    with office.sessions.begin() as session:
        draft = service.start_draft(session, language="lv", door=Door.WEB, at=office.now)
        event.listen(session.connection(), "before_cursor_execute", lambda *said: asked.append(str(said[2])))
        scope = {"level": "institution", "section.learners": "edit", "places": "\n".join(lines)}
        checked = service.save_group(session, draft.application, "scope", scope, at=office.now)
    assert [error.code for error in checked.errors] == ["places.too-many"]
    assert checked.answers["places"] == lines
    assert len(asked) < 20


def test_one_mailbox_gets_so_many_mails_an_hour_however_its_address_is_written(office: Office) -> None:
    first = office.submit()

    def ask(session: Session, email: str, at: datetime) -> None:
        application = session.get_one(Application, first.id)
        notices.send_link(session, application, Party.HEAD, email, base_url="https://viis.test", at=at)

    def written(session: Session, model: type[Mail] | type[Link]) -> int:
        to = Mail.to_address if model is Mail else Link.email
        return session.scalar(select(func.count()).where(to.ilike("anna%"))) or 0

    with office.sessions() as session:
        for email in ("anna@skola.test", "Anna@Skola.test", "anna+1@skola.test", "ANNA+x.y@skola.test"):
            for _ in range(12):
                ask(session, email, office.now)
        assert written(session, Mail) == written(session, Link) == 30, "no link is made that nobody is mailed"
        ask(session, "other@skola.test", office.now)
        assert session.scalar(select(func.count()).where(Mail.to_address == "other@skola.test")) == 1
        ask(session, "anna@skola.test", office.now + timedelta(hours=1, seconds=1))
        assert written(session, Mail) == 31


def test_two_who_fill_a_mailbox_at_once_do_not_pass_the_limit(office: Office) -> None:
    first = office.submit()
    start = Barrier(4)

    def fill(_: int) -> None:
        start.wait()
        for _again in range(12):
            with office.sessions.begin() as session:
                application = session.get_one(Application, first.id)
                notices.send_link(session, application, Party.USER, "a@skola.test", base_url="https://a", at=office.now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, range(4)))
    assert office.mails("a@skola.test") == ["application_sign"] * 30


def test_asking_for_a_link_does_the_same_whoever_is_meant(office: Office) -> None:
    submitted = office.submit()
    office.work()
    did: list[list[str]] = []
    for reference, email in (
        (submitted.reference, "head@demo.test"),
        (submitted.reference, "stranger@else.test"),
        (new_reference(), "head@demo.test"),
    ):
        statements: list[str] = []
        with office.sessions.begin() as session:
            engine = session.get_bind()
            event.listen(engine, "before_cursor_execute", seen := lambda *said, to=statements: to.append(said[2]))
            service.ask_for_link(session, reference, email)
            event.remove(engine, "before_cursor_execute", seen)
        did.append(statements)
    assert did[0] == did[1] == did[2]
    with office.sessions() as session:
        kept = list(
            session.scalars(text("SELECT args::text FROM procrastinate_jobs WHERE task_name LIKE '%link_again'"))
        )
        assert len(kept) == 3
        assert not any("@" in one for one in kept), "what was typed is not kept"
    office.work()
    assert office.mails("head@demo.test").count("application_link") == 1
    assert office.mails("stranger@else.test") == []
