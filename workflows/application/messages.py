"""What the findings about an application say to people: in Latvian and English, with what to do next.

Signature-level reasons have their sentences in `signing.messages`; here stand the reasons that need an application to
be one. Codes are stable: they are kept with every upload. `name`, `file`, `day` are filled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.messages import next_step, text

if TYPE_CHECKING:
    from signing.model import Message

__all__ = ["CODES", "Said", "say"]

_PLACE = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Said:
    """A reason in words: what is so, and what to do next (may be empty)."""

    text: str
    next_step: str


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
        "{name} parakstīšanas dienā ({day}) nebija tiesīgs(-a) parakstīt šīs iestādes vārdā.",
        "{name} was not entitled to sign for this institution on the day of signing ({day}).",
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
        "Lejupielādējiet veidlapu vēlreiz un parakstiet to, neko nemainot. Ja dati ir kļūdaini, izveidojiet jaunu "
        "iesniegumu.",
        "Download the form again and sign it without changing anything. If the data is wrong, start a new application.",
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
    "application.same-file-again": _Sentences(
        "Šo failu jau esat augšupielādējis(-usi); tas nav jādara vēlreiz.",
        "You have uploaded this file already; there is no need to do it again.",
        "Skatiet zemāk, kas par to noskaidrots.",
        "See below what was found about it.",
    ),
    "application.part-awaited.application": _Sentences(
        "Vēl nav saņemts vadītāja parakstītais iesniegums.",
        "The application signed by the head has not arrived yet.",
        "Vadītājs to var parakstīt un augšupielādēt, izmantojot e-pastā saņemto saiti.",
        "The head can sign and upload it by the link in their e-mail.",
    ),
    "application.part-awaited.letter": _Sentences(
        "Vēl nav saņemts lietotāja parakstītais saistību raksts.",
        "The commitment letter signed by the user has not arrived yet.",
        "Lietotājs to var parakstīt un augšupielādēt, izmantojot e-pastā saņemto saiti.",
        "The user can sign and upload it by the link in their e-mail.",
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

CODES = frozenset(_SENTENCES)
"""Every code that has its sentences here."""


def say(message: Message, language: str) -> Said:
    """Put a reason into words; codes that are not ours go to `signing.messages`."""
    sentences = _SENTENCES.get(message.code)
    if sentences is None:
        return Said(text(message, language), next_step(message, language))
    so, then = (sentences.en, sentences.en_next) if language == "en" else (sentences.lv, sentences.lv_next)
    # Names come from certificates of strangers: they are filled in as text, never read as a pattern.
    return Said(_fill(so, message), _fill(then, message))


def _fill(sentence: str, message: Message) -> str:
    return _PLACE.sub(lambda place: message.params.get(place[1], ""), sentence)
