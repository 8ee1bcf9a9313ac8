"""About certificates: who vouches for them, whether they were alive, what their issuer answers."""

from signing.sentences.sentence import (
    ANOTHER_CERTIFICATE,
    ASK_FOR_HELP,
    NEW_CERTIFICATE,
    NOTHING,
    PERSON_LOOKS,
    SIGN_AGAIN,
    SIGN_QUALIFIED,
    WAIT,
    WHEN_ACTIVE_AGAIN,
    Sentence,
)

__all__ = ["SENTENCES"]

SENTENCES: dict[str, Sentence] = {
    "certificate.none": Sentence(
        "The file does not hold the signer's certificate.", "Failā nav parakstītāja sertifikāta.", SIGN_AGAIN
    ),
    "certificate.another": Sentence(
        "The certificate in the file is not the one the signature was made with.",
        "Failā esošais sertifikāts nav tas, ar kuru veidots paraksts.",
        SIGN_AGAIN,
    ),
    "certificate.unreadable": Sentence(
        "The signer's certificate is in the file, but it is written in a way that cannot be read here.",
        "Parakstītāja sertifikāts failā ir, taču tas uzrakstīts šeit nenolasāmā veidā.",
        ANOTHER_CERTIFICATE,
    ),
    "certificate.binding-unknown": Sentence(
        "The signature names its certificate in a way that cannot be checked here.",
        "Paraksts savu sertifikātu norāda šeit nepārbaudāmā veidā.",
        ANOTHER_CERTIFICATE,
    ),
    "certificate.not-bound": Sentence(
        "The signature does not say which certificate it was made with.",
        "Paraksts nenorāda, ar kuru sertifikātu tas veidots.",
        SIGN_QUALIFIED,
    ),
    "certificate.serial-differs": Sentence(
        "The signature names the certificate's number differently from the certificate itself.",
        "Parakstā norādītais sertifikāta numurs atšķiras no paša sertifikāta numura.",
        NOTHING,
    ),
    "certificate.not-for-signing": Sentence(
        "The certificate is not meant for signing documents.",
        "Sertifikāts nav paredzēts dokumentu parakstīšanai.",
        SIGN_QUALIFIED,
    ),
    "certificate.not-yet-valid": Sentence(
        "The signature was made before the certificate became valid.",
        "Paraksts veidots, pirms sertifikāts kļuva derīgs.",
        SIGN_QUALIFIED,
    ),
    "certificate.expired": Sentence(
        "The certificate had expired, and nothing proves that the signature was made before that.",
        "Sertifikāta derīguma termiņš bija beidzies, un nekas nepierāda, ka paraksts veidots pirms tam.",
        NEW_CERTIFICATE,
    ),
    "certificate.revoked": Sentence(
        "The certificate of {name} had already been revoked when the signature was made (since {time}).",
        "{name} sertifikāts parakstīšanas brīdī jau bija atsaukts (kopš {time}).",
        NEW_CERTIFICATE,
    ),
    "certificate.on-hold": Sentence(
        "The certificate of {name} was suspended when the signature was made.",
        "{name} sertifikāta darbība parakstīšanas brīdī bija apturēta.",
        WHEN_ACTIVE_AGAIN,
    ),
    "chain.not-found": Sentence(
        'The issuer of the certificate, "{issuer}", is not among the trusted issuers.',
        "Sertifikāta izdevējs „{issuer}” nav uzticamo izdevēju sarakstā.",
        SIGN_QUALIFIED,
    ),
    "chain.not-an-issuer": Sentence(
        '"{name}" is not allowed to issue certificates.',
        "„{name}” nav tiesību izdot sertifikātus.",
        SIGN_QUALIFIED,
    ),
    "chain.unreadable-certificate": Sentence(
        'The certificate of "{name}" cannot be read in full.',
        "„{name}” sertifikātu nav iespējams pilnībā nolasīt.",
        SIGN_QUALIFIED,
    ),
    "chain.unknown-critical-extension": Sentence(
        'The certificate of "{name}" sets a condition that is not known here.',
        "„{name}” sertifikātā ir šeit nezināms nosacījums.",
        PERSON_LOOKS,
    ),
    "chain.issuer-out-of-time": Sentence(
        'The certificate of the issuer "{name}" was not valid at the time of signing.',
        "Izdevēja „{name}” sertifikāts parakstīšanas laikā nebija derīgs.",
        SIGN_QUALIFIED,
    ),
    "ocsp.missing": Sentence(
        "Whether the certificate of {name} was valid has not been confirmed by its issuer yet.",
        "Izdevējs vēl nav apstiprinājis, ka {name} sertifikāts bija derīgs.",
        WAIT,
    ),
    "ocsp.too-old": Sentence(
        "The issuer's confirmation for the certificate of {name} is older than the signature.",
        "Izdevēja apstiprinājums par {name} sertifikātu ir vecāks par parakstu.",
        WAIT,
    ),
    "ocsp.unknown": Sentence(
        "The issuer does not know the certificate of {name}.",
        "Izdevējs nepazīst {name} sertifikātu.",
        SIGN_QUALIFIED,
    ),
    "ocsp.responder-expired": Sentence(
        'The issuer\'s confirmation cannot be relied on any more: the certificate of "{name}" has expired since.',
        "Izdevēja apstiprinājums vairs nav izmantojams: „{name}” sertifikāta termiņš pa šo laiku ir beidzies.",
        WAIT,
    ),
    "ocsp.responder-revoked": Sentence(
        'The issuer\'s confirmation does not count: the certificate of "{name}", who gave it, has been revoked.',
        "Izdevēja apstiprinājums neder: tā sniedzēja „{name}” sertifikāts ir atsaukts.",
        WAIT,
    ),
    "ocsp.responder-open": Sentence(
        'The issuer\'s confirmation does not count yet: whether "{name}" may still give it has to be asked first.',
        "Izdevēja apstiprinājums vēl neder: vispirms jānoskaidro, vai „{name}” to joprojām drīkst sniegt.",
        WAIT,
    ),
    "ocsp.from-the-future": Sentence(
        "The issuer's confirmation bears a time that had not come yet.",
        "Izdevēja apstiprinājumā norādīts laiks, kas vēl nebija pienācis.",
        ASK_FOR_HELP,
    ),
    "ocsp.before-certificate": Sentence(
        "The issuer's confirmation is older than the certificate of {name} itself.",
        "Izdevēja apstiprinājums ir vecāks par pašu {name} sertifikātu.",
        WAIT,
    ),
    "ocsp.after-expiry": Sentence(
        "The issuer's confirmation was made after the certificate of {name} had expired, and proves nothing.",
        "Izdevēja apstiprinājums sagatavots pēc {name} sertifikāta termiņa beigām, tāpēc neko nepierāda.",
        SIGN_QUALIFIED,
    ),
    "ocsp.too-weak": Sentence(
        "The issuer's confirmation was made in an outdated way that is no longer secure.",
        "Izdevēja apstiprinājums sagatavots novecojušā veidā, kas vairs nav drošs.",
        WAIT,
    ),
    "ocsp.before-stamp": Sentence(
        "The issuer's confirmation was made {seconds} before the time stamp; that is usual.",
        "Izdevēja apstiprinājums sagatavots {seconds} pirms laika zīmoga; tā tas mēdz būt.",
        NOTHING,
    ),
    "ocsp.long-after-stamp": Sentence(
        "The issuer's confirmation was made {hours} after the time stamp.",
        "Izdevēja apstiprinājums sagatavots {hours} pēc laika zīmoga.",
        NOTHING,
    ),
}
