"""Rows for spreadsheets, as CSV or XLSX: the same cells in both, and none that a program takes as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import xlsxwriter  # type: ignore[import-untyped]  # has no type hints
from starlette.responses import Response

from workflows.web.http.attachments import attachment

__all__ = ["Sheet", "download", "harmless"]

_WIDEST = 60  # characters of a column
_LONGEST_CELL = 32_767  # characters, of XLSX


class Sheet(StrEnum):
    """A format of rows, named as files of it end."""

    CSV = "csv"
    XLSX = "xlsx"


_MEDIA = {
    Sheet.CSV: "text/csv; charset=utf-8",
    Sheet.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def download(
    name: str, sheet: Sheet, heads: Sequence[str], rows: Iterable[Sequence[object]], *, at: datetime
) -> Response:
    """Hand out rows as the file `name`, without its ending; XLSX says that it was made at `at`."""
    cells = [[harmless(_text(cell)) for cell in row] for row in (heads, *rows)]
    content = _csv(cells) if sheet is Sheet.CSV else _xlsx(cells, at)
    return Response(content, media_type=_MEDIA[sheet], headers=attachment(f"{name}.{sheet}"))


def harmless(cell: str) -> str:
    """Keep a spreadsheet from taking what somebody typed as a formula (OWASP, CSV injection).

    >>> harmless("=1+1"), harmless("Anna")
    ("'=1+1", 'Anna')
    """
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    # The mark at the beginning tells a spreadsheet that this is UTF-8.
    return ("\ufeff" + text.getvalue()).encode()


def _xlsx(rows: Sequence[Sequence[str]], at: datetime) -> bytes:
    """Write every cell as text: a number with zeros in front stays as it is, and an address is no link."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"created": at.replace(tzinfo=None)})
        page, head = book.add_worksheet(), book.add_format({"bold": True})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                page.write_string(number, column, cell[:_LONGEST_CELL], None if number else head)
        for column in range(len(rows[0])):
            page.set_column(column, column, min(_WIDEST, 2 + max(len(row[column]) for row in rows)))
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)
    return content.getvalue()
