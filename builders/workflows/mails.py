"""Every mail, with what fills it: one example for each thing it can say."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from workflows.application.kinds.grant.documents import INVITATIONS
from workflows.application.kinds.grant.showing import TEXTS
from workflows.application.kinds.revocation.documents import INVITATION
from workflows.application.kinds.revocation.words import ORDERS
from workflows.application.places_ended import HEADLINES, SENTENCES, PlaceEnds, say_with
from workflows.i18n import translator
from workflows.mail import page_of
from workflows.reorganisation.announcing import COVERED, FILLED_IN, OPEN_IT
from workflows.reorganisation.on_the_day import OPEN_IT as OPEN_AGAIN
from workflows.reorganisation.on_the_day import UNFINISHED
from workflows.restoration.rules import Obstacle
from workflows.restoration.words import ANEW, OBSTACLES

__all__ = ["examples"]

_BASE = "https://viis.example"
_KEY = "zqvWm2Y4c1kN8xTtR0uPbA"
_AT = datetime(2026, 12, 1, 18, 41, tzinfo=UTC)
_DEADLINE = datetime(2026, 12, 30, 12, 5, tzinfo=UTC)
_ENDS = PlaceEnds(
    order_id=7,
    order="1-3/7",
    law="Domes lēmums",
    last_day="2026-12-31",
    place="i-4113900001",
    place_name="Aldas vidusskola",
)
_RIGHTS = {
    "lv": ("Izglītojamie un piederība (labot), Aldas vidusskola", "Pedagogi (skatīt), Aldas vidusskola"),
    "en": ("Learners and enrolment (edit), Aldas vidusskola", "Teachers (view), Aldas vidusskola"),
}
_NOBODY: Mapping[str, object] = {
    "applications": [],
    "ended_applications": [],
    "signing": [],
    "stays": [],
    "asked_stay": [],
}


def examples(language: str) -> Mapping[str, Sequence[Mapping[str, object]]]:
    """Give the contexts of every mail in the language, by the mail's name."""
    words, rights = translator(language), _RIGHTS[language]
    application = {
        "reference": "3HXM-97QA-KD6C",
        "user": "A. L.",
        "institution": "Aldas vidusskola",
        "deadline": None,
        "decided_within": words.plural("within %(n)s working day", "within %(n)s working days", 5),
        "address": page_of(_BASE, f"/track/3HXM-97QA-KD6C?key={_KEY}", language),
    }
    waiting = {**application, "deadline": _DEADLINE}
    support = {"support_page": page_of(_BASE, "/support", language)}
    account = {
        "username": "anna.liepa",
        "rights": rights,
        "password_page": page_of(_BASE, "/reset", language),
        "my_page": page_of(_BASE, "/my", language),
    }
    last_day = words("%(right)s: last day %(day)s", right=rights[0], day=words.date(date(2026, 12, 31)))
    begins = words(TEXTS.begins, day=words.date(date(2026, 12, 7)))
    ends = words(TEXTS.ends, day=words.date(date(2026, 12, 31)))
    reset = {
        "username": "anna.liepa",
        "address": page_of(_BASE, f"/reset/new#{_KEY}", language),
        "page": page_of(_BASE, "/reset/new", language),
        "code": "K7M2-4PQX",
        "until": _AT,
    }
    apply_anew = {
        "username": "anna.liepa",
        "anew": words(ANEW),
        "apply_page": page_of(_BASE, "/apply", language),
    }
    return {
        "account_address_changed": [
            {"username": "anna.liepa", "is_new": is_new, "support_page": page_of(_BASE, "/support#incident", language)}
            for is_new in (True, False)
        ],
        "account_ready": [{**account, "has_password": has} for has in (False, True)],
        "application_approved": [
            {**application, "begins": begins, "ends": ends, "is_new": is_new}
            for begins, ends, is_new in ((begins, "", True), (begins, "", False), ("", ends, False), ("", "", False))
        ],
        "application_expired": [application],
        "application_in_review": [{**application, "answered": answered} for answered in (False, True)],
        "application_link": [{**waiting, "asked": words(TEXTS.link_again)}],
        "application_more_requested": [waiting],
        "application_refused": [application],
        "application_sign": [{**waiting, "invitation": words(one)} for one in (*INVITATIONS, INVITATION)],
        "application_to_do": [waiting],
        "order_ahead": _ahead(language, rights),
        "application_order": [
            {
                **one,
                "headline": words(HEADLINES[what]),
                "said": say_with(said, _ENDS).in_words(words),
            }
            for one, what, said in (
                (waiting, "ends", SENTENCES["ends"]),
                (application, "withdrawn", SENTENCES["withdrawn"]),
                (application, "withdrawn", ORDERS["withdrawn"]),
                (application, "taken_back", SENTENCES["goes_on"]),
                (application, "taken_back", SENTENCES["anew"]),
                (application, "taken_back", ORDERS["anew"]),
            )
        ],
        "mailbox_code": [{**support, "reference": "3HXM-97QA-KD6C", "code": "40712 25866", "until": _AT}],
        "order_taken_back": _taken_back(language, rights),
        "reset_done": [
            {
                "username": "anna.liepa",
                "at": _AT,
                "incident_contact": "6700 0000, viis@izm.example",
                "reset_page": page_of(_BASE, "/reset", language),
            }
        ],
        "reset_link": [{**reset, "first": first} for first in (True, False)],
        "reset_username": [{"usernames": ["anna.liepa", "anna.liepa2"], "page": page_of(_BASE, "/reset", language)}],
        "restoration_done": [
            {**support, "username": "anna.liepa", "again": list(rights), "my_page": account["my_page"]},
        ],
        "restoration_link": [
            {
                "username": "anna.liepa",
                "address": page_of(_BASE, f"/restore/confirm?key={_KEY}", language),
                "until": _AT,
            }
        ],
        "restoration_not_possible": [
            {
                **apply_anew,
                "reasons": [f"Aldas novads. {words(OBSTACLES[why])}" for why in (Obstacle.ENDED, Obstacle.RESTORED)],
            }
        ],
        "restoration_refused": [{**apply_anew, "reason": "Persona vairs nestrādā pašvaldībā."}],
        "restoration_waits": [{**support, "username": "anna.liepa", "since": _AT}],
        "rights_again": [
            {**support, "again": list(rights), "ended": ended, **asked}
            for ended, asked in (([], _NOBODY), ([last_day], _NOBODY), ([], _head(rights)))
        ],
        "rights_again_asker": [
            {
                **support,
                "applications": [
                    {"reference": reference, "user": "A. L.", "rights": list(rights)} for reference in references
                ],
                **{name: one for name, one in also.items() if name != "applications"},
            }
            for references, also in (
                (["3HXM-97QA-KD6C"], _NOBODY),
                (["3HXM-97QA-KD6C", "7KWP-22AM-9QHD"], _head(rights)),
            )
        ],
        "rights_ended": [
            {**support, "ended": [last_day], "remaining": left, "going_on": ways, "applications": asked}
            for left, ways, asked in (
                (rights[1:], [], []),
                ((), [], []),
                ((), [_unfinished(language)], []),
                (rights[1:], [], _head([last_day])["applications"]),
            )
        ],
        "rights_ended_asker": [
            {
                **support,
                "applications": [
                    {"reference": reference, "user": "A. L.", "rights": [last_day]} for reference in references
                ],
                **{name: also[name] for name in ("signing", "stays", "asked_stay")},
            }
            for references, also in (
                (["3HXM-97QA-KD6C"], _NOBODY),
                (["3HXM-97QA-KD6C", "7KWP-22AM-9QHD"], _head(rights)),
            )
        ],
    }


