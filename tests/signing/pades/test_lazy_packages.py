"""Judging a PDF loads no HTTP client of pyHanko's; all of the library is still available on demand."""

from __future__ import annotations

import subprocess
import sys


def fresh(program: str) -> str:
    """Run a program in a process that has loaded nothing yet."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_judging_a_pdf_loads_no_http_client_and_no_signer() -> None:
    program = (
        "import sys, signing.pades.reading;"
        "unused = {'aiohttp', 'asyncio', 'pyhanko.sign.signers', 'pyhanko_certvalidator.context'};"
        "print(sorted(unused & set(sys.modules)))"
    )
    assert fresh(program) == "[]"


def test_whoever_asks_for_more_gets_it_all_and_it_is_the_same() -> None:
    program = (
        "import signing.pades.reading, signing.pades.permissions as ours;"
        "from pyhanko.sign import PdfSigner, fields, signers;"
        "from pyhanko_certvalidator import ValidationContext;"
        "import pyhanko.sign;"
        "print(pyhanko.sign.PdfSigner is PdfSigner is signers.PdfSigner, fields.FieldMDPSpec is ours.FieldMDPSpec)"
    )
    assert fresh(program) == "True True"


def test_what_is_loaded_already_is_left_as_it_is() -> None:
    program = (
        "import pyhanko.sign as before; import signing.pades.reading; import pyhanko.sign as after;"
        "print(before is after and type(after).__name__)"
    )
    assert fresh(program) == "module"
