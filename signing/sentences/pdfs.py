"""About signed PDF documents."""

from signing.sentences.sentence import (
    NOTHING,
    PERSON_LOOKS,
    SEND_SIGNED_FILE,
    SIGN_AGAIN,
    SIGN_IN_FIELD,
    SIGN_OTHERWISE,
    SIGN_QUALIFIED,
    SIGN_SMALL,
    SIGN_UNCHANGED,
    Sentence,
)

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
    "pdf.unclear-after-signing": Sentence(
        "After signing something was added to the PDF that cannot be read with certainty.",
        "Pēc parakstīšanas PDF failam pievienots kas tāds, ko nevar droši nolasīt.",
        SIGN_OTHERWISE,
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
    "pdf.filled-in-unanswered": Sentence(
        "Fields of the PDF were filled in after this signature, and no valid signature stands under that.",
        "Pēc šī paraksta PDF dokumentā ir aizpildīti lauki, un tos neapliecina neviens derīgs paraksts.",
        SIGN_AGAIN,
    ),
    "pdf.shown-unanswered": Sentence(
        "Somebody added a visible signature or field after this signature, and no valid signature answers for it.",
        "Pēc šī paraksta kāds ir pievienojis redzamu parakstu vai lauku, un to neapliecina neviens derīgs paraksts.",
        SIGN_AGAIN,
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
    # Differences of a PDF from our form, from its signed revision, or from what was saved anew.
    "pdf.differs-page-count": Sentence(
        "The number of pages differs: {theirs} instead of {ours}.",
        "Lappušu skaits atšķiras: {theirs}, nevis {ours}.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-not-compared": Sentence(
        "The document is long; from page {page} on it was not compared.",
        "Dokuments ir garš; no {page}. lappuses tas nav salīdzināts.",
        PERSON_LOOKS,
    ),
    "pdf.differs-text": Sentence(
        "The text of page {page} differs.", "{page}. lappuses teksts atšķiras.", SIGN_UNCHANGED
    ),
    "pdf.differs-picture": Sentence("Page {page} looks different.", "{page}. lappuse izskatās citādi.", SIGN_UNCHANGED),
    "pdf.differs-page": Sentence(
        "What page {page} is made of was changed.",
        "Ir mainīts tas, no kā sastāv {page}. lappuse.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-annotation": Sentence(
        "Something was added to page {page} or removed from it: a note, a drawing, a stamp or a link.",
        "{page}. lappusei kaut kas pievienots vai noņemts: piezīme, zīmējums, spiedogs vai saite.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-covered": Sentence(
        "A picture covers a large part of page {page}.",
        "Attēls aizsedz lielu daļu {page}. lappuses.",
        SIGN_SMALL,
    ),
    "pdf.differs-attached": Sentence(
        "The attached file “{file}” differs.",
        "Pievienotais fails „{file}” atšķiras.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-files": Sentence(
        "A file attached to the document was added, changed or removed.",
        "Dokumentam pievienots, mainīts vai noņemts pielikuma fails.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-field": Sentence(
        "A field to fill in, “{field}”, was added, changed or removed.",
        "Ir pievienots, mainīts vai noņemts aizpildāms lauks „{field}”.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-empty-field": Sentence(
        "An empty field for a signature, “{field}”, was left in the document.",
        "Dokumentā atstāts tukšs paraksta lauks „{field}”.",
        SIGN_IN_FIELD,
    ),
    "pdf.differs-unsigned-picture": Sentence(
        "The signature field “{field}” shows a picture, and no valid signature of its own stands in it.",
        "Paraksta laukā „{field}” ir attēls, bet tajā nav sava derīga paraksta.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-form": Sentence(
        "How the fields of the document are drawn or filled in was changed.",
        "Ir mainīts tas, kā dokumenta laukus attēlo vai aizpilda.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-action": Sentence(
        "A program or an action was added, which can change what the document shows.",
        "Ir pievienota programma vai darbība, kas var mainīt dokumentā redzamo.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-layers": Sentence(
        "Layers that can be switched on and off were added or changed.",
        "Ir pievienoti vai mainīti ieslēdzami un izslēdzami slāņi.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-spoken": Sentence(
        "What a screen reader says of the document was changed.",
        "Ir mainīts tas, ko par dokumentu izrunā ekrāna lasītājs.",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-other": Sentence(
        "Something was added to the document or changed in it ({where}).",
        "Dokumentam kaut kas pievienots vai tajā mainīts ({where}).",
        SIGN_UNCHANGED,
    ),
    "pdf.differs-unclear": Sentence(
        "What was added to the PDF cannot be read with certainty.",
        "PDF failam pievienoto nevar droši nolasīt.",
        SIGN_OTHERWISE,
    ),
    "pdf.differs-not-allowed": Sentence(
        "After this signature more was done to the document than the signature allows.",
        "Pēc šī paraksta ar dokumentu darīts vairāk, nekā paraksts atļauj.",
        SIGN_UNCHANGED,
    ),
}
