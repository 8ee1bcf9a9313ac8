"""What a reviewer does with a form of a case page."""

import httpx

from builders.workflows.office import Submitted
from tests.workflows.web.reading import token_in, version_in

__all__ = ["act"]


def act(visitor: httpx.Client, case: Submitted, verb: str, **fields: str) -> httpx.Response:
    """Do what a form of the case page does, on the version shown now (unless said)."""
    page = visitor.get(f"/review/{case.reference}", params={"tab": "signatures"}).text
    said = {"csrf": token_in(page), **fields}
    if verb != "note":  # a note is written whatever the version is, by whoever is offered no other act too
        said["version"] = fields.get("version") or version_in(page)
    return visitor.post(f"/review/{case.reference}/{verb}", data=said)
