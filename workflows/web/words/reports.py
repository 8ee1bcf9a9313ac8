"""The report about the signatures in a file, to be kept or printed: a PDF for people, JSON for programs.

Neither is evidence: anybody can make such a PDF, so it says that the signed file is to be judged again. Personal codes
are masked wherever they stand. What strangers wrote is shortened, and what is left out is said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iam.periods import RIGA
from signing.model import Indication, Qualification, TrustState
from signing.sentences.formatting import legible
from workflows.i18n import Language
from workflows.i18n import later as _
from workflows.signed_forms.messages import Reader, is_remark, say_all
from workflows.signed_forms.typesetting import Json, Request, printable, typeset
from workflows.web.words.covering import covering
from workflows.web.words.results import result_of
from workflows.web.words.verdicts import signatures_of, verification_reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from signing.model import Report, SignatureReport, StampReport
    from workflows.evidence.models import Verification
    from workflows.i18n import Words
    from workflows.signed_forms.messages import Said
    from workflows.web.words.verdicts import SignatureWords

__all__ = ["Looked", "report_json", "report_pdf"]

_TEMPLATE = Path(__file__).parent / "report.typ"
_MOST_SIGNATURES, _MOST_CONTENTS, _MOST_STAMPS, _MOST_REASONS, _MOST_NAMES = 20, 40, 10, 10, 5
# Letters of a text; the names of strangers may have as many as their file. The sentences of ours are shorter.
_LONGEST, _LONGEST_NAME, _LONGEST_IN_A_LIST = 400, 120, 60
_CERTIFICATE = "der"  # the field of `UsedCertificate`

_POLICY = _("A valid qualified electronic signature of a person, with a qualified time stamp")
_WARNING = _(
    "This report is not evidence: anybody can make a page like this. What counts is the signed file itself. "
    "Whoever relies on it has the file checked again."
)
_OF_A_CASE = _("This report is about the signatures in this file, not about what it proves for the application.")
_QUALIFICATIONS = {
    Qualification.QESIG: _("Qualified electronic signature"),
    Qualification.QESEAL: _("Qualified electronic seal"),
    Qualification.UNKNOWN_QC_QSCD: _("Qualified, but the certificate does not say whether of a person or a body"),
    Qualification.ADESIG_QC: _("Not qualified: a qualified certificate, no qualified device"),
    Qualification.ADESEAL_QC: _("Not qualified: a seal with a qualified certificate, no qualified device"),
    Qualification.ADES_QC: _("Not qualified: a qualified certificate, no qualified device"),
    Qualification.ADESIG: _("Not qualified: an advanced electronic signature"),
    Qualification.ADESEAL: _("Not qualified: an advanced electronic seal"),
    Qualification.ADES: _("Not qualified: an advanced signature or seal"),
    Qualification.NOT_ADES: _("Not qualified"),
    Qualification.UNDETERMINED: _("Cannot be found out just now"),
}
_LISTS = {
    TrustState.FRESH: _("up to date"),
    TrustState.STALE: _("out of date, so some answers may be “Undetermined”"),
    TrustState.MISSING: _("missing, so some answers are “Undetermined”"),
    TrustState.GIVEN: _("certificates handed in by hand"),
}
_INDICATIONS = {
    Indication.TOTAL_PASSED: _("valid"),
    Indication.INDETERMINATE: _("not proved valid"),
    Indication.TOTAL_FAILED: _("not valid"),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was judged: its name as it is kept, and of which application it is, if of one."""

    name: str
    verification: Verification
    reference: str = ""


def report_json(report: Report) -> str:
    """Write the report as it is kept (`signing.report.codec`), codes covered.

    The signers' certificates are left out, for they hold the code in a form that nothing covers; their digests stay.
    """
    return json.dumps(_covered(report.to_json(), cover=covering(report)), ensure_ascii=False, indent=1)


