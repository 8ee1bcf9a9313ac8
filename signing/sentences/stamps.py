"""About time stamps."""

from signing.sentences.sentence import ASK_FOR_HELP, NOTHING, PERSON_LOOKS, SIGN_AGAIN, SIGN_WITH_STAMP, Sentence

__all__ = ["SENTENCES"]

SENTENCES: dict[str, Sentence] = {
    "stamp.missing": Sentence(
        "The signature has no time stamp, so the time of signing is not proven.",
        "Parakstam nav laika zīmoga, tāpēc parakstīšanas laiks nav pierādīts.",
        SIGN_WITH_STAMP,
    ),
    "stamp.not-valid": Sentence(
        "The time stamp of {authority} is not valid.", "{authority} laika zīmogs nav derīgs.", SIGN_WITH_STAMP
    ),
    "stamp.too-weak": Sentence(
        "The time stamp was made in a way ({algorithm}) that did not count as secure at that time, or no longer did.",
        "Laika zīmogs veidots tādā veidā ({algorithm}), kas tajā laikā par drošu netika vai vairs netika uzskatīts.",
        SIGN_WITH_STAMP,
    ),
    "stamp.not-qualified": Sentence(
        'The time stamp is from "{authority}", which is not a qualified provider.',
        "Laika zīmogu izdevis „{authority}”, kas nav kvalificēts pakalpojuma sniedzējs.",
        SIGN_WITH_STAMP,
    ),
    "stamp.none-valid": Sentence(
        "None of the signature's time stamps proves anything.",
        "Neviens no paraksta laika zīmogiem neko nepierāda.",
        SIGN_WITH_STAMP,
    ),
    "stamp.over-other-data": Sentence(
        "The time stamp of {authority} was given to other data, not to this signature.",
        "{authority} laika zīmogs izsniegts citiem datiem, nevis šim parakstam.",
        SIGN_WITH_STAMP,
    ),
    "stamp.broken": Sentence(
        "The time stamp of {authority} is damaged or forged.",
        "{authority} laika zīmogs ir bojāts vai viltots.",
        SIGN_WITH_STAMP,
    ),
    "stamp.algorithm-unknown": Sentence(
        "The time stamp of {authority} was made in a way that cannot be checked here.",
        "{authority} laika zīmogs veidots tādā veidā, kādu šeit nav iespējams pārbaudīt.",
        SIGN_WITH_STAMP,
    ),
    "stamp.certificate-unreadable": Sentence(
        "The certificate of the time stamp is there, but it is written in a way that cannot be read here.",
        "Laika zīmoga sertifikāts failā ir, taču tas uzrakstīts šeit nenolasāmā veidā.",
        SIGN_WITH_STAMP,
    ),
    "stamp.unreadable": Sentence(
        "A time stamp cannot be read.", "Laika zīmogu nav iespējams nolasīt.", SIGN_WITH_STAMP
    ),
    "stamp.no-certificate": Sentence(
        "The certificate of the time stamp is missing.", "Trūkst laika zīmoga sertifikāta.", SIGN_WITH_STAMP
    ),
    "stamp.certificate-not-bound": Sentence(
        "The time stamp does not say which certificate it was made with.",
        "Laika zīmogs nenorāda, ar kuru sertifikātu tas veidots.",
        SIGN_WITH_STAMP,
    ),
    "stamp.certificate-not-for-stamps": Sentence(
        'The certificate of "{authority}" is not meant for time stamps.',
        "„{authority}” sertifikāts nav paredzēts laika zīmogiem.",
        SIGN_WITH_STAMP,
    ),
    "stamp.chain-not-found": Sentence(
        'The time-stamping provider "{authority}" is not among the trusted ones.',
        "Laika zīmoga izdevējs „{authority}” nav uzticamo izdevēju sarakstā.",
        SIGN_WITH_STAMP,
    ),
    "stamp.unit-out-of-time": Sentence(
        'The certificate of "{authority}" was not valid at the time of its stamp.',
        "„{authority}” sertifikāts laika zīmoga izdošanas brīdī nebija derīgs.",
        SIGN_WITH_STAMP,
    ),
    "stamp.unit-expired": Sentence(
        'The certificate of "{authority}" has expired since, and nothing proves that the stamp is older.',
        "„{authority}” sertifikāta termiņš kopš tā laika ir beidzies, un nekas nepierāda, ka zīmogs ir vecāks.",
        SIGN_AGAIN,
    ),
    "stamp.not-examined": Sentence(
        "A time stamp of an older kind is there and was not examined.",
        "Failā ir vecāka veida laika zīmogs, kas netika pārbaudīts.",
        NOTHING,
    ),
    "bdoc.time-mark": Sentence(
        "The signature holds an Estonian time mark in place of a time stamp; it proves no time by European rules.",
        "Parakstā laika zīmoga vietā ir Igaunijas laika marķējums; pēc Eiropas noteikumiem tas laiku nepierāda.",
        PERSON_LOOKS,
    ),
    "stamp.order": Sentence(
        "The time stamps contradict one another or the present time.",
        "Laika zīmogi ir pretrunā cits citam vai pašreizējam laikam.",
        ASK_FOR_HELP,
    ),
}
