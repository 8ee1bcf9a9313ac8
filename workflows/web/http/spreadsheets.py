"""Cells for spreadsheets."""

__all__ = ["harmless"]


def harmless(cell: str) -> str:
    """Keep a spreadsheet from taking what somebody typed as a formula (OWASP, CSV injection).

    >>> harmless("=1+1"), harmless("Anna")
    ("'=1+1", 'Anna')
    """
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
