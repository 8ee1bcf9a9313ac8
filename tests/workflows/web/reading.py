"""What a test reads out of a page, and how it fills in a form as a browser without JavaScript does."""

import re
from html import unescape

import httpx

from builders.workflows.office import Office
from iam.grants.models import Account

__all__ = ["ending", "hand_in", "send", "text_of", "token_in", "version_in"]


def token_in(page: str) -> str:
    """Return the form's token."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found.group(1)


def version_in(page: str) -> str:
    """Return the version of the case the page shows."""
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, "the page offers no act"
    return found.group(1)


def text_of(page: str) -> str:
    """Return what a person reads."""
    page = re.sub(r'<span class="viis-whole">(.*?)</span>', r"\1", page)
    page = re.sub(r"<(script|style|svg|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def send(visitor: httpx.Client, path: str, *, shown_at: str | None = None, **fields: str) -> httpx.Response:
    """Fill in the form shown at a page (the same path unless said) and send it."""
    page = visitor.get(shown_at or path).text
    return visitor.post(path, data={"csrf": token_in(page), **fields})


def hand_in(visitor: httpx.Client, reference: str, page: str, name: str, content: bytes) -> httpx.Response:
    """Send a file by the form on the page of an application."""
    return visitor.post(f"/track/{reference}/upload", data={"csrf": token_in(page)}, files={"file": (name, content)})


def ending(office: Office, account: Account) -> str:
    """Return the address where the first right that the account was given is ended."""
    return f"/people/{account.username}/end/{min(right.id for right in office.rights(account))}"
