"""A sentence in both languages, and the steps it can advise."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ANOTHER_CERTIFICATE",
    "ASK_FOR_HELP",
    "NEW_CERTIFICATE",
    "NOTHING",
    "PERSON_LOOKS",
    "REPORT_FAULT",
    "RIGHT_PERSON",
    "SEND_SIGNED_FILE",
    "SIGN_AGAIN",
    "SIGN_ALL",
    "SIGN_IN_FIELD",
    "SIGN_OTHERWISE",
    "SIGN_QUALIFIED",
    "SIGN_SMALL",
    "SIGN_UNCHANGED",
    "SIGN_WITH_STAMP",
    "TELL_OPERATOR",
    "WAIT",
    "WHEN_ACTIVE_AGAIN",
    "Next",
    "Sentence",
]


@dataclass(frozen=True, slots=True)
class Next:
    """What to do next, in both languages."""

    en: str
    lv: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One reason in both languages, with names in braces, and what to do about it."""

    en: str
    lv: str
    next: Next


NOTHING = Next("Nothing needs to be done.", "Nekas nav jādara.")
WAIT = Next(
    "Nothing needs to be done now: it will be checked again by itself.",
    "Pašlaik nekas nav jādara: pārbaude drīz tiks atkārtota automātiski.",
)
PERSON_LOOKS = Next("A member of staff will look at it.", "Dokumentu apskatīs darbinieks.")
SIGN_AGAIN = Next(
    "Please have the original document signed again and send the new file, without changing it after signing.",
    "Lūdzu, parakstiet sākotnējo dokumentu no jauna un atsūtiet jauno failu, pēc parakstīšanas to nemainot.",
)
SIGN_ALL = Next(
    "Please sign all files together, or remove the file that does not belong there, and send the new file.",
    "Lūdzu, parakstiet visus failus kopā vai izņemiet lieko failu un atsūtiet jauno parakstīto failu.",
)
SIGN_WITH_STAMP = Next(
    "Please sign again with a qualified time stamp; eParakstītājs and eparaksts.lv add one by themselves.",
    "Lūdzu, parakstiet dokumentu vēlreiz ar kvalificētu laika zīmogu; eParakstītājs un eparaksts.lv to pievieno paši.",
)
SIGN_QUALIFIED = Next(
    "Please sign with a valid qualified electronic signature, for example an identity card or eParaksts mobile.",
    "Lūdzu, parakstiet ar derīgu kvalificētu elektronisko parakstu, piemēram, ar eID karti vai eParaksts mobile.",
)
ANOTHER_CERTIFICATE = Next(
    "The document need not have been changed. Please sign it with another means, for example an identity card or "
    "eParaksts mobile, or ask {adviser}.",
    "Dokuments nav obligāti mainīts. Lūdzu, parakstiet to ar citu līdzekli, piemēram, ar eID karti vai eParaksts "
    "mobile, vai jautājiet {adviser}.",
)
SIGN_IN_FIELD = Next(
    "Please sign the original document again, without placing a field for the signature first or by signing in it.",
    "Lūdzu, parakstiet sākotnējo dokumentu no jauna, iepriekš neizveidojot paraksta lauku vai parakstot tieši tajā.",
)
SIGN_OTHERWISE = Next(
    "Please have the original document signed again, best as an .edoc or .asice file, and send the new file.",
    "Lūdzu, parakstiet sākotnējo dokumentu no jauna, vislabāk kā .edoc vai .asice failu, un atsūtiet jauno failu.",
)
SIGN_SMALL = Next(
    "Please sign the original document again, with a small picture of the signature or none, and send the new file.",
    "Lūdzu, parakstiet sākotnējo dokumentu no jauna ar nelielu paraksta attēlu vai bez tā un atsūtiet jauno failu.",
)
SIGN_UNCHANGED = Next(
    "Please have the original document signed again, with nothing added or changed before or after, and send it anew.",
    "Lūdzu, parakstiet sākotnējo dokumentu no jauna, ne pirms, ne pēc tam tajā neko nemainot, un atsūtiet jauno failu.",
)
NEW_CERTIFICATE = Next(
    "Please get a valid certificate, sign the original document again with it and send the new file.",
    "Lūdzu, saņemiet derīgu sertifikātu, ar to no jauna parakstiet sākotnējo dokumentu un atsūtiet jauno failu.",
)
WHEN_ACTIVE_AGAIN = Next(
    "When the certificate is active again, please sign the original document once more and send the new file.",
    "Kad sertifikāta darbība būs atjaunota, lūdzu, parakstiet sākotnējo dokumentu vēlreiz un atsūtiet jauno failu.",
)
RIGHT_PERSON = Next(
    "The person named in the document has to sign it.",
    "Dokuments jāparaksta tajā norādītajai personai.",
)
SEND_SIGNED_FILE = Next(
    "Please send the signed file itself: .edoc, .asice or a signed .pdf.",
    "Lūdzu, atsūtiet pašu parakstīto failu: .edoc, .asice vai parakstītu .pdf.",
)
ASK_FOR_HELP = Next(
    "If you do not know why, ask {adviser}.",
    "Ja iemesls nav skaidrs, jautājiet {adviser}.",
)
REPORT_FAULT = Next(
    "Please try again; if the file still cannot be judged, report the fault to whoever looks after the program.",
    "Lūdzu, mēģiniet vēlreiz; ja failu joprojām neizdodas pārbaudīt, ziņojiet par kļūdu programmas uzturētājam.",
)
TELL_OPERATOR = Next(
    "The operator of the service has been told and looks after the trusted lists.",
    "Par to jāparūpējas pakalpojuma uzturētājam: jāatjauno uzticamie saraksti.",
)
