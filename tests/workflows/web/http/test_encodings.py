"""What the client names does not choose how we work: charsets, encodings and kinds of body are ours to choose."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.workflows.web.reading import token_in
from tests.workflows.web.site import Site

MIB = 1024 * 1024
CHARSETS = [
    "punycode",
    "undefined",
    "unicode_escape",
    "utf-7",
    "utf-16",
    "idna",
    "zip",
    "hex",
    "latin-1",
    "cp1257",
    "rot13",
]


def multipart(*parts: tuple[str, bytes], boundary: bytes = b"b", part_head: bytes = b"") -> bytes:
    body = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n%s\r\n%s\r\n'
        % (boundary, name.encode(), part_head, text)
        for name, text in parts
    )
    return body + b"--%s--\r\n" % boundary


TWO_FILES = (
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nx\r\n'
    b'--b\r\nContent-Disposition: form-data; name="g"; filename="b"\r\n\r\ny\r\n--b--\r\n'
)


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with site.visitor() as client:
        client.get("/verify")
        yield client


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
def test_a_form_in_another_charset_is_refused_before_it_is_decoded(
    visitor: httpx.Client, kind: str, charset: str
) -> None:
    body = multipart(("csrf", b"a" * 60_000)) if "multipart" in kind else b"csrf=" + b"a" * 60_000
    answer = visitor.post("/verify", content=body, headers={"Content-Type": f"{kind}; charset={charset}"})
    assert answer.status_code == 415
    assert "Veidlapu neizdevās nolasīt" in answer.text


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "undefined"])
def test_a_charset_at_a_field_is_not_asked(visitor: httpx.Client, charset: str) -> None:
    head = f"Content-Type: text/plain; charset={charset}\r\n".encode()
    token = token_in(visitor.get("/verify").text)
    body = multipart(("csrf", token.encode()), part_head=head)
    answer = visitor.post("/verify", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 422, "read as UTF-8: only the file is missing"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"\xed\xa0\x80", b"a\0b", b"\xc0\xaf"])
def test_a_field_that_is_no_utf_8_is_a_form_that_cannot_be_read(visitor: httpx.Client, body: bytes) -> None:
    as_part = multipart(("csrf", body))
    head = {"Content-Type": "multipart/form-data; boundary=b"}
    assert visitor.post("/verify", content=as_part, headers=head).status_code == 400
    encoded = b"csrf=" + quote(body).encode()
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    assert visitor.post("/logout", content=encoded, headers=head).status_code == 400


@pytest.mark.parametrize(
    "head",
    [
        {"Content-Type": "multipart/form-data; boundary=b; format=flowed"},
        {"Content-Type": "application/x-www-form-urlencoded; x=1"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"},
        {"Content-Type": "multipart/form-data; boundary=b", "Content-Encoding": "deflate"},
        {"Content-Type": "multipart/form-data; charset*0=puny; charset*1=code; boundary=b"},
    ],
)
def test_a_body_of_another_kind_is_refused(visitor: httpx.Client, head: dict[str, str]) -> None:
    assert visitor.post("/verify", content=b"csrf=x", headers=head).status_code == 415


@pytest.mark.parametrize("boundary", ["", "x" * 71])
def test_a_boundary_no_client_makes_is_refused(visitor: httpx.Client, boundary: str) -> None:
    head = {"Content-Type": f'multipart/form-data; boundary="{boundary}"'}
    assert visitor.post("/verify", content=b"", headers=head).status_code == 400


def test_a_form_without_a_file_takes_no_parts(visitor: httpx.Client) -> None:
    head = {"Content-Type": "multipart/form-data; boundary=b"}
    assert visitor.post("/logout", content=multipart(("csrf", b"x")), headers=head).status_code == 415


@pytest.mark.parametrize(
    "filling",
    [b"\r\n--", b"\r\n--boundar", b"\r\n", b"\r", b"--", b"\r\n--boundaryX"],
    ids=["dashes", "almost", "ends of lines", "returns", "no ends", "one letter more"],
)
def test_a_file_full_of_almost_boundaries_is_read_like_any_other(visitor: httpx.Client, filling: bytes) -> None:
    token = token_in(visitor.get("/verify").text)
    file = filling * (2 * MIB // len(filling))
    body = (
        b'--boundary\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n%s\r\n'
        b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="a.edoc"\r\n\r\n%s\r\n--boundary--\r\n'
    ) % (token.encode(), file)
    head = {"Content-Type": "multipart/form-data; boundary=boundary"}
    answer = visitor.post("/verify", content=body, headers=head)
    assert answer.status_code == (400 if filling.endswith(b"X") else 303)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        b"--b\r\nX: " + b"y" * 10_000 + b"\r\n\r\nx\r\n--b--\r\n",
        b"--b\r\n" + b"X: y\r\n" * 100 + b"\r\nx\r\n--b--\r\n",
        multipart(("csrf", b"x" * 70_000)),
        multipart(("n" * 300, b"x")),
        multipart(*[("a", b"b")] * 400),
        TWO_FILES,
    ],
    ids=["empty", "cut", "cut later", "nameless", "long head", "many heads", "long", "long name", "many", "two files"],
)
def test_what_is_no_form_of_ours_is_one_that_cannot_be_read(visitor: httpx.Client, body: bytes) -> None:
    head = {"Content-Type": "multipart/form-data; boundary=b"}
    assert visitor.post("/verify", content=body, headers=head).status_code == 400


def test_more_fields_than_any_form_has_are_refused(visitor: httpx.Client) -> None:
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    assert visitor.post("/logout", content=b"a=b&" * 400, headers=head).status_code == 400


def test_a_form_of_a_browser_we_have_shown_none_is_not_parsed(site: Site) -> None:
    with site.visitor() as stranger:
        head = {"Content-Type": "multipart/form-data; boundary=b; charset=punycode"}
        answer = stranger.post("/verify", content=multipart(("csrf", b"a" * 60_000)), headers=head)
    assert answer.status_code == 403
