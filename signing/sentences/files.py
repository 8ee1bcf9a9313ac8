"""About files and containers: what cannot be read, and what does not belong there."""

from signing.sentences.sentence import (
    NOTHING,
    PERSON_LOOKS,
    REPORT_FAULT,
    SEND_SIGNED_FILE,
    SIGN_AGAIN,
    SIGN_ALL,
    Sentence,
)

__all__ = ["SENTENCES"]

_DAMAGED = Sentence(
    "The file is damaged or was not made by a signing program.",
    "Fails ir bojāts vai nav veidots ar parakstīšanas programmu.",
    SIGN_AGAIN,
)

SENTENCES: dict[str, Sentence] = {
    "document.empty": Sentence("The file is empty.", "Fails ir tukšs.", SEND_SIGNED_FILE),
    "document.not-signed": Sentence(
        "This is not an electronically signed file.", "Šis nav elektroniski parakstīts fails.", SEND_SIGNED_FILE
    ),
    "document.office": Sentence(
        "This is an office document without an electronic signature.",
        "Šis ir biroja dokuments (piemēram, Word) bez elektroniskā paraksta.",
        SEND_SIGNED_FILE,
    ),
    "document.encrypted": Sentence(
        "The file is protected by a password or encrypted, so it cannot be read.",
        "Fails ir aizsargāts ar paroli vai šifrēts, tāpēc to nevar nolasīt.",
        SEND_SIGNED_FILE,
    ),
    "document.too-large": Sentence(
        "The file, or something in it, is too large.", "Fails vai kaut kas tajā ir pārāk liels.", SEND_SIGNED_FILE
    ),
    "document.too-much-work": Sentence(
        "The file holds far more signatures or references than any real one.",
        "Failā ir daudzkārt vairāk parakstu vai atsauču nekā jebkurā īstā dokumentā.",
        SEND_SIGNED_FILE,
    ),
    "document.broken": _DAMAGED,
    "document.not-judged": Sentence(
        "The file could not be judged: the fault lies with this program or its machine, not with the file.",
        "Failu neizdevās pārbaudīt: kļūda ir pārbaudes programmā vai datorā, nevis failā.",
        REPORT_FAULT,
    ),
    "document.legacy-format": Sentence(
        "The file is in the older format {format}, which a person has to check.",
        "Fails ir vecākā formātā „{format}”, kas jāpārbauda darbiniekam.",
        PERSON_LOOKS,
    ),
    "document.other-format": Sentence(
        "The file is signed in the way of {format}, which a person has to check.",
        "Fails ir parakstīts „{format}” veidā, un tas jāpārbauda darbiniekam.",
        PERSON_LOOKS,
    ),
    "container.damaged": _DAMAGED,
    "container.ambiguous": Sentence(
        "The file can be read in more than one way, so it is not accepted.",
        "Failu iespējams nolasīt vairākos veidos, tāpēc tas netiek pieņemts.",
        SIGN_AGAIN,
    ),
    "container.headers-differ": Sentence(
        "The file contradicts itself about what is in it, so it is not accepted.",
        "Failā ir pretrunīgas ziņas par tā saturu, tāpēc tas netiek pieņemts.",
        SIGN_AGAIN,
    ),
    "container.size-differs": Sentence(
        'The file "{name}" in it is damaged.', "Tajā esošais fails „{name}” ir bojāts.", SIGN_AGAIN
    ),
    "container.duplicate-name": Sentence(
        'The name "{name}" stands in it twice.', "Nosaukums „{name}” tajā ir divreiz.", SIGN_AGAIN
    ),
    "container.bad-name": Sentence(
        'The name "{name}" in it is not allowed.', "Nosaukums „{name}” tajā nav pieļaujams.", SIGN_AGAIN
    ),
    "container.compression-unknown": Sentence(
        'The file "{name}" in it is packed in an unknown way.',
        "Fails „{name}” tajā ir saspiests nezināmā veidā.",
        SIGN_AGAIN,
    ),
    "container.too-many-entries": Sentence(
        "The file holds more than {limit} files.", "Failā ir vairāk nekā {limit} failu.", SEND_SIGNED_FILE
    ),
    "container.bomb": Sentence(
        "The file unpacks to far more than it is, so it is not opened.",
        "Fails atspiežas daudzkārt lielāks, tāpēc netiek atvērts.",
        SEND_SIGNED_FILE,
    ),
    "container.not-asic": Sentence(
        "This is a ZIP file without a signature.", "Šis ir ZIP fails bez paraksta.", SEND_SIGNED_FILE
    ),
    "container.mimetype": Sentence(
        "The file does not say rightly of what kind it is.",
        "Fails nepareizi norāda, kāda veida tas ir.",
        SIGN_AGAIN,
    ),
    "container.mimetype-place": Sentence(
        "The file says of what kind it is, but not in the usual place.",
        "Fails norāda savu veidu, bet ne ierastajā vietā.",
        NOTHING,
    ),
    "container.no-mimetype": Sentence(
        "The file does not say of what kind it is.", "Fails nenorāda, kāda veida tas ir.", NOTHING
    ),
    "container.manifest": Sentence(
        'The list of contents "{name}" cannot be read.', "Satura sarakstu „{name}” nav iespējams nolasīt.", SIGN_AGAIN
    ),
    "container.file-not-signed": Sentence(
        'The file "{file}" in it is signed by nobody.', "Tajā esošo failu „{file}” neviens nav parakstījis.", SIGN_ALL
    ),
    "container.simple-one-object": Sentence(
        "A container of the simple kind holds exactly one document; this one does not.",
        "Vienkāršā veida konteinerā drīkst būt tieši viens dokuments; šajā tā nav.",
        SIGN_AGAIN,
    ),
    "container.simple-one-kind": Sentence(
        "A container of the simple kind holds one kind of signature; this one mixes them.",
        "Vienkāršā veida konteinerā drīkst būt viena veida paraksti; šajā tie ir sajaukti.",
        SIGN_AGAIN,
    ),
    "container.simple-one-file": Sentence(
        "A container of the simple kind holds one file of signatures; this one holds more.",
        "Vienkāršā veida konteinerā drīkst būt viens parakstu fails; šajā to ir vairāk.",
        SIGN_AGAIN,
    ),
    "container.manifest-missing": Sentence(
        "The container lacks the list of its files; that list is not signed and changes no verdict.",
        "Konteinerā nav tā failu saraksta; šis saraksts netiek parakstīts un pārbaudes rezultātu nemaina.",
        NOTHING,
    ),
    "container.manifest-differs": Sentence(
        'The container\'s list of its files does not fit "{file}"; that list is not signed and changes no verdict.',
        "Konteinera failu saraksts neatbilst failam „{file}”; šis saraksts netiek parakstīts un rezultātu nemaina.",
        NOTHING,
    ),
    "container.extra-metadata": Sentence(
        'Beside the documents there is a file that nobody signs and no program shows: "{file}".',
        "Līdzās dokumentiem ir fails, ko neviens neparaksta un neviena programma nerāda: „{file}”.",
        PERSON_LOOKS,
    ),
    "container.evidence-record": Sentence(
        "The file holds an archive's evidence record, which a person has to check.",
        "Failā ir arhīva pierādījumu ieraksts, kas jāpārbauda darbiniekam.",
        PERSON_LOOKS,
    ),
    "container.inner": Sentence(
        'The file "{file}" in it is itself a signed container; it was not judged.',
        "Tajā esošais fails „{file}” pats ir parakstīts konteiners; tas netika pārbaudīts.",
        NOTHING,
    ),
    "nested.too-many": Sentence(
        'There are more than {limit} signed containers in the file; "{file}" was not opened.',
        "Failā ir vairāk par {limit} parakstītiem konteineriem; „{file}” netika atvērts.",
        PERSON_LOOKS,
    ),
    "names.look-alike": Sentence(
        'The names "{one}" and "{other}" are easily taken for one another.',
        "Nosaukumus „{one}” un „{other}” ir viegli sajaukt.",
        PERSON_LOOKS,
    ),
    "active.macros": Sentence(
        'The document "{file}" holds macros, which can change what it shows.',
        "Dokumentā „{file}” ir makrokomandas, kas var mainīt tajā redzamo.",
        PERSON_LOOKS,
    ),
    "active.fields": Sentence(
        'The document "{file}" holds fields or links, which can change what it shows.',
        "Dokumentā „{file}” ir lauki vai saites, kas var mainīt tajā redzamo.",
        PERSON_LOOKS,
    ),
    "xml.syntax": _DAMAGED,
    "xml.doctype": Sentence(
        'The file "{name}" brings its own rules for reading it, so it is not accepted.',
        "Fails „{name}” satur pats savus nolasīšanas noteikumus, tāpēc tas netiek pieņemts.",
        SIGN_AGAIN,
    ),
    "xml.encoding": Sentence(
        'The file "{name}" is written in an unusual encoding, so it is not accepted.',
        "Fails „{name}” ir neierastā kodējumā, tāpēc tas netiek pieņemts.",
        SIGN_AGAIN,
    ),
}