def _taken_back(language: str, rights: Sequence[str]) -> Sequence[Mapping[str, object]]:
    """Give what somebody is told who was told of an order, then a head, then somebody who holds nothing."""
    words = translator(language)
    order = words(
        "%(reference)s, %(law)s, from %(day)s",
        reference="1-3/7",
        law="Domes lēmums",
        day=words.date(date(2027, 1, 1)),
    )
    known = {"order": order, "support_page": page_of(_BASE, "/support", language)}
    own = {"rights": list(rights[:1]), "ended": [], "held": list(rights), "withdrawn": True}
    return [
        {**known, **own, **_NOBODY},
        {**known, "rights": [], "ended": [], "held": [], "withdrawn": False, **_head(rights)},
        {**known, **own, "ended": list(rights[1:]), "held": [], "withdrawn": False, **_NOBODY},
    ]


def _head(rights: Sequence[str]) -> Mapping[str, object]:
    """Give what somebody is told besides, who had asked for rights and may sign."""
    asked = [{"reference": "3HXM-97QA-KD6C", "user": "A. L.", "rights": list(rights[:1])}]
    return {
        "applications": asked,
        "ended_applications": asked,
        "signing": ["Aldas vidusskola"],
        "stays": asked[0]["rights"],
        "asked_stay": asked,
    }


