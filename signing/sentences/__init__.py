"""Every reason in words, English and Latvian, written for heads and secretaries of schools: no standard, no jargon."""

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
