"""What happened to an application, in words: which file and what came of it; files refused long ago stand folded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from iam.grants.models import EndCause
from iam.grants.tags import GrantTag
from iam.institutions.models import SourceKind
from iam.people.rules import mask_codes_in
from workflows.application.kinds.kind import Kind
from workflows.application.tags import ApplicationTag
from workflows.application.views import Event, UploadView
from workflows.evidence.names import short_name
from workflows.i18n import Words
from workflows.web.words.kinds import Names, event_word
from workflows.web.words.verdicts import file_word, old_refusals
from workflows.web.words.vocabulary import CAUSES, SOURCE_KINDS

__all__ = ["Happened", "History", "Lines", "history_in_words"]


@dataclass(frozen=True, slots=True)
class History:
    """What the words of a history are made with.

    `sections` says how sections are called, `closed` that the application is. Applicants are told neither who decided
    nor why a right ended.
    """

    words: Words
    kind: Kind
    names: Names
    sections: Mapping[str, str]
    uploads: Sequence[UploadView]
    closed: bool
    staff: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """One line: when, what, by whom of staff ("" for anybody else), and about what or how."""

    when: str
    what: str
    who: str
    how: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that follow one another; `folded` is what stands for them until they are opened, "" where they are read."""

    folded: str
    lines: Sequence[Happened]


def history_in_words(about: History, events: Sequence[Event]) -> list[Lines]:
    """Put what happened into words, oldest first; files that were refused and sent anew are folded together."""
    old, said = old_refusals(about.uploads), []
    for folded, together in groupby(events, key=lambda event: event.details.get("upload") in old):
        lines = list(together)
        files = len({event.details.get("upload") for event in lines})
        words = about.words
        fold = words.plural("%(n)s file that was not accepted", "%(n)s files that were not accepted", files)
        said.append(Lines(fold if folded else "", [_line(about, event) for event in lines]))
    return said


def _line(about: History, event: Event) -> Happened:
    return Happened(
        when=about.words.second(event.at) if about.staff else about.words.moment(event.at),
        what=event_word(about.words, about.kind, event),
        who=event.actor.partition(":")[2] if about.staff and event.actor.startswith("staff:") else "",
        how=_how(about, event),
    )


def _how(about: History, event: Event) -> str:
    words, details = about.words, event.details
    match event.tag:
        case GrantTag.ENDED:
            said = _ended(about, event)
        case ApplicationTag.CODE_REVEALED if "upload" in details:
            page = words("page %(number)s", number=details["page"]) if "page" in details else ""
            said = ", ".join(filter(None, (_file(about, details["upload"]), page)))
        case ApplicationTag.CODE_REVEALED:
            said = about.names.parties.get(str(details.get("whose", "")), "")
        case ApplicationTag.UPLOADED | ApplicationTag.JUDGED | ApplicationTag.FILE_DROPPED:
            said = _with_result(about, event)
        case ApplicationTag.PART_PROVEN:
            said = _part(about, event)
        case ApplicationTag.PART_CONFIRMED:
            said = ": ".join(filter(None, (_part(about, event), _typed(event, "how"))))
        case ApplicationTag.SIGNATORY_RECORDED if details.get("source_kind") in set(SourceKind):
            said = words(SOURCE_KINDS[SourceKind(str(details["source_kind"]))])
        case _ if "order" in details:
            said = words("order %(reference)s", reference=details["order"])
        case ApplicationTag.ADDRESS_KEPT | ApplicationTag.OTHER_NAME_EXPLAINED | ApplicationTag.APPROVAL_PROPOSED:
            said = _typed(event, "reason")
        case _:
            said = _typed(event, "how") or _typed(event, "to")
    return said


def _typed(event: Event, name: str) -> str:
    """Give a text as it was typed, but for the codes in it."""
    return mask_codes_in(str(event.details.get(name, "")))


def _part(about: History, event: Event) -> str:
    return about.names.parts.get(str(event.details.get("part", "")), "")


def _file(about: History, number: object) -> str:
    return next((short_name(one.name) for one in about.uploads if one.id == number), "")


def _with_result(about: History, event: Event) -> str:
    """Name the file and what came of it; applicants are not told of its judging, so its arrival says it."""
    file, telling = _file(about, event.details.get("upload")), ApplicationTag.JUDGED
    if not about.staff:
        telling = ApplicationTag.UPLOADED
    result = _result(about, event) if event.tag is telling else ""
    return f"{file} ({result})" if file and result else file or result


def _result(about: History, event: Event) -> str:
    """Say what came of this attempt: the last one says what the file's card says, and so does the file's arrival."""
    words = about.words
    if event.details.get("state") == "waiting":
        return words("Undetermined")
    upload = next((one for one in about.uploads if one.id == event.details.get("upload")), None)
    outdated = upload is not None and event.tag is ApplicationTag.JUDGED and event.at < (upload.judged_at or event.at)
    if upload is None or outdated:
        return ""
    return file_word(words, upload, closed=about.closed)[0]


def _ended(about: History, event: Event) -> str:
    words, cause, day = about.words, event.details["cause"], event.details["last_day"]
    section = str(event.details["section"])
    return ", ".join(
        filter(
            None,
            (
                about.sections.get(section, section),
                words("last day %(day)s", day=words.date(day))
                if isinstance(day, date)
                else words("before its first day"),
                words(CAUSES[cause]) if about.staff and isinstance(cause, EndCause) else "",
            ),
        )
    )
