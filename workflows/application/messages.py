"""What the findings about an application say to people: in Latvian and English, with what to do next.

Signature-level reasons have their sentences in `signing.messages`; here stand the reasons that need an application to
be one. Codes are stable: they are kept with every upload. `name`, `file`, `day` are filled in.

Applicants read what they can do; a reviewer reads what is left to look at, or what the applicant was told to do;
a visitor of the check page, where nothing is kept or looked at, reads nothing that promises it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from signing.messages import next_step, text
from signing.sentences.shape import NOTHING, PERSON_LOOKS, WAIT
from signing.sentences.spoken import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signing.model import Message

__all__ = ["CODES", "Reader", "Said", "is_remark", "say", "say_all"]

_PLACE = re.compile(r"\{([a-z]+)\}")


class Reader(StrEnum):
    """Who reads a reason."""

    APPLICANT = "applicant"
    REVIEWER = "reviewer"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Said:
    """A reason in words: what is so, and what to do next (may be empty); `technical` is for a help desk."""

    text: str
    next_step: str
    technical: str = ""


@dataclass(frozen=True, slots=True)
class _Sentences:
    lv: str
    en: str
    lv_next: str
    en_next: str


_SENTENCES = {
    "application.signer-not-user": _Sentences(
        "Saistību rakstu parakstīja {name}, bet tas jāparaksta pašam lietotājam.",
        "The commitment letter was signed by {name}, but the user must sign it personally.",
        "Lūdziet lietotāju parakstīt saistību rakstu ar savu drošo elektronisko parakstu un augšupielādējiet to.",
        "Ask the user to sign the letter with their own secure electronic signature and upload it again.",
    ),
    "application.signer-not-head": _Sentences(
        "Iesniegumu parakstīja {name}, bet tas jāparaksta iesniegumā norādītajam vadītājam.",
        "The application was signed by {name}, but the head named in it must sign it.",
        "Lūdziet vadītāju parakstīt iesniegumu un augšupielādējiet to vēlreiz.",
        "Ask the head to sign the application and upload it again.",
    ),
    "application.signer-not-entitled": _Sentences(
        "Iesniegumu parakstīja {name}, bet šai personai tajā dienā ({day}) nebija šīs iestādes paraksttiesību.",
        "The application was signed by {name}, who was not entitled to sign for this institution on that day ({day}).",
        "Lūdziet parakstīt personu, kurai ir paraksttiesības. Ja vadītājs ir mainījies, rakstiet uz viis@izm.gov.lv "
        "un pievienojiet rīkojumu.",
        "Ask whoever is entitled to sign. If the head has changed, write to viis@izm.gov.lv and attach the order.",
    ),
    "application.signer-without-code": _Sentences(
        "{name} sertifikātā nav personas koda, tāpēc parakstītāju nevar pārbaudīt automātiski.",
        "The certificate of {name} holds no personal code, so the signer cannot be checked automatically.",
        "Jums nekas nav jādara: izskatītājs apstiprinās parakstītāja identitāti vai sazināsies ar jums.",
        "There is nothing for you to do: a reviewer will confirm who signed, or get in touch.",
    ),
    "application.signer-code-without-country": _Sentences(
        "{name} sertifikātā personas kodam nav norādīta valsts, tāpēc parakstītāju pārbaudīs izskatītājs.",
        "The certificate of {name} does not say whose country its code is of, so a reviewer will check it.",
        "Jums nekas nav jādara: izskatītājs apstiprinās parakstītāja identitāti vai sazināsies ar jums.",
        "There is nothing for you to do: a reviewer will confirm who signed, or get in touch.",
    ),
    "application.signatory-unconfirmed": _Sentences(
        "Paraksttiesības jāapstiprina: šai iestādei vēl nav reģistrēts, kas to drīkst pārstāvēt.",
        "The right to sign is to be confirmed: it is not recorded yet who may sign for this institution.",
        "Jums nekas nav jādara: izskatītājs to pārbaudīs.",
        "There is nothing for you to do: a reviewer will check it.",
    ),
    "application.name-differs": _Sentences(
        "Vārds iesniegumā ({stated}) atšķiras no vārda sertifikātā ({certified}); personas kods sakrīt.",
        "The name in the application ({stated}) differs from the one in the certificate ({certified}); the personal "
        "code agrees.",
        "Jums nekas nav jādara: izskatītājs salīdzinās vārdus.",
        "There is nothing for you to do: a reviewer will compare the names.",
    ),
    "application.other-signature-not-valid": _Sentences(
        "Failā ir vēl viens paraksts ({name}), kas nav derīgs. Vajadzīgais paraksts ir derīgs.",
        "The file holds one more signature ({name}) that is not valid. The one that is needed is valid.",
        "Jums nekas nav jādara.",
        "There is nothing for you to do.",
    ),
    "application.other-file": _Sentences(
        "Konteinerā ir arī fails “{file}”, kas nav šā iesnieguma veidlapa.",
        "The container also holds the file “{file}”, which is no form of this application.",
        "Jums nekas nav jādara: to apskatīs izskatītājs.",
        "There is nothing for you to do: a reviewer will look at it.",
    ),
    "application.not-signed": _Sentences(
        "Šajā failā nav neviena paraksta.",
        "There is no signature in this file.",
        "Parakstiet veidlapu ar drošu elektronisko parakstu un augšupielādējiet parakstīto failu.",
        "Sign the form with a secure electronic signature and upload the signed file.",
    ),
    "application.not-our-form": _Sentences(
        "Šajā failā nav veidlapas, ko šis pakalpojums sagatavoja jūsu iesniegumam.",
        "This file does not hold a form that this service made for your application.",
        "Ja parakstījāt citu veidlapu, to izlasīs izskatītājs. Ātrāk būs, ja lejupielādēsiet un parakstīsiet šeit "
        "sagatavoto.",
        "If you signed another form, a reviewer will read it. It is faster to download and sign the one made here.",
    ),
    "application.content-differs": _Sentences(
        "Faila saturs atšķiras no veidlapas, ko sagatavojām: tas ir mainīts pirms vai pēc parakstīšanas.",
        "The file's content differs from the form we made: it was changed before or after signing.",
        "Lejupielādējiet veidlapu vēlreiz un parakstiet to, neko nemainot; jau parakstītu PDF augšupielādējiet pašu, "
        "nevis konteinerā. Ja dati ir kļūdaini, izveidojiet jaunu iesniegumu.",
        "Download the form again and sign it without changing anything; a PDF that is signed already is uploaded by "
        "itself, not inside a container. If the data is wrong, start a new application.",
    ),
    "application.form-of-another": _Sentences(
        "Šis fails ir cita iesnieguma veidlapa.",
        "This file is a form of another application.",
        "Lejupielādējiet šā iesnieguma veidlapu, parakstiet un augšupielādējiet to.",
        "Download the form of this application, sign it and upload it.",
    ),
    "application.used-before": _Sentences(
        "Šis parakstītais fails jau ir iesniegts citā iesniegumā.",
        "This signed file has been handed in with another application already.",
        "Viens dokuments pamato vienu lēmumu: parakstiet šā iesnieguma veidlapu.",
        "One document supports one decision: sign the form of this application.",
    ),
    "application.older-than-last-end": _Sentences(
        "Dokuments parakstīts, pirms beidzās lietotāja iepriekšējās tiesības ({day}).",
        "The document was signed before the user's earlier rights ended ({day}).",
        "Jums nekas nav jādara: izskatītājs to izvērtēs.",
        "There is nothing for you to do: a reviewer will look at it.",
    ),
    "application.older-than-form": _Sentences(
        "Dokumenta laika zīmogs ir agrāks par pašu veidlapu.",
        "The document's time stamp is older than the form itself.",
        "Jums nekas nav jādara: izskatītājs to izvērtēs.",
        "There is nothing for you to do: a reviewer will look at it.",
    ),
    "application.could-not-be-judged": _Sentences(
        "Failu pašlaik neizdevās pārbaudīt. Tas ir saglabāts.",
        "The file could not be checked just now. It is kept.",
        "Jums nekas nav jādara: tas tiks pārbaudīts vēlreiz pats no sevis.",
        "There is nothing for you to do: it will be checked again by itself.",
    ),
    "application.read-by-person": _Sentences(
        "Failu neizdevās pārbaudīt automātiski. Tas ir saglabāts, un to izlasīs izskatītājs.",
        "The file could not be checked automatically. It is kept, and a reviewer will read it.",
        "Jums nekas nav jādara. Ja zināt, ka fails ir bojāts, augšupielādējiet to vēlreiz.",
        "There is nothing for you to do. If you know the file is damaged, upload it again.",
    ),
    "application.confirmed-by-person": _Sentences(
        "Izskatītājs apstiprināja šo dokumentu: {how}",
        "A reviewer confirmed this document: {how}",
        "",
        "",
    ),
}

# What a reviewer does about it: applicants are told that there is nothing for them to do.
_FOR_REVIEWERS = {
    "application.signer-without-code": (
        "Noskaidrojiet, kas ir parakstītājs, un apstipriniet dokumentu, pierakstot, kā tas noskaidrots.",
        "Find out who the signer is and confirm the document, noting how it is known.",
    ),
    "application.signer-code-without-country": (
        "Pārliecinieties, ka tas ir Latvijas personas kods, un apstipriniet dokumentu, pierakstot, kā tas noskaidrots.",
        "Make sure that the code is a Latvian personal code and confirm the document, noting how it is known.",
    ),
    "application.signatory-unconfirmed": (
        "Lemjot pierakstiet paraksttiesīgo personu un avotu, piemēram, reģistra izrakstu vai rīkojumu.",
        "When you decide, record who may sign and the source, for example a register extract or an order.",
    ),
    "application.name-differs": (
        "Salīdziniet abus vārdus: personas kods sakrīt, tātad persona ir tā pati.",
        "Compare the two names: the personal code agrees, so the person is the same.",
    ),
    "application.other-signature-not-valid": (
        "Apskatiet, kas vēl ir parakstījis un kāpēc tas nav derīgs; noraidīt šā dēļ nav vajadzīgs.",
        "Look who else signed and why that is not valid; it is no reason to refuse.",
    ),
    "application.other-file": (
        "Pirms lēmuma atveriet un apskatiet šo failu.",
        "Open the file and look at it before you decide.",
    ),
    "application.not-our-form": (
        "Izlasiet dokumentu; ja tas der, apstipriniet to.",
        "Read the document; if it serves, confirm it.",
    ),
    "application.used-before": (
        "Salīdziniet ar agrāko iesniegumu: viens dokuments pamato vienu lēmumu.",
        "Compare with the earlier application: one document supports one decision.",
    ),
    "application.older-than-last-end": (
        "Izvērtējiet, vai tas nav agrāka iesnieguma dokuments, kas iesniegts vēlreiz.",
        "Judge whether it is the document of an earlier application, handed in again.",
    ),
    "application.older-than-form": (
        "Noskaidrojiet, kura pulkstenis gājis nepareizi; parakstīšanas dienai šeit ticēt nevar.",
        "Find out whose clock was wrong; the day of signing cannot be believed here.",
    ),
    "application.could-not-be-judged": (
        "Pārbaudi atkārtos automātiski.",
        "It will be checked again by itself.",
    ),
    "application.read-by-person": (
        "Izlasiet failu; ja tas nav lasāms, lūdziet atsūtīt to vēlreiz.",
        "Read the file; if it cannot be read, ask for it to be sent again.",
    ),
}
_CHECK_AGAIN = ("Pārbaudiet failu vēlreiz pēc dažām minūtēm.", "Check the file again in a few minutes.")
_STAFF_WOULD_LOOK = (
    "Ja šo failu pievienosiet iesniegumam, to apskatīs darbinieks.",
    "If you hand this file in with an application, a member of staff will look at it.",
)
_LOOK = ("Apskatiet to pirms lēmuma.", "Look at it before you decide.")

# They say that something is wrong, not what: beside a reason that does, they say nothing more.
_HEADLINES = frozenset({"signature.not-valid", "signature.undecided", "qualification.none", "stamp.none-valid"})

# What is no news beside another reason: it follows from that one, or only seems to be so because of it.
_FOLLOWS_FROM = {
    "ocsp.after-expiry": ("certificate.expired",),
    "chain.not-found": ("qualification.undetermined",),  # without lists nobody's issuer is found
    "qualification.undetermined": ("certificate.", "ocsp."),  # open is the certificate, not what the lists say
}

CODES = frozenset(_SENTENCES)
"""Every code that has its sentences here."""


def say(message: Message, language: str, *, to: Reader = Reader.APPLICANT) -> Said:
    """Put a reason into words; codes that are not ours go to `signing.messages`."""
    sentences = _SENTENCES.get(message.code)
    if sentences is None:
        said = Said(text(message, language), next_step(message, language))
    else:
        params = spoken(message.params, language)
        so, then = (sentences.en, sentences.en_next) if language == "en" else (sentences.lv, sentences.lv_next)
        # Names come from certificates of strangers: they are filled in as text, never read as a pattern.
        said = Said(_fill(so, params), _fill(then, params))
    match to:
        case Reader.APPLICANT:
            step = said.next_step
        case Reader.REVIEWER:
            step = _for_reviewer(message.code, said.next_step, language)
        case Reader.VISITOR:
            step = _for_visitor(said.next_step, language)
        case _:
            assert_never(to)
    return replace(said, next_step=step, technical=_technical(message))


def say_all(messages: Iterable[Message], language: str, *, to: Reader = Reader.APPLICANT) -> tuple[Said, ...]:
    """Put reasons into words: what tells something first, nothing twice, and each thing to do once."""
    given = list(messages)
    telling = [message for message in given if message.code not in _HEADLINES and not _follows(message, given)]
    kept = telling or given[:1]
    said: list[Said] = []
    steps: set[str] = set()
    for one in (say(message, language, to=to) for message in kept):
        if one.text not in {other.text for other in said}:
            said.append(replace(one, next_step="") if one.next_step in steps else one)
            steps.add(one.next_step)
    return tuple(said)


def _follows(message: Message, given: Iterable[Message]) -> bool:
    causes = _FOLLOWS_FROM.get(message.code, ())
    return any(other.code.startswith(cause) for other in given for cause in causes)


def is_remark(message: Message) -> bool:
    """Say whether nobody has to do anything about it: it belongs with what is technical."""
    return message.code not in _SENTENCES and next_step(message, "en") == NOTHING.en


def _for_reviewer(code: str, step: str, language: str) -> str:
    english = language == "en"
    if code in _FOR_REVIEWERS:
        return _FOR_REVIEWERS[code][english]
    if step in {NOTHING.en, NOTHING.lv}:
        return ""
    if step in {PERSON_LOOKS.en, PERSON_LOOKS.lv}:
        return _LOOK[english]
    if not step or step in {WAIT.en, WAIT.lv}:
        return step
    return f"The applicant reads: “{step}”" if english else f"Pieteicējam teikts: “{step}”"


def _for_visitor(step: str, language: str) -> str:
    if step in {WAIT.en, WAIT.lv}:
        step = _CHECK_AGAIN[language == "en"]
    elif step in {PERSON_LOOKS.en, PERSON_LOOKS.lv}:
        step = _STAFF_WOULD_LOOK[language == "en"]
    return step


def _technical(message: Message) -> str:
    """Name the reason as machines and help desks do. A person's name is not needed for that."""
    said = ", ".join(f"{key}={value}" for key, value in sorted(message.params.items()) if value and key != "name")
    return f"{message.code} ({said})" if said else message.code


def _fill(sentence: str, params: dict[str, str]) -> str:
    return _PLACE.sub(lambda place: params.get(place[1], ""), sentence)
