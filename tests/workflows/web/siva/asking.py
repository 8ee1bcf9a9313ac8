"""A client of SiVa: what it asks of `/validate`, what it is answered, and the worker that answers it."""

from __future__ import annotations

import base64
import threading
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from builders.workflows.office import Office

__all__ = ["ask", "at_work", "conclusion", "errors", "page"]


@contextmanager
def at_work(office: Office) -> Iterator[None]:
    """Do what is due, on a thread, as long as the context lasts."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.02):
            office.work()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def ask(client: httpx.Client, document: bytes, name: str = "lūgums.edoc", **more: object) -> httpx.Response:
    encoded = base64.b64encode(document).decode("ascii")
    return client.post("/validate", json={"filename": name, "document": encoded, **more})


def conclusion(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["validationReport"]["validationConclusion"]
    return found


def errors(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 400, answer.text
    assert answer.headers["x-request-id"]
    found: list[dict[str, str]] = answer.json()["requestErrors"]
    return found


def page() -> bytes:
    """A PDF of one blank page."""
    made = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(made)
    return made.getvalue()
