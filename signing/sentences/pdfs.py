"""About signed PDF documents."""

from signing.sentences.shape import NOTHING, PERSON_LOOKS, SIGN_AGAIN, Sentence

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
    "pdf.later-revision": Sentence(
        "The PDF was added to after this signature, in a way that does not change what was signed.",
        "Pēc šī paraksta PDF fails ir papildināts, nemainot parakstīto saturu.",
        NOTHING,
    ),
}
