"""About signed PDF documents."""

from signing.sentences.shape import NOTHING, PERSON_LOOKS, SEND_SIGNED_FILE, SIGN_AGAIN, SIGN_QUALIFIED, Sentence

__all__ = ["SENTENCES"]

SENTENCES: dict[str, Sentence] = {
    "pdf.damaged": Sentence(
        "The PDF is damaged and cannot be read with certainty.",
        "PDF fails ir bojāts, un to nevar droši nolasīt.",
        SIGN_AGAIN,
    ),
    "pdf.changed-after-signing": Sentence(
        "The PDF was changed after signing.", "PDF dokuments pēc parakstīšanas ir mainīts.", SIGN_AGAIN
    ),
    "pdf.byte-range": Sentence(
        "The signature leaves part of the PDF out.", "Paraksts neaptver daļu no PDF faila.", SIGN_AGAIN
    ),
    "pdf.not-covering": Sentence(
        "Something was added to the PDF that the signature does not cover.",
        "PDF failam pievienots kas tāds, ko paraksts neaptver.",
        SIGN_AGAIN,
    ),
    "pdf.filled-in": Sentence(
        "Fields of the PDF were filled in after this signature.",
        "Pēc šī paraksta PDF dokumentā ir aizpildīti lauki.",
        PERSON_LOOKS,
    ),
    "pdf.script": Sentence(
        "The PDF holds a program (JavaScript), which can change what it shows.",
        "PDF dokumentā ir programma (JavaScript), kas var mainīt tajā redzamo.",
        PERSON_LOOKS,
    ),
    "pdf.encrypted": Sentence(
        "The PDF is protected by a password, so it cannot be read.",
        "PDF fails ir aizsargāts ar paroli, tāpēc to nevar nolasīt.",
        SEND_SIGNED_FILE,
    ),
    "pdf.unsigned": Sentence(
        "The PDF holds no electronic signature.", "PDF failā nav neviena elektroniskā paraksta.", SEND_SIGNED_FILE
    ),
    "pdf.too-many-revisions": Sentence(
        "The PDF was added to more than {limit} times.", "PDF fails papildināts vairāk nekā {limit} reižu.", SIGN_AGAIN
    ),
    "pdf.too-many-fields": Sentence(
        "The PDF has more than {limit} form fields.", "PDF failā ir vairāk nekā {limit} veidlapas lauku.", SIGN_AGAIN
    ),
    "pdf.signature-unreadable": Sentence(
        "The signature in the PDF cannot be read.", "PDF failā esošo parakstu nav iespējams nolasīt.", SIGN_AGAIN
    ),
    "pdf.sub-filter": Sentence(
        "The signature in the PDF is of a kind that cannot be checked here.",
        "PDF failā ir šeit nepārbaudāma veida paraksts.",
        SIGN_QUALIFIED,
    ),
    "pdf.older-kind": Sentence(
        "The signature in the PDF is of an older kind ({kind}) that is no longer made.",
        "PDF failā ir vecāka veida paraksts ({kind}), kādus vairs neveido.",
        SIGN_QUALIFIED,
    ),
    "pdf.content-inside": Sentence(
        "The signature in the PDF brings its own content, which is not what the PDF shows.",
        "PDF failā esošajam parakstam ir pašam savs saturs, kas nav tas, ko rāda dokuments.",
        SIGN_AGAIN,
    ),
    "pdf.empty-content": Sentence(
        "The signature in the PDF encloses an empty content beside the document, which is against the rules.",
        "PDF failā esošais paraksts pretēji noteikumiem līdzās dokumentam ietver tukšu saturu.",
        SIGN_AGAIN,
    ),
    "pdf.content-type": Sentence(
        "The signature in the PDF says it is over something else.",
        "PDF failā esošais paraksts norāda, ka attiecas uz ko citu.",
        SIGN_AGAIN,
    ),
    "pdf.later-revision": Sentence(
        "The PDF was added to after this signature, in a way that does not change what was signed.",
        "Pēc šī paraksta PDF fails ir papildināts, nemainot parakstīto saturu.",
        NOTHING,
    ),
}
