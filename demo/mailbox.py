"""A page that shows the demo's mail, so that no mail program is needed to follow a link.

It lists the messages of all mailboxes, newest first, read over IMAP at each request, and listens on 127.0.0.1 only.
"""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from demo.servers import GreenMail, Letter
from iam.periods import RIGA

__all__ = ["mailbox"]

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)]")

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{count} letters, demo mail</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 1rem/1.5 sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem; color: #1f1b1a }}
article {{ border-top: 2px solid #7a1f2b; padding: .5rem 0 1rem }}
h2 {{ font-size: 1.1rem; margin: 0 }} p {{ margin: 0; color: #5a524d }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }} a {{ color: #14508c }}
</style></head>
<body><h1>Demo mail</h1><p>Newest first. Load the page again to look again.</p>{letters}</body></html>
"""


@contextmanager
def mailbox(mail: GreenMail, *, port: int) -> Iterator[str]:
    """Serve the page for as long as the context lasts; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with all letters."""
            content = _page(mail.all_letters()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            # A link in a mail contains a secret, which must not be sent as Referer.
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="demo-mailbox", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _page(letters: tuple[Letter, ...]) -> str:
    newest_first = sorted(letters, key=lambda letter: letter.date, reverse=True)
    return _PAGE.format(count=len(letters), letters="".join(map(_article, newest_first)) or "<p>No mail yet.</p>")


def _article(letter: Letter) -> str:
    """One letter, by its text part."""
    return (
        f"<article><h2>{html.escape(letter.subject)}</h2>"
        f"<p>to {html.escape(', '.join(letter.to))}, {letter.date.astimezone(RIGA):%d.%m.%Y. %H:%M:%S}</p>"
        f"<pre>{_linked(letter.text)}</pre></article>"
    )


def _linked(text: str) -> str:
    """The text for a page, with its addresses made links.

    >>> _linked("Open https://viis.test/a?b=1&c=2.")
    'Open <a href="https://viis.test/a?b=1&amp;c=2">https://viis.test/a?b=1&amp;c=2</a>.'
    """
    parts, last = [], 0
    for found in _LINK.finditer(text):
        address = html.escape(found.group())
        parts += [html.escape(text[last : found.start()]), f'<a href="{address}">{address}</a>']
        last = found.end()
    return "".join([*parts, html.escape(text[last:])])
