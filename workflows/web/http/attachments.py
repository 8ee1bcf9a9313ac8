"""Under which name does a browser save what it is handed? RFC 6266, with names in any letters (RFC 8187)."""

import unicodedata
from urllib.parse import quote

__all__ = ["attachment"]

_LONGEST = 120
# Letters a quoted-string or a file system would read as something else.
_SPECIAL = frozenset('"\\/:*?<>|%;')


def attachment(name: str) -> dict[str, str]:
    r"""Return the header that has the answer saved as `name`, whatever letters are in it.

    >>> attachment("V-7.pdf")
    {'Content-Disposition': 'attachment; filename="V-7.pdf"'}
    >>> attachment("V-7.rīkojums")["Content-Disposition"]
    'attachment; filename="V-7.rikojums"; filename*=UTF-8\'\'V-7.r%C4%ABkojums'
    """
    kept = "".join(letter for letter in name if letter.isprintable() and letter not in _SPECIAL)
    kept = kept.encode("utf-8", "ignore").decode()[-_LONGEST:].strip(" .") or "datne"
    plain = unicodedata.normalize("NFKD", kept).encode("ascii", "ignore").decode().strip(" .") or "datne"
    said = f'attachment; filename="{plain}"'
    return {"Content-Disposition": said if plain == kept else f"{said}; filename*=UTF-8''{quote(kept, safe='')}"}
