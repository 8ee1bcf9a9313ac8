"""What stands between strangers and the pages: headers, forms' tokens, bodies' size, errors that tell nothing."""

import re
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.orm import Session, sessionmaker
from starlette.exceptions import HTTPException
from starlette.requests import Request

from iam.errors import BadFile, BadPersonalCode, IamError
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import METRICS_TOKEN, Site, running
from workflows.application.errors import ApplicationError
from workflows.restoration.errors import RestorationError
from workflows.settings import Settings
from workflows.web.app import create_app
from workflows.web.http import assets
from workflows.web.http.errors import ANSWERS
from workflows.web.http.headers import CONTENT_SECURITY_POLICY
from workflows.web.http.rates import count_or_refuse

MIB = 1024 * 1024
MAY_COUNT = {"Authorization": f"Bearer {METRICS_TOKEN}"}


@pytest.mark.parametrize("path", ["/", "/help", "/nowhere", "/health/live", "/static/nothing.css", "/login/return"])
def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    with site.visitor() as visitor:
        headers = visitor.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers, "the demonstration speaks plain http"
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", headers["x-request-id"])


def test_on_https_browsers_are_told_to_stay_there_and_cookies_are_bound_to_the_host(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"base_url": "https://viis.example"}))
    assert app.state.site.cookies.name("session") == "__Host-viis-session"
    guard = next(one for one in app.user_middleware if one.kwargs.get("https") is not None)
    assert guard.kwargs["https"] is True


def test_a_key_too_short_to_sign_forms_with_stops_the_start(settings: Settings) -> None:
    with pytest.raises(ValueError, match="VIIS_SECRET_KEY"):
        create_app(settings.model_copy(update={"secret_key": type(settings.secret_key)("short")}))


def test_nothing_inline_is_in_any_template() -> None:
    templates = Path("workflows/web/templates")
    for template in templates.rglob("*.html"):
        text = template.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son\w+=\"|<script(?![^>]*src=)|<style", text), template


def test_an_asset_may_be_kept_for_ever_because_its_name_tells_its_content(site: Site) -> None:
    with site.visitor() as visitor:
        address = re.search(r"/static/main\.\w+\.css", visitor.get("/").text)
        assert address is not None
        answer = visitor.get(address.group())
        plain = visitor.get(address.group(), headers={"Accept-Encoding": "identity"})
        again = visitor.get(address.group(), headers={"If-None-Match": answer.headers["etag"]})
        font = visitor.get(assets.address_of("source-sans-3-latin.woff2"))
        script = visitor.get(assets.address_of("main.js"))
        others = ("manifest.json", "..%2fapp.py", "", "none.css")
        unknown = [visitor.get(f"/static/{name}").status_code for name in others]
    assert answer.headers["cache-control"].endswith("immutable")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    assert (again.status_code, again.content) == (304, b"")
    assert (font.headers["content-type"], font.headers.get("content-encoding")) == ("font/woff2", None)
    assert script.headers["content-type"].startswith("text/javascript")
    assert unknown == [404, 404, 404, 404]


def test_reading_sets_no_cookie(site: Site) -> None:
    with site.visitor() as visitor:
        assert "set-cookie" not in visitor.get("/").headers


def test_a_form_without_a_token_is_refused(site: Site) -> None:
    with site.visitor() as visitor:
        answer = visitor.post("/logout", data={})
    assert answer.status_code == 403
    assert "Veidlapa bija novecojusi" in answer.text


def test_a_token_of_another_visit_is_refused(site: Site) -> None:
    with site.visitor() as mine, site.visitor() as other:
        token = token_in(mine.get("/verify").text)
        other.get("/verify")
        assert other.post("/logout", data={"csrf": token}).status_code == 403
        assert mine.post("/logout", data={"csrf": token}).status_code == 303


