"""A file is handed out whatever its name is made of."""

import unicodedata
from urllib.parse import unquote

import pytest
from starlette.responses import Response

from workflows.web.http.attachments import attachment

NAMES = [
    *(
        "rīkojums.edoc",
        "Š.pdf",
        "ЛИСТ.doc",
        "文書.pdf",
        "ملف.pdf",
        "🙂.edoc",
        "a b.pdf",
        "a\tb.pdf",
        "x" * 500 + ".pdf",
    ),
    *('quote".pdf', "semi;colon.pdf", "per%cent.pdf", "back\\slash", "../../etc/passwd", "C:\\x.pdf", "new\nline.pdf"),
    *("\r\nSet-Cookie: a=b", "nul\0.pdf", "\udc80.pdf", "\u202efdp.exe", "a\u2028b.pdf", ""),
    *(".", "..", "   ", "'", "*?<>|"),
    *(f"{letter}.rīkojums" for letter in "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ"),
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_any_name_is_a_header_a_browser_reads(name: str) -> None:
    said = attachment(name)["Content-Disposition"]
    Response(b"", headers={"Content-Disposition": said})  # Latin-1, or it raises
    assert said.isascii()
    assert said.isprintable()
    plain, _, encoded = said.removeprefix('attachment; filename="').partition('"')
    assert plain
    for shown in (plain, unquote(encoded.partition("''")[2])):
        assert not set(shown) & set('"\\/:\r\n\0')
        assert not shown.startswith(".")
        assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl"} for letter in shown)


def test_letters_beyond_ascii_are_kept_for_browsers_that_read_them() -> None:
    said = attachment("rīkojums.edoc")["Content-Disposition"]
    assert unquote(said.partition("UTF-8''")[2]) == "rīkojums.edoc"
