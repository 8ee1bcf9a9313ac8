"""Which sentence, English and Latvian, does each message code have? They are for laypersons: no standard, no jargon."""

from signing.sentences import certificates, files, lists, pdfs, signatures, stamps
from signing.sentences.sentence import Next, Sentence

__all__ = ["ALL", "Next", "Sentence"]

ALL: dict[str, Sentence] = {
    **signatures.SENTENCES,
    **certificates.SENTENCES,
    **stamps.SENTENCES,
    **files.SENTENCES,
    **pdfs.SENTENCES,
    **lists.SENTENCES,
}