def test_a_form_sent_by_another_site_is_refused_even_with_a_good_token(site: Site) -> None:
    with site.visitor() as visitor:
        token = token_in(visitor.get("/verify").text)
        answer = visitor.post("/logout", data={"csrf": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_60_mb_file_gets_a_page_that_says_so(site: Site) -> None:
    with site.visitor() as visitor:
        answer = visitor.post("/verify", files={"file": ("huge.edoc", b"0" * 60 * MIB)})
    assert answer.status_code == 413
    assert "ne lielāks par 25 MB" in text_of(answer.text)
    assert 'href="/verify">Atpakaļ' in answer.text


def test_a_body_that_hides_its_length_is_counted_as_it_comes(site: Site) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.edoc"\r\n\r\n'

    def endless() -> object:
        yield head
        for _ in range(40):
            yield b"0" * MIB

    with site.visitor() as visitor:
        answer = visitor.post(
            "/verify",
            content=endless(),  # type: ignore[arg-type]
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
    assert answer.status_code == 413


def test_an_ordinary_form_may_not_be_large(site: Site) -> None:
    with site.visitor() as visitor:
        assert visitor.post("/logout", data={"csrf": "x" * 2 * MIB}).status_code == 413


def test_a_client_that_asks_before_sending_is_refused_without_sending(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as line:
        line.sendall(
            b"POST /verify HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
        )
        assert line.recv(64).startswith(b"HTTP/1.1 413")


def test_an_unknown_page_answers_404_with_a_number_to_tell_us(site: Site) -> None:
    with site.visitor() as visitor:
        answer = visitor.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["x-request-id"] in answer.text
    assert "Šādas lapas nav" in answer.text


def test_a_nul_in_a_field_is_no_stack_trace(site: Site) -> None:
    with site.visitor() as visitor:
        visitor.get("/verify")
        answer = visitor.post("/logout", data={"csrf": "a\0b"})
    assert answer.status_code == 400
    assert "Veidlapu neizdevās nolasīt" in answer.text
    assert "Traceback" not in answer.text


def test_health_and_metrics_are_for_machines(site: Site) -> None:
    with site.visitor() as visitor:
        assert visitor.get("/health/live").json() == {"status": "ok"}
        assert "viis_http_requests_total" in visitor.get("/metrics", headers=MAY_COUNT).text


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer wrong", f"Basic {METRICS_TOKEN}", f"Bearer {METRICS_TOKEN}x", "ē"]
)
def test_figures_are_shown_to_nobody_without_the_token(site: Site, shown: str) -> None:
    with site.visitor() as visitor:
        answer = visitor.get("/metrics", headers=[(b"Authorization", shown.encode())])
    assert answer.status_code == 404
    assert "viis_http" not in answer.text


def test_without_a_token_there_are_no_figures_for_the_loopback_either(settings: Settings) -> None:
    plain = settings.model_copy(update={"metrics_token": SecretStr("")})
    with running(plain) as site, site.visitor() as visitor:
        for shown in ({}, {"Authorization": "Bearer"}, MAY_COUNT):
            assert visitor.get("/metrics", headers=shown).status_code == 404


def test_a_token_that_can_be_guessed_stops_the_start(settings: Settings) -> None:
    with pytest.raises(ValidationError, match="at least 16"):
        Settings.model_validate({**settings.model_dump(), "metrics_token": "prometheus"})


def test_methods_that_strangers_make_up_are_one_figure(site: Site) -> None:
    with site.visitor() as visitor:
        for number in range(3):
            visitor.request(f"MADEUP{number}", "/help")
        shown = visitor.get("/metrics", headers=MAY_COUNT).text
    assert "MADEUP" not in shown
    assert 'method="(other)"' in shown


def test_a_database_that_is_away_is_a_503_with_a_page_and_no_address(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"database_url": "postgresql://viis:s3cret@127.0.0.1:9/viis"})
    with running(nowhere) as site, site.visitor() as visitor:
        assert visitor.get("/health/ready").json() == {"status": "unavailable", "cause": "database"}
        answer = visitor.get("/apply", params={"q": "skola"})
        assert answer.status_code == 503
        assert "s3cret" not in answer.text
        assert "Pakalpojums pašlaik nav pieejams" in answer.text
        assert visitor.get("/health/live").status_code == 200


def test_too_many_requests_from_one_network_are_told_to_wait(sessions: sessionmaker[Session]) -> None:
    at = datetime.now(UTC)
    request = Request({"type": "http", "client": ("192.0.2.7", 1)})
    neighbour = Request({"type": "http", "client": ("192.0.2.8", 1)})
    with sessions.begin() as session:
        for _ in range(3):
            count_or_refuse(session, request, "verify", most=3, at=at)
        with pytest.raises(HTTPException) as refused:
            count_or_refuse(session, neighbour, "verify", most=3, at=at)
    assert refused.value.status_code == 429


def test_every_error_below_the_doors_has_its_answer() -> None:
    def leaves(error: type[Exception]) -> list[type[Exception]]:
        return [error] + [leaf for below in error.__subclasses__() for leaf in leaves(below)]

    files_and_input = {BadFile, BadPersonalCode}  # read by commands, and by the form's own rules
    for error in (
        *leaves(ApplicationError)[1:],
        *leaves(RestorationError),
        *(set(leaves(IamError)[1:]) - files_and_input),
    ):
        assert any(issubclass(error, known) for known in ANSWERS), f"{error.__name__} would be a 500"
