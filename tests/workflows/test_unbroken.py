"""Codes are read in one piece: no line ends inside one, and nothing else of a page changes."""

import pytest

from workflows.mail import render
from workflows.unbroken import unbroken

WHOLE = '<span class="viis-whole">{}</span>'


@pytest.mark.parametrize("code", ["******-*0202", "******-*****", "010190-12345", "LV-1050", "LV-4101", "2021-07-01"])
@pytest.mark.parametrize(
    "around", ["<td>{}</td>", "{}", "<p>Anna ({}), direktore</p>", "<dd>{}; cits</dd>", "<a href='/x'>{}</a>."]
)
def test_a_code_in_a_text_is_one_piece(code: str, around: str) -> None:
    assert unbroken(around.format(code)) == around.format(WHOLE.format(code))


@pytest.mark.parametrize(
    "html",
    [
        '<input value="******-*0202">',
        "<textarea>Mans kods ir ******-*0202\n</textarea>",
        "<title>LV-1050</title>",
        "<select><option>010190-12345</option></select>",
        "<svg><text x='1'><tspan>LV-1050</tspan></text></svg>",
        '<script>const mask = "******-*0202";</script>',
        "<p>1010190-12345 un 010190-123456, A010190-12345</p>",
        "<p>PNOLV-******, *******-*0202, LV-10500 un XLV-1050</p>",
        "<p>2026-11-30-1, 1-3/7, 9013900107, ABCD-EFGH-IJKL</p>",
    ],
)
def test_what_is_no_code_or_no_text_stays_as_it_is(html: str) -> None:
    assert unbroken(html) == html


def test_mails_keep_codes_whole_without_a_stylesheet() -> None:
    said = {"username": "anna", "reason": "Kods ******-*0202, LV-1050", "anew": "", "apply_page": "https://viis.test/"}
    html = render("restoration_refused", language="lv", context=said).html
    assert '<span style="white-space:nowrap">******-*0202</span>' in html
    assert '<span style="white-space:nowrap">LV-1050</span>' in html
