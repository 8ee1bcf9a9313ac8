"""Make the sample documents that every guard judges at its start (`workflows.evidence.guard.judge`).

    python -m demo.guard_samples

They are signed by invented people, whose keys are deleted at the end. Run it again when what is judged in them changes.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from demo.pki import build, lv_list, person
from demo.signer import Level, sign_edoc, sign_pdf
from workflows.evidence.guard.judge import REHEARSAL, REHEARSED_AT

_LETTER = "= Saistību raksts\nMēģinājums."


def main() -> None:
    """Sign a letter as eDoc and as PDF, with an RSA and an EC key, and keep the trusted list for both."""
    with TemporaryDirectory() as folder:
        pki = build(Path(folder), at=REHEARSED_AT)
        source = Path(folder, "letter.typ")
        source.write_text(_LETTER, encoding="utf-8")
        letter = typst.compile(source)
        made = {
            "letter.edoc": sign_edoc([("letter.pdf", letter)], person=person("user"), pki=pki, at=REHEARSED_AT),
            "letter.pdf": sign_pdf(letter, person=person("head"), pki=pki, at=REHEARSED_AT, level=Level.LTA),
            "lv.xml": lv_list(pki, at=REHEARSED_AT),
        }
    REHEARSAL.mkdir(exist_ok=True)
    for name, content in made.items():
        (REHEARSAL / name).write_bytes(content)


if __name__ == "__main__":
    main()
