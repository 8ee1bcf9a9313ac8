"""The sentences of the reasons that speak of a form to be signed, and what a reviewer does about each.

They know no process that has forms signed: its own objections it adds (`add`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AFTERWARDS", "FOR_REVIEWERS", "SENTENCES", "Sentences", "add", "current"]


@dataclass(frozen=True, slots=True)
class Sentences:
    """One reason in both languages, and what to do next; `formerly` is a code under which it was kept before."""

    lv: str
    en: str
    lv_next: str
    en_next: str
    formerly: str = ""


SENTENCES = {
    "form.signer-not-entitled": Sentences(
        "Dokumentu parakstīja {name}, bet šai personai tajā dienā ({day}) nebija šīs iestādes paraksttiesību.",
        "The document was signed by {name}, who was not entitled to sign for this institution on that day ({day}).",
        "Lūdziet parakstīt personu, kurai ir paraksttiesības. Ja vadītājs ir mainījies, rakstiet uz viis@izm.gov.lv "
        "un pievienojiet rīkojumu.",
        "Ask whoever is entitled to sign. If the head has changed, write to viis@izm.gov.lv and attach the order.",
    ),
    "form.signer-without-code": Sentences(
        "{name} sertifikātā nav personas koda, tāpēc parakstītāju nevar pārbaudīt automātiski.",
        "The certificate of {name} holds no personal code, so the signer cannot be checked automatically.",
        "Jums nekas nav jādara: izskatītājs apstiprinās parakstītāja identitāti vai sazināsies ar jums.",
        "There is nothing for you to do: a reviewer will confirm who signed, or get in touch.",
    ),
    "form.signer-code-without-country": Sentences(
        "{name} sertifikātā personas kodam nav norādīta valsts, tāpēc parakstītāju pārbaudīs izskatītājs.",
        "The certificate of {name} does not say whose country its code is of, so a reviewer will check it.",
        "Jums nekas nav jādara: izskatītājs apstiprinās parakstītāja identitāti vai sazināsies ar jums.",
        "There is nothing for you to do: a reviewer will confirm who signed, or get in touch.",
    ),
    "form.signatory-unconfirmed": Sentences(
        "Paraksttiesības jāapstiprina: šai iestādei vēl nav reģistrēts, kas to drīkst pārstāvēt.",
        "The right to sign is to be confirmed: it is not recorded yet who may sign for this institution.",
        "Jums nekas nav jādara: izskatītājs to pārbaudīs.",
        "There is nothing for you to do: a reviewer will check it.",
    ),
    "form.name-differs": Sentences(
        "Vārds veidlapā ({stated}) atšķiras no vārda sertifikātā ({certified}); personas kods sakrīt.",
        "The name in the form ({stated}) differs from the one in the certificate ({certified}); the personal code "
        "agrees.",
        "Jums nekas nav jādara: izskatītājs salīdzinās vārdus.",
        "There is nothing for you to do: a reviewer will compare the names.",
    ),
    "form.other-signature-not-valid": Sentences(
        "Failā ir vēl viens paraksts ({name}), kas nav derīgs. Vajadzīgais paraksts ir derīgs.",
        "The file holds one more signature ({name}) that is not valid. The one that is needed is valid.",
        "Jums nekas nav jādara.",
        "There is nothing for you to do.",
    ),
    "form.other-file": Sentences(
        "Konteinerā ir arī fails „{file}”, kas nav neviena no šeit sagatavotajām veidlapām.",
        "The container also holds the file “{file}”, which is none of the forms made here.",
        "Jums nekas nav jādara: to apskatīs izskatītājs.",
        "There is nothing for you to do: a reviewer will look at it.",
    ),
    "form.attached": Sentences(
        "Fails ir saņemts bez paraksta: to izlasīs izskatītājs. Paraksts ar to nav apliecināts.",
        "The file was received unsigned: a reviewer will read it. It does not stand for a signature.",
        "Jums nekas nav jādara.",
        "There is nothing for you to do.",
    ),
    "form.not-signed": Sentences(
        "Šajā failā nav neviena paraksta.",
        "There is no signature in this file.",
        "Parakstiet veidlapu ar drošu elektronisko parakstu un augšupielādējiet parakstīto failu.",
        "Sign the form with a secure electronic signature and upload the signed file.",
    ),
    "form.not-our-form": Sentences(
        "Šajā failā nav veidlapas, ko šis pakalpojums sagatavoja jums.",
        "This file does not hold a form that this service made for you.",
        "Ja parakstījāt citu veidlapu, to izlasīs izskatītājs. Ātrāk būs, ja lejupielādēsiet un parakstīsiet šeit "
        "sagatavoto.",
        "If you signed another form, a reviewer will read it. It is faster to download and sign the one made here.",
    ),
    "form.content-differs": Sentences(
        "Faila saturs atšķiras no veidlapas, ko sagatavojām: tas ir mainīts pirms vai pēc parakstīšanas.",
        "The file's content differs from the form we made: it was changed before or after signing.",
        "Lejupielādējiet veidlapu vēlreiz un, neatverot to citā programmā, parakstiet kā eDoc vai ASiC-E failu. Ja "
        "dati ir kļūdaini, neparakstiet un aizpildiet jaunu.",
        "Download the form again and, without opening it in another program, sign it as an eDoc or ASiC-E file. If the "
        "data is wrong, sign nothing and fill in a new one.",
    ),
    "form.saved-anew": Sentences(
        "Parakstīšanas programma pirms parakstīšanas saglabāja dokumentu no jauna (tā dara, piemēram, Adobe Acrobat). "
        "Redzamais un pievienotie dati sakrīt ar mūsu veidlapu; to apstiprinās izskatītājs.",
        "The signing program saved the document anew before signing it (as Adobe Acrobat does, for example). What it "
        "shows and the attached data are those of our form; a reviewer will confirm it.",
        "Jums nekas nav jādara. Nākamreiz ātrāk būs, ja lejupielādēto PDF parakstīsiet kā eDoc vai ASiC-E failu: tad "
        "tas netiek pārrakstīts.",
        "There is nothing for you to do. Next time, sign the downloaded PDF as an eDoc or ASiC-E file, which leaves it "
        "as it is: that is faster.",
    ),
    "form.saved-anew-too": Sentences(
        "Turklāt parakstīšanas programma pirms parakstīšanas saglabāja dokumentu no jauna (tā dara, piemēram, Adobe "
        "Acrobat).",
        "Besides, the signing program saved the document anew before signing it (as Adobe Acrobat does, for example).",
        "Lejupielādēto PDF parakstiet kā eDoc vai ASiC-E failu, tad tas netiek pārrakstīts.",
        "Sign the downloaded PDF as an eDoc or ASiC-E file, which leaves it as it is.",
    ),
    "form.saved-anew-before": Sentences(
        "Kāda programma veidlapu saglabāja no jauna, pirms tā tika parakstīta: tā izskatās tāpat, bet vairs nav tas "
        "pats fails.",
        "A program saved the form anew before it was signed: it looks the same, but is no longer the same file.",
        "Lejupielādējiet veidlapu vēlreiz un, neatverot to citā programmā, parakstiet kā eDoc vai ASiC-E failu.",
        "Download the form again and, without opening it in another program, sign it as an eDoc or ASiC-E file.",
    ),
    "form.shows-differently-elsewhere": Sentences(
        "Failā ir kas tāds, ko cita programma var rādīt citādi; izskatītājs to apskatīs.",
        "Something in the file may show differently in another program; a reviewer will look at it.",
        "Jums nekas nav jādara.",
        "There is nothing for you to do.",
    ),
    "form.not-compared": Sentences(
        "Šis PDF vairs nav tas pats fails, ko sagatavojām, un to neizdevās automātiski salīdzināt ar veidlapu.",
        "This PDF is no longer the file we made, and it could not be compared with the form automatically.",
        "To izlasīs izskatītājs. Ātrāk būs, ja lejupielādēto veidlapu parakstīsiet kā eDoc vai ASiC-E failu.",
        "A reviewer will read it. It is faster to sign the downloaded form as an eDoc or ASiC-E file.",
    ),
    "form.signed-pdf-inside": Sentences(
        "Konteinerā ir jau parakstīts PDF „{file}”. Paraksts uz konteinera nav paraksts uz mūsu veidlapas.",
        "The container holds a PDF that is signed already, “{file}”. A signature on the container is none on our form.",
        "Augšupielādējiet pašu parakstīto PDF, nevis konteineru.",
        "Upload the signed PDF by itself, not the container.",
    ),
    "form.more-than-signed": Sentences(
        "Veidlapai bez paraksta ir pievienots vēl kas cits, tāpēc paraksts uz to neattiecas.",
        "Something besides the signature was added to the form, so the signature does not count for it.",
        "Lejupielādējiet veidlapu vēlreiz, parakstiet to, neko citu nepievienojot, un augšupielādējiet parakstīto "
        "failu. Droši ir parakstīt kā eDoc vai ASiC-E failu.",
        "Download the form again, sign it adding nothing else, and upload the signed file. The sure way is to sign it "
        "as an eDoc or ASiC-E file.",
    ),
    "form.compared-fonts": Sentences(
        "Lapu teksts ir citos fontos nekā veidlapā.",
        "The pages are written in other fonts than the form.",
        "To apskatīs izskatītājs.",
        "A reviewer will look at it.",
    ),
    "form.compared-over-text": Sentences(
        "{page}. lappusē paraksta attēls vai lauks atrodas uz teksta.",
        "On page {page} the picture of a signature, or a field, lies over text.",
        "To apskatīs izskatītājs.",
        "A reviewer will look at it.",
    ),
    "form.compared-repaired": Sentences(
        "Failā ir pieraksta kļūdas, kuras katra programma labo savā veidā.",
        "The file is written with mistakes that every program repairs in its own way.",
        "To apskatīs izskatītājs.",
        "A reviewer will look at it.",
    ),
    "form.compared-other-views": Sentences(
        "Failam ir vairāki skati vai attēli, no kuriem programma izvēlas.",
        "The file has several views or pictures from which a program chooses.",
        "To apskatīs izskatītājs.",
        "A reviewer will look at it.",
    ),
    "form.form-of-another": Sentences(
        "Šis fails ir veidlapa ar citu numuru.",
        "This file is a form with another number.",
        "Lejupielādējiet veidlapu šeit, parakstiet un augšupielādējiet to.",
        "Download the form here, sign it and upload it.",
    ),
    "form.used-before": Sentences(
        "Šis parakstītais fails jau ir iesniegts ar citu numuru.",
        "This signed file has been handed in under another number already.",
        "Viens dokuments pamato vienu lēmumu: parakstiet šeit sagatavoto veidlapu.",
        "One document supports one decision: sign the form made here.",
    ),
    "form.older-than-last-end": Sentences(
        "Dokuments parakstīts, pirms beidzās lietotāja iepriekšējās tiesības ({day}).",
        "The document was signed before the user's earlier rights ended ({day}).",
        "Jums nekas nav jādara: izskatītājs to izvērtēs.",
        "There is nothing for you to do: a reviewer will look at it.",
    ),
    "form.older-than-form": Sentences(
        "Dokumenta laika zīmogs ir agrāks par pašu veidlapu.",
        "The document's time stamp is older than the form itself.",
        "Jums nekas nav jādara: izskatītājs to izvērtēs.",
        "There is nothing for you to do: a reviewer will look at it.",
    ),
    "form.could-not-be-judged": Sentences(
        "Failu pašlaik neizdevās pārbaudīt. Tas ir saglabāts.",
        "The file could not be checked just now. It is kept.",
        "Jums nekas nav jādara: fails automātiski tiks pārbaudīts vēlreiz.",
        "There is nothing for you to do: it will be checked again by itself.",
    ),
    "form.read-by-person": Sentences(
        "Failu neizdevās pārbaudīt automātiski. Tas ir saglabāts, un to izlasīs izskatītājs.",
        "The file could not be checked automatically. It is kept, and a reviewer will read it.",
        "Jums nekas nav jādara. Ja zināt, ka fails ir bojāts, augšupielādējiet to vēlreiz.",
        "There is nothing for you to do. If you know the file is damaged, upload it again.",
    ),
    "form.confirmed-by-person": Sentences(
        "Izskatītājs apstiprināja šo dokumentu: {how}",
        "A reviewer confirmed this document: {how}",
        "",
        "",
    ),
}

# What a reviewer does about it: applicants are told that there is nothing for them to do.
FOR_REVIEWERS = {
    "form.signer-without-code": (
        "Noskaidrojiet, kas ir parakstītājs, un apstipriniet dokumentu, pierakstot, kā tas noskaidrots.",
        "Find out who the signer is and confirm the document, noting how it is known.",
    ),
    "form.signer-code-without-country": (
        "Pārliecinieties, ka tas ir Latvijas personas kods, un apstipriniet dokumentu, pierakstot, kā tas noskaidrots.",
        "Make sure that the code is a Latvian personal code and confirm the document, noting how it is known.",
    ),
    "form.signatory-unconfirmed": (
        "Lemjot pierakstiet paraksttiesīgo personu un avotu, piemēram, reģistra izrakstu vai rīkojumu.",
        "When you decide, record who may sign and the source, for example a register extract or an order.",
    ),
    "form.name-differs": (
        "Salīdziniet abus vārdus: personas kods sakrīt, tātad persona ir tā pati.",
        "Compare the two names: the personal code agrees, so the person is the same.",
    ),
    "form.other-signature-not-valid": (
        "Apskatiet, kas vēl ir parakstījis un kāpēc šis paraksts nav derīgs; tas nav iemesls noraidīt.",
        "Look who else signed and why that signature is not valid; it is no reason to refuse.",
    ),
    "form.other-file": (
        "Pirms lēmuma atveriet un apskatiet šo failu.",
        "Open the file and look at it before you decide.",
    ),
    "form.saved-anew": (
        "Salīdziniet abus dokumentus blakus un apstipriniet, pierakstot, ko salīdzinājāt.",
        "Compare the two documents side by side and confirm, noting what you compared.",
    ),
    "form.shows-differently-elsewhere": (
        "Kas tas ir, norādīts salīdzinājumā; šaubu gadījumā lūdziet parakstīt kā eDoc.",
        "The comparison says what it is; when in doubt, ask for it to be signed as an eDoc.",
    ),
    "form.not-compared": (
        "Salīdziniet to ar veidlapu vārdu pa vārdam; šaubu gadījumā lūdziet parakstīt kā eDoc.",
        "Compare it with the form word by word; when in doubt, ask for it to be signed as an eDoc.",
    ),
    "form.compared-fonts": (
        "Salīdziniet tekstu attēlos vārdu pa vārdam.",
        "Compare the text of the pictures word by word.",
    ),
    "form.compared-over-text": (
        "Apskatiet, vai zem tā nav paslēpts kas svarīgs.",
        "Look whether anything that matters is hidden under it.",
    ),
    "form.compared-repaired": (
        "Cita programma to var rādīt citādi; šaubu gadījumā lūdziet parakstīt kā eDoc.",
        "Another program may show it differently; when in doubt, ask for it to be signed as an eDoc.",
    ),
    "form.compared-other-views": (
        "Cita programma to var rādīt citādi; šaubu gadījumā lūdziet parakstīt kā eDoc.",
        "Another program may show it differently; when in doubt, ask for it to be signed as an eDoc.",
    ),
    "form.attached": (
        "Izlasiet to; parakstu tas neapliecina.",
        "Read it; it does not stand for a signature.",
    ),
    "form.not-our-form": (
        "Izlasiet dokumentu; ja tas der, apstipriniet to.",
        "Read the document; if it serves, confirm it.",
    ),
    "form.used-before": (
        "Salīdziniet ar agrāko lietu: viens dokuments pamato vienu lēmumu.",
        "Compare with the earlier case: one document supports one decision.",
    ),
    "form.older-than-last-end": (
        "Izvērtējiet, vai tas nav agrākas lietas dokuments, kas iesniegts vēlreiz.",
        "Judge whether it is the document of an earlier case, handed in again.",
    ),
    "form.older-than-form": (
        "Noskaidrojiet, kura pulkstenis gājis nepareizi; parakstīšanas dienai šeit ticēt nevar.",
        "Find out whose clock was wrong; the day of signing cannot be believed here.",
    ),
    "form.could-not-be-judged": (
        "Pārbaudi atkārtos automātiski.",
        "It will be checked again by itself.",
    ),
    "form.read-by-person": (
        "Izlasiet failu; ja tas nav lasāms, lūdziet atsūtīt to vēlreiz.",
        "Read the file; if it cannot be read, ask for it to be sent again.",
    ),
}

# What stays true once the matter is closed, of reasons that speak of what is to come.
AFTERWARDS = {
    "form.signatory-unconfirmed": ("", ""),
    "form.signer-code-without-country": (
        "{name} sertifikātā personas kodam nav norādīta valsts.",
        "The certificate of {name} does not say whose country its code is of.",
    ),
    "form.attached": (
        "Fails saņemts bez paraksta: parakstu tas neapliecina.",
        "The file was received unsigned: it does not stand for a signature.",
    ),
    "form.saved-anew": (
        "Parakstītāja programma saglabāja dokumentu no jauna; redzamais un dati sakrīt ar mūsu veidlapu.",
        "The signer's program saved the document anew; what it shows and its data are those of our form.",
    ),
    "form.shows-differently-elsewhere": (
        "Failā ir kas tāds, ko cita programma var rādīt citādi.",
        "Something in the file may show differently in another program.",
    ),
    "form.could-not-be-judged": (
        "Failu neizdevās pārbaudīt. Tas ir saglabāts.",
        "The file could not be checked. It is kept.",
    ),
    "form.read-by-person": (
        "Failu neizdevās pārbaudīt automātiski. Tas ir saglabāts.",
        "The file could not be checked automatically. It is kept.",
    ),
}


_FORMERLY: dict[str, str] = {}


def add(sentences: Mapping[str, Sentences]) -> None:
    """Make the reasons of a process known, by code. Raises ValueError for a code that has another sentence."""
    for code, one in sentences.items():
        if SENTENCES.setdefault(code, one) != one:
            raise ValueError(f"the code {code!r} has a sentence already")
        if one.formerly:
            _FORMERLY[one.formerly] = code


def current(code: str) -> str:
    """Name a reason as it is called now: what was kept under an earlier code is read for ever.

    Until November 2026 reasons of forms were kept as reasons of applications.

    >>> current("application.not-signed"), current("form.not-signed"), current("chain.not-found")
    ('form.not-signed', 'form.not-signed', 'chain.not-found')
    """
    if code in _FORMERLY:
        return _FORMERLY[code]
    owner, dot, reason = code.partition(".")
    return f"form.{reason}" if dot and owner == "application" and f"form.{reason}" in SENTENCES else code
