"""What a visitor of the password pages does, without JavaScript."""

import re

import httpx
from sqlalchemy import select

from tests.workflows.password_reset.conftest import SECRET, Office
from workflows.password_reset.codes import Seals
from workflows.password_reset.models import ResetRequest

__all__ = ["SEALS", "asked", "code_in", "field", "filled", "set_to", "to_password_page"]

SEALS = Seals(SECRET.encode())


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no field {name}"
    return found.group(1)


def code_in(visitor: httpx.Client, page: str) -> str:
    """Read the picture as a person would: here with the key."""
    return SEALS.open(field(page, "token"), visitor.cookies["viis-visit"]).text


def filled(visitor: httpx.Client, username: str, **otherwise: str) -> dict[str, str]:
    page = visitor.get("/reset").text
    form = {"csrf": field(page, "csrf"), "token": field(page, "token"), "username": username}
    return {**form, "code": code_in(visitor, page), **otherwise}


def asked(office: Office) -> int:
    with office.sessions() as session:
        return len(session.scalars(select(ResetRequest.id)).all())


def to_password_page(visitor: httpx.Client, typed: str, name: str = "secret") -> httpx.Response:
    page = visitor.get("/reset/new").text
    return visitor.post("/reset/new", data={"csrf": field(page, "csrf"), name: typed})


def set_to(visitor: httpx.Client, password: str, **more: str) -> httpx.Response:
    page = visitor.get("/reset/new/password").text
    return visitor.post("/reset/new/password", data={"csrf": field(page, "csrf"), "password": password, **more})
