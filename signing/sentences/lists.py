"""About trusted lists, and about what was asked of the network."""

from signing.sentences.sentence import TELL_OPERATOR, WAIT, Sentence

__all__ = ["SENTENCES"]

_UNUSABLE = "Uzticamo sarakstu nav iespējams izmantot"

SENTENCES: dict[str, Sentence] = {
    "trust.unavailable": Sentence(
        "No trusted list is at hand, so nothing can be said of anybody's signature.",
        "Nav pieejams neviens uzticamais saraksts, tāpēc par parakstiem neko nevar pateikt.",
        WAIT,
    ),
    "trust.no-lists": Sentence(
        "No trusted list is at hand, so it cannot be told whether anything is qualified.",
        "Nav pieejams neviens uzticamais saraksts, tāpēc nevar noteikt, vai paraksts ir kvalificēts.",
        WAIT,
    ),
    "trust.list-missing": Sentence(
        "The trusted list of {territory} is missing.", "Nav pieejams valsts {territory} uzticamais saraksts.", WAIT
    ),
    "trust.list-stale": Sentence(
        "The trusted list of {territory} is out of date.", "Valsts {territory} uzticamais saraksts ir novecojis.", WAIT
    ),
    "list.not-fetched": Sentence(
        "A trusted list could not be fetched: {error}.", "Uzticamo sarakstu neizdevās saņemt: {error}.", TELL_OPERATOR
    ),
    "list.not-xml": Sentence("A trusted list cannot be read.", f"{_UNUSABLE}: tas nav nolasāms.", TELL_OPERATOR),
    "list.too-large": Sentence("A trusted list is too large.", f"{_UNUSABLE}: tas ir pārāk liels.", TELL_OPERATOR),
    "list.document-type": Sentence(
        "A trusted list brings its own rules for reading it.",
        f"{_UNUSABLE}: tas satur pats savus nolasīšanas noteikumus.",
        TELL_OPERATOR,
    ),
    "list.not-a-trusted-list": Sentence(
        "A file given as trusted list is none.", f"{_UNUSABLE}: tas nav uzticamais saraksts.", TELL_OPERATOR
    ),
    "list.incomplete": Sentence(
        "A trusted list lacks something it must have: {missing}.", f"{_UNUSABLE}: trūkst „{{missing}}”.", TELL_OPERATOR
    ),
    "list.version-unknown": Sentence(
        "A trusted list is of a version not known here ({version}).",
        f"{_UNUSABLE}: nezināma versija ({{version}}).",
        TELL_OPERATOR,
    ),
    "list.rollback": Sentence(
        "A trusted list is older ({sequence}) than the one accepted before ({accepted}).",
        f"{_UNUSABLE}: tas ({{sequence}}) ir vecāks par iepriekš pieņemto ({{accepted}}).",
        TELL_OPERATOR,
    ),
    "list.issued-in-future": Sentence(
        "A trusted list is dated in the future ({issued}).",
        f"{_UNUSABLE}: tā datums ({{issued}}) ir nākotnē.",
        TELL_OPERATOR,
    ),
    "list.not-a-list-of-lists": Sentence(
        "The list of lists is none ({territory}).",
        f"{_UNUSABLE}: tas nav sarakstu saraksts ({{territory}}).",
        TELL_OPERATOR,
    ),
    "list.of-another-territory": Sentence(
        "A trusted list is another country's ({territory}).",
        f"{_UNUSABLE}: tas pieder citai valstij ({{territory}}).",
        TELL_OPERATOR,
    ),
    "list.partly-signed": Sentence(
        "A trusted list is signed only in part.", f"{_UNUSABLE}: parakstīta tikai daļa no tā.", TELL_OPERATOR
    ),
    "list.references": Sentence(
        "The signature of a trusted list lacks {missing}.",
        f"{_UNUSABLE}: tā parakstam trūkst {{missing}}.",
        TELL_OPERATOR,
    ),
    "list.signature-broken": Sentence(
        "The signature of a trusted list is broken.", f"{_UNUSABLE}: tā paraksts nav derīgs.", TELL_OPERATOR
    ),
    "list.signature-misplaced": Sentence(
        "The signature of a trusted list is not where it has to be.",
        f"{_UNUSABLE}: tā paraksts neatrodas pareizajā vietā.",
        TELL_OPERATOR,
    ),
    "list.signer-not-announced": Sentence(
        "A trusted list is signed by someone nobody announced.",
        f"{_UNUSABLE}: to parakstījis kāds, kas nav izziņots.",
        TELL_OPERATOR,
    ),
    "list.signer-unreadable": Sentence(
        'The certificate of "{signer}", who signed a trusted list, is not written as it has to be.',
        f"{_UNUSABLE}: tā parakstītāja „{{signer}}” sertifikāts nav uzrakstīts tā, kā tam jābūt.",
        TELL_OPERATOR,
    ),
    "list.signer-not-valid": Sentence(
        'The certificate of "{signer}", who signed a trusted list, was not valid.',
        f"{_UNUSABLE}: tā parakstītāja „{{signer}}” sertifikāts nebija derīgs.",
        TELL_OPERATOR,
    ),
    "fetch.address-refused": Sentence(
        "The address {url} is not one this service asks.", "Adresei {url} šis pakalpojums pieprasījumus nesūta.", WAIT
    ),
    "fetch.failed": Sentence("No usable answer came from {url}.", "No {url} netika saņemta izmantojama atbilde.", WAIT),
    "fetch.too-large": Sentence("The answer from {url} is too large.", "Atbilde no {url} ir pārāk liela.", WAIT),
}
