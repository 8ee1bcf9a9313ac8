"""MuPDF's mutool signs fields that are there: pyHanko puts an empty one in first."""

from __future__ import annotations

import io
import subprocess

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from benchmarks._signers.driver import Wish, drive


def sign(wish: Wish) -> None:
    """Prepare a field, find its number, sign it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(wish.source.read_bytes()))
    append_signature_field(
        writer, SigFieldSpec(sig_field_name=f"Paraksts{wish.left}", box=(wish.left, 60, wish.left + 200, 110))
    )
    prepared = wish.result.with_suffix(".prepared.pdf")
    with prepared.open("wb") as out:
        writer.write(out)  # type: ignore[no-untyped-call] # pyHanko has no types here
    with prepared.open("rb") as read:
        fields = PdfFileReader(read).root["/AcroForm"]["/Fields"]
        number = fields.raw_get(len(fields) - 1).idnum
    command = ["mutool", "sign", "-s", str(wish.key), "-P", "demo", "-o", str(wish.result), str(prepared), str(number)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - by name
    prepared.unlink()
    if done.returncode != 0:
        raise RuntimeError(done.stderr or done.stdout)


if __name__ == "__main__":
    drive(sign)
