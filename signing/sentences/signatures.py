"""About signatures: what they sign, who made them, what they are worth."""

from signing.sentences.sentence import (
    ANOTHER_CERTIFICATE,
    ASK_FOR_HELP,
    PERSON_LOOKS,
    RIGHT_PERSON,
    SEND_SIGNED_FILE,
    SIGN_AGAIN,
    SIGN_ALL,
    SIGN_QUALIFIED,
    WAIT,
    Sentence,
)

__all__ = ["SENTENCES"]

SENTENCES: dict[str, Sentence] = {
    "signature.none": Sentence(
        "The file holds no electronic signature.", "Failā nav neviena elektroniskā paraksta.", SEND_SIGNED_FILE
    ),
    "signature.not-valid": Sentence(
        "The signature is not valid.",
        "Paraksts nav derīgs.",
        SIGN_AGAIN,
    ),
    "signature.undecided": Sentence(
        "It cannot be decided yet whether the signature is valid.",
        "Vēl nav iespējams noteikt, vai paraksts ir derīgs.",
        WAIT,
    ),
    "signature.broken": Sentence(
        "The signature does not fit what was signed: the file was changed after signing, or is damaged.",
        "Paraksts neatbilst parakstītajam saturam: fails pēc parakstīšanas ir mainīts vai bojāts.",
        SIGN_AGAIN,
    ),
    "signature.algorithm-unknown": Sentence(
        "The signature was made in a way that cannot be checked here.",
        "Paraksts veidots tādā veidā, kādu šeit nav iespējams pārbaudīt.",
        ANOTHER_CERTIFICATE,
    ),
    "signature.key-unknown": Sentence(
        "The key of the signer's certificate is of a kind that cannot be computed with here.",
        "Parakstītāja sertifikāta atslēga ir tāda veida, ar kādu šeit pārbaudi nevar veikt.",
        ANOTHER_CERTIFICATE,
    ),
    "reference.changed": Sentence(
        'The signed content "{file}" was changed after signing.',
        "Parakstītais saturs „{file}” pēc parakstīšanas ir mainīts.",
        SIGN_AGAIN,
    ),
    "reference.not-found": Sentence(
        'The signature is over "{file}", which is not in the file.',
        "Paraksts attiecas uz „{file}”, bet tā šajā failā nav.",
        SIGN_AGAIN,
    ),
    "reference.ambiguous": Sentence(
        'The signature is over "{file}", of which the file holds more than one.',
        "Paraksts attiecas uz „{file}”, bet failā tādi ir vairāki.",
        SIGN_AGAIN,
    ),
    "reference.misplaced": Sentence(
        'The signature points to "{file}" in a place where no honest signature points.',
        "Paraksts norāda uz „{file}” vietā, uz kuru godīgs paraksts nenorāda.",
        SIGN_AGAIN,
    ),
    "reference.transform-refused": Sentence(
        'The signature is over only a selected part of "{file}"; such signatures are not accepted.',
        "Paraksts attiecas tikai uz atlasītu „{file}” daļu; šādi paraksti netiek pieņemti.",
        SIGN_AGAIN,
    ),
    "reference.not-computed": Sentence(
        'What the signature is over, "{file}", is not of the form that the signature says, so it cannot be compared.',
        "Tas, uz ko attiecas paraksts („{file}”), nav parakstā norādītajā formā, tāpēc to nevar salīdzināt.",
        SIGN_AGAIN,
    ),
    "reference.unnamed": Sentence(
        "The signature does not name the file it is over, and there is not exactly one file that it can mean.",
        "Parakstā nav nosaukts fails, uz kuru tas attiecas, un nav tieši viena faila, ko tas varētu nozīmēt.",
        SEND_SIGNED_FILE,
    ),
    "reference.digest-unknown": Sentence(
        'How the signature secures "{file}" is not known here, so it cannot be checked.',
        "Nav zināms, kādā veidā paraksts aizsargā „{file}”, tāpēc to nevar pārbaudīt.",
        SIGN_QUALIFIED,
    ),
    "xades.no-properties": Sentence(
        "The signature lacks the signed statements that bind it to its certificate.",
        "Parakstam trūkst parakstīto ziņu, kas to saista ar sertifikātu.",
        SIGN_QUALIFIED,
    ),
    "xades.several-properties": Sentence(
        "The signature's own statements stand in it more than once.",
        "Paraksta paša ziņas tajā ir norādītas vairākkārt.",
        SIGN_AGAIN,
    ),
    "xades.properties-of-another": Sentence(
        "The statements beside the signature belong to another signature.",
        "Parakstam pievienotās ziņas pieder citam parakstam.",
        SIGN_AGAIN,
    ),
    "xades.properties-not-signed": Sentence(
        "The signature does not cover its own statements.", "Paraksts neaptver savas ziņas.", SIGN_AGAIN
    ),
    "xades.signs-nothing": Sentence("The signature is over nothing.", "Paraksts neattiecas ne uz ko.", SIGN_AGAIN),
    "cms.unreadable": Sentence("The signature cannot be read.", "Parakstu nav iespējams nolasīt.", SIGN_AGAIN),
    "cms.no-signer": Sentence("The signature file holds no signature.", "Paraksta failā nav paraksta.", SIGN_AGAIN),
    "cms.two-readings": Sentence(
        "The file can be read as a signed file and as a PDF that shows something else, so it is not accepted.",
        "Failu var nolasīt gan kā parakstītu failu, gan kā PDF ar citu saturu, tāpēc tas netiek pieņemts.",
        SIGN_AGAIN,
    ),
    "cms.attributes": Sentence(
        "The signature's own statements contradict one another.",
        "Paraksta ziņas ir savstarpēji pretrunīgas.",
        SIGN_AGAIN,
    ),
    "cms.duplicate-attributes": Sentence(
        "The signature says the same thing more than once.", "Paraksta ziņas tajā ir norādītas vairākkārt.", SIGN_AGAIN
    ),
    "algorithm.too-weak": Sentence(
        "The signature was made in a way ({algorithm}) that did not count as secure at that time, or no longer did.",
        "Paraksts veidots tādā veidā ({algorithm}), kas tajā laikā par drošu netika vai vairs netika uzskatīts.",
        SIGN_QUALIFIED,
    ),
    "algorithm.weak": Sentence(
        "The signature was made in a way ({algorithm}) that no longer counts as secure; the rules asked for accept it.",
        "Paraksts veidots tādā veidā ({algorithm}), kas vairs nav drošs; prasītie noteikumi to pieņem.",
        SIGN_QUALIFIED,
    ),
    "report.other-algorithms": Sentence(
        "The signature was checked by other rules for algorithms ({table}) than the ones asked for.",
        "Paraksts pārbaudīts pēc citiem algoritmu noteikumiem ({table}), nevis pēc prasītajiem.",
        SIGN_QUALIFIED,
    ),
    "coverage.incomplete": Sentence(
        "The signature covers only part of the document.", "Paraksts aptver tikai daļu no dokumenta.", SIGN_ALL
    ),
    "coverage.pdf-incomplete": Sentence(
        "The PDF shows more than what was signed, or shows it otherwise.",
        "PDF fails rāda vairāk, nekā parakstīts, vai rāda to citādi.",
        SIGN_AGAIN,
    ),
    "coverage.file-not-signed": Sentence(
        'The file "{file}" is not covered by the signature.', "Fails „{file}” nav parakstīts ar šo parakstu.", SIGN_ALL
    ),
    "coverage.document-missing": Sentence(
        "The document that has to be signed is not in this file, or is not the same document.",
        "Parakstāmā dokumenta šajā failā nav, vai arī tas nav tas pats dokuments.",
        SIGN_AGAIN,
    ),
    "signer.somebody-else": Sentence(
        "It was signed by {name}, who is not the person who has to sign.",
        "Dokumentu parakstīja {name}, bet tas jāparaksta citai personai.",
        RIGHT_PERSON,
    ),
    "signer.no-identity": Sentence(
        "The certificate of {name} holds no personal code, so it does not say which person signed.",
        "{name} sertifikātā nav personas koda, tāpēc nav droši zināms, kura persona parakstījusi.",
        PERSON_LOOKS,
    ),
    "signer.code-without-country": Sentence(
        "The certificate of {name} holds the code without a country, so it does not say which person signed.",
        "{name} sertifikātā kods norādīts bez valsts, tāpēc nav droši zināms, kura persona parakstījusi.",
        PERSON_LOOKS,
    ),
    "qualification.seal": Sentence(
        "This is an organisation's seal, not a person's signature.",
        "Šis ir iestādes elektroniskais zīmogs, nevis personas paraksts.",
        SIGN_QUALIFIED,
    ),
    "qualification.none": Sentence(
        "A signature that is not valid has no legal standing.",
        "Nederīgam parakstam nav juridiska spēka.",
        SIGN_QUALIFIED,
    ),
    "qualification.not-qualified": Sentence(
        "This is not a qualified (secure) electronic signature, so it does not replace a signature by hand.",
        "Šis nav kvalificēts (drošs) elektroniskais paraksts, tāpēc tas neaizstāj pašrocīgu parakstu.",
        SIGN_QUALIFIED,
    ),
    "qualification.undetermined": Sentence(
        "It cannot be told now whether the signature is qualified: the trusted lists are missing or out of date.",
        "Pašlaik nevar noteikt, vai paraksts ir kvalificēts: uzticamie saraksti nav pieejami vai ir novecojuši.",
        WAIT,
    ),
    "qualification.certificate-unreadable": Sentence(
        "What the certificate says of its own standing cannot be read.",
        "Sertifikātā norādītās ziņas par tā statusu nav nolasāmas.",
        ASK_FOR_HELP,
    ),
    "qualification.criterion-unknown": Sentence(
        "The trusted list describes this kind of certificate in a way that is not known here.",
        "Uzticamais saraksts šāda veida sertifikātus apraksta šeit nezināmā veidā.",
        PERSON_LOOKS,
    ),
    "qualification.list-contradicts-itself": Sentence(
        "The trusted list contradicts itself about this kind of certificate.",
        "Uzticamajā sarakstā par šāda veida sertifikātiem ir pretrunīgas ziņas.",
        PERSON_LOOKS,
    ),
    "qualification.not-on-device": Sentence(
        "Nothing shows that the signing key is kept in a qualified device such as an identity card.",
        "Nekas neliecina, ka paraksta atslēga glabājas kvalificētā ierīcē, piemēram, eID kartē.",
        SIGN_QUALIFIED,
    ),
    "qualification.certificate-not-qualified": Sentence(
        "The trusted list knows the issuer, and this certificate is not a qualified one.",
        "Izdevējs ir uzticamajā sarakstā, taču šis sertifikāts nav kvalificēts.",
        SIGN_QUALIFIED,
    ),
    "qualification.no-service": Sentence(
        "No trusted list named the issuer as one of qualified certificates on {at}.",
        "Nevienā uzticamajā sarakstā {at} šis izdevējs nebija norādīts kā kvalificētu sertifikātu izdevējs.",
        SIGN_QUALIFIED,
    ),
    "qualification.service-not-granted": Sentence(
        "The issuer, “{service}”, had no right to issue qualified certificates on {at}: it lost it on {since}.",
        "Izdevējam „{service}” {at} nebija tiesību izdot kvalificētus sertifikātus: tās beidzās {since}",
        SIGN_QUALIFIED,
    ),
    "qualification.service-for-another-use": Sentence(
        "The trusted list names the issuer, “{service}”, for certificates of another kind.",
        "Uzticamajā sarakstā izdevējs „{service}” norādīts cita veida sertifikātiem.",
        SIGN_QUALIFIED,
    ),
}
