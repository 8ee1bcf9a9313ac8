"""Which addresses do we write to? Plain ones: one mailbox, ASCII, nothing a header could be smuggled in with."""

import re

__all__ = ["BadAddress", "as_kept", "mailbox_of", "parse_address"]

# RFC 5321: local part at most 64, the whole at most 254. Dot-atom only: quoted local parts are legal, unused by people,
# and a favourite of those who look for holes.
_WHOLE = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# A domain of one label is somebody's own machine, or a slip: no school has one.
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")

_NO_PIECE = re.compile(r"[\x00-\x1f\x7f-\x9f,;<>\s]")  # what the table of mails refuses


class BadAddress(ValueError):
    """Not an address this service writes to."""


def parse_address(text: str) -> str:
    r"""Return the one address in `text`, its domain in lower case. Raises BadAddress.

    >>> parse_address(" anna.liepa@Skola.example ")
    'anna.liepa@skola.example'
    >>> parse_address("a@b")
    Traceback (most recent call last):
    workflows.mail.addresses.BadAddress: not a mail address
    >>> parse_address("a@b.example\nBcc: c@d.example")
    Traceback (most recent call last):
    workflows.mail.addresses.BadAddress: not a mail address
    """
    stripped = text.strip(" ")
    if len(stripped) > _WHOLE or not _ADDRESS.fullmatch(stripped):
        # The text is not repeated: it would end in logs.
        raise BadAddress("not a mail address")
    local, _, domain = stripped.rpartition("@")
    return f"{local}@{domain.lower()}"


def as_kept(text: str) -> str:
    r"""Return what the outbox keeps as the address of a mail that cannot leave: in one piece, whatever stood there.

    >>> as_kept("Anna Liepa <anna@skola>")
    'Anna?Liepa??anna@skola?'
    """
    try:
        return parse_address(text)
    except BadAddress:
        return _NO_PIECE.sub("?", text)


def mailbox_of(address: str) -> str:
    """Return the mailbox an address leads to at most servers: capitals and what follows a plus sign do not matter.

    >>> mailbox_of("Anna.Liepa+viis@skola.example")
    'anna.liepa@skola.example'
    """
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