def _filled_in(language: str) -> Mapping[str, str]:
    """Give the way on to a successor, with an application that was filled in."""
    words = translator(language)
    place = words("%(name)s (number %(number)s)", name="Cīruļu pamatskola", number="4213900003")
    return {
        "said": words(
            FILLED_IN,
            needs=words(
                "Whoever goes on working in %(successors)s needs a new application and commitment letter.",
                successors=place,
            ),
            day=words.date(date(2027, 1, 1)),
        ),
        "opens": words(OPEN_IT, place=place),
        "address": page_of(_BASE, f"/apply/{_KEY}", language),
    }


def _unfinished(language: str) -> Mapping[str, str]:
    """Give the way on for somebody who has not gone on with it by the day."""
    words = translator(language)
    place = words("%(name)s (number %(number)s)", name="Cīruļu pamatskola", number="4213900003")
    return {
        "said": words(UNFINISHED, place=place),
        "opens": words(OPEN_AGAIN),
        "address": page_of(_BASE, f"/apply/{_KEY}", language),
    }


def _ahead(language: str, rights: Sequence[str]) -> Sequence[Mapping[str, object]]:
    """Give what somebody is told whose rights end, then a head, then somebody who is both."""
    words = translator(language)
    day = words.date(date(2026, 12, 31))
    line = words("%(right)s: last day %(day)s", right=rights[0], day=day)
    place = words("%(name)s (number %(number)s)", name="Cīruļu pamatskola", number="4213900003")
    known = {
        "orders": [
            words(
                "%(reference)s, %(law)s, from %(day)s",
                reference="1-3/7",
                law="Domes lēmums",
                day=words.date(date(2027, 1, 1)),
            )
        ],
        "last_days": [day],
        "why": [
            words(
                "%(place)s is joined to %(successors)s; rights are not carried over.",
                place=words("%(name)s (number %(number)s)", name="Aldas vidusskola", number="4113900001"),
                successors=place,
            )
        ],
        "support_page": page_of(_BASE, "/support", language),
    }
    elsewhere = words(
        "%(section)s (%(level)s), %(place)s",
        section=rights[1].partition(" (")[0],
        level=words("view"),
        place="Bērzaines pamatskola",
    )
    own = {"ended": [line], "remaining": [elsewhere], "going_on": [_filled_in(language)], "secret": True}
    covered = {"said": words(COVERED, place=place), "opens": "", "address": ""}
    nothing = {"ended": [], "remaining": [], "going_on": [], "secret": False}
    head = {
        "applications": [{"reference": "3HXM-97QA-KD6C", "user": "A. L.", "rights": [line]}],
        "signing": [words("%(right)s: last day %(day)s", right="Aldas vidusskola", day=day)],
    }
    nobody: Mapping[str, object] = {"applications": [], "signing": []}
    return [
        {**known, **own, **nobody},
        {**known, **nothing, **head},
        {**known, **own, "remaining": [], "going_on": [covered], "secret": False, **head},
    ]