def _covered(value: object, *, cover: Callable[[str], str], of: str = "") -> object:
    match value:
        case str():
            return "" if of == _CERTIFICATE else cover(value)
        case dict():
            return {name: _covered(one, cover=cover, of=name) for name, one in value.items()}
        case list() | tuple():
            return [_covered(one, cover=cover) for one in value]
        case _:
            return value


def report_pdf(words: Words, looked: Looked, *, at: datetime) -> bytes:
    """Return the report as PDF/A in the language of `words`, made at that moment; nothing is kept. Raises NotTypeset.

    It takes a processor about a tenth of a second, at most one: call it where as many are made at once as may be.
    """
    cover = covering(looked.verification.report)
    data = {name: _fit(value, cover) for name, value in _data(words, looked, at).items()}
    return typeset([Request(_TEMPLATE, data, "", at)])[0]


def _fit(value: Json, cover: Callable[[str], str]) -> Json:
    """Make every text fit to be printed: codes covered, letters that no font has replaced, long ones shortened."""
    match value:
        case str():
            return printable(_shortened(cover(legible(value))))
        case dict():
            return {name: _fit(one, cover) for name, one in value.items()}
        case list():
            return [_fit(one, cover) for one in value]
        case _:
            return value


def _shortened(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def _data(words: Words, looked: Looked, at: datetime) -> dict[str, Json]:
    verification = looked.verification
    report = verification.report
    signatures = () if report is None else signatures_of(words, report, to=Reader.VISITOR)
    result = result_of(words, verification, signatures)
    local = at.astimezone(RIGA)
    return {
        "lang": words.language.value,
        "region": "lv" if words.language is Language.LV else "gb",
        "made_at": {"year": local.year, "month": local.month, "day": local.day},
        "issuer": words("Ministry of Education and Science"),
        "system": words("State Education Information System"),
        "printed": words("Made %(when)s", when=words.moment(at)),
        "title": words("Report on the signatures in a file: %(word)s", word=result.word),
        "tone": result.tone,
        "sentence": result.sentence,
        "warning": words(_WARNING),
        "facts": _rows(_facts(words, looked, report)),
        "reasons": _said(verification_reasons(words, verification)),
        "remarks": [] if report is None else _said(say_all(report.warnings, words.language.value, to=Reader.VISITOR)),
        "signatures": [] if report is None else _signatures(words, report, signatures),
        "contents": {} if report is None or not report.contents else _contents(words, report),
        "left_out": _left_out(words, report),
        "page": words("Page %(number)s of %(count)s", number="{number}", count="{count}"),
    }


def _facts(words: Words, looked: Looked, report: Report | None) -> Iterable[tuple[str, str]]:
    verification = looked.verification
    yield words("File"), looked.name
    yield words("Digest (SHA-256)"), verification.sha256
    if looked.reference:
        yield words("Application"), looked.reference
    yield words("Checked"), words.second(verification.judged_at)
    yield words("Checked for"), words(_POLICY)
    if report is not None:
        yield words("Form"), report.form
        yield words("Trusted lists"), words(_LISTS[report.trust_state])
    yield words("Checked by"), f"viis-iam {verification.version}"
    if looked.reference:
        yield words("Note"), words(_OF_A_CASE)


def _signatures(words: Words, report: Report, said: Sequence[SignatureWords]) -> list[Json]:
    pairs = zip(report.signatures[:_MOST_SIGNATURES], said, strict=False)
    return [
        {
            "heading": words("Signature %(number)s: %(signer)s", number=number, signer=_name(shown.signer)),
            "word": shown.word,
            "tone": shown.tone,
            "meaning": shown.meaning,
            "reasons": _said(shown.reasons),
            "rows": _rows(_signature(words, one, shown)),
            "stamps": _rows(_stamps(words, one.stamps)),
            "stamps_title": words("Time stamps"),
            "remarks": _said(
                say_all((one for one in one.warnings if is_remark(one)), words.language.value, to=Reader.VISITOR)
            ),
        }
        for number, (one, shown) in enumerate(pairs, start=1)
    ]


def _signature(words: Words, one: SignatureReport, shown: SignatureWords) -> Iterable[tuple[str, str]]:
    signer = one.signer
    if shown.identity:
        yield words("Code in the certificate"), shown.identity
    if shown.organisation:
        yield words("Organisation"), _name(shown.organisation)
    yield words("Qualification"), f"{words(_QUALIFICATIONS[one.qualification])} ({one.qualification.value})"
    yield words("Signed at"), words.second(one.best_signature_time) if one.best_signature_time else shown.when
    yield words("By whose clock"), _name(shown.clock)
    if one.claimed_signing_time is not None:
        yield words("Time claimed by the signer"), words.second(one.claimed_signing_time)
    yield words("Format and level"), f"{one.format} {one.level}"
    yield words("Indication"), " · ".join(filter(None, (one.indication.value, one.sub_indication)))
    yield words("Covers"), _names(words, one.covers)
    if signer is not None:
        yield words("Certificate issued by"), _name(signer.issuer_name)
        since, until = words.date(signer.not_before), words.date(signer.not_after)
        yield words("Certificate valid"), words("%(since)s to %(until)s", since=since, until=until)
        yield words("Certificate digest (SHA-256)"), signer.certificate_sha256


def _name(name: str) -> str:
    return _shortened(name, _LONGEST_NAME)


def _names(words: Words, names: Sequence[str]) -> str:
    shown = ", ".join(_shortened(name, _LONGEST_IN_A_LIST) for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{shown} {words('and %(n)s more', n=more)}" if more > 0 else shown or words("nothing")


def _stamps(words: Words, stamps: Sequence[StampReport]) -> Iterable[tuple[str, str]]:
    qualified = {True: words("qualified"), False: words("not qualified"), None: words("not known whether qualified")}
    for stamp in stamps[:_MOST_STAMPS]:
        time = words.second(stamp.time) if stamp.time is not None else words("no time")
        yield (
            time,
            ", ".join((_name(stamp.authority), qualified[stamp.qualified], words(_INDICATIONS[stamp.indication]))),
        )
    if len(stamps) > _MOST_STAMPS:
        yield "…", words("and %(n)s more", n=len(stamps) - _MOST_STAMPS)


def _contents(words: Words, report: Report) -> dict[str, Json]:
    """List what lies in the file: first what no valid signature covers."""
    passed = {one.id for one in report.signatures if one.indication is Indication.TOTAL_PASSED}
    cover = {
        one: words("covered by a valid signature")
        if passed & set(one.covered_by)
        else words("covered by no signature that is proved valid")
        if one.covered_by
        else words("not covered by any valid signature")
        for one in report.contents
    }
    shown = sorted(report.contents, key=lambda one: (bool(passed & set(one.covered_by)), bool(one.covered_by)))
    return {
        "title": words("What the file holds"),
        "head": [words("File"), words("Size"), words("Signature")],
        "rows": [
            [_shortened(one.name, _LONGEST_IN_A_LIST), words.size(one.size), cover[one]]
            for one in shown[:_MOST_CONTENTS]
        ],
    }


def _left_out(words: Words, report: Report | None) -> list[Json]:
    """Say what is not shown here."""
    if report is None:
        return []
    left = (
        (len(report.signatures) - _MOST_SIGNATURES, words("signatures that are not listed here: %(n)s")),
        (len(report.contents) - _MOST_CONTENTS, words("files that are not listed here: %(n)s")),
    )
    return [sentence % {"n": count} for count, sentence in left if count > 0]


def _said(reasons: Sequence[Said]) -> list[Json]:
    return [{"text": one.text, "next": one.next_step} for one in reasons[:_MOST_REASONS]]


def _rows(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    return [[label, value] for label, value in pairs]
