"""What SiVa's clients meet beside the verdict: refusals in its words, its other addresses, its monitors, a queue."""

import threading
import time
from collections.abc import Mapping
from datetime import datetime

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from sqlalchemy.orm import Session, sessionmaker

from builders.signing.other_keys import identity, long_term, xades
from builders.workflows.office import Office
from demo.pki import person
from demo.signer import sign_edoc
from tests.workflows.web.site import Site, running
from tests.workflows.web.siva.asking import ask, conclusion, errors, page
from workflows.settings import Settings
from workflows.web import site as _site

FILES = [("iesniegums.txt", b"Iesniegums")]
BLANK, NOT_BASE64 = "must not be blank", "Document is not encoded in a valid base64 string"
MALFORMED = "Document malformed or not matching documentType"
NOT_A_DDOC = "Invalid filename. Can only return data files for DDOC type containers."
API_JSON = 'attachment; filename="api.json"'


def told(answer: httpx.Response) -> list[tuple[str, str]]:
    return sorted((one["key"], one["message"]) for one in errors(answer))


# Requests


def test_everything_that_is_wrong_with_a_request_is_told_at_once(client: httpx.Client) -> None:
    body = {
        "document": ",:",
        "filename": f"../{'a' * 300}",
        "signaturePolicy": "POLv4?",
        "reportType": "Thorough",
        "documentType": "xroad",
    }
    assert told(client.post("/validate", json=body)) == [
        ("document", NOT_BASE64),
        ("documentType", "documentType is not a valid request parameter"),
        ("filename", "Invalid filename"),
        ("filename", "size must be between 1 and 260"),
        ("reportType", "Invalid report type"),
        ("signaturePolicy", "Invalid signature policy"),
    ]


@pytest.mark.parametrize("blank", ["", " ", "\n", " \t\r\n "])
def test_a_blank_document_is_a_missing_one(client: httpx.Client, blank: str) -> None:
    answer = client.post("/validate", json={"filename": "a.edoc", "document": blank})
    assert told(answer) == sorted([("document", BLANK), ("document", NOT_BASE64)])


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=UTF-8", "application/vnd.api+json", "Application/LD+JSON"]
)
def test_json_of_a_narrower_kind_is_json(client: httpx.Client, kind: str) -> None:
    answer = client.post("/validate", content=b"{}", headers={"Content-Type": kind})
    assert ("document", BLANK) in told(answer)


@pytest.mark.parametrize("address", ["/validate", "/getDataFiles"])
@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "text/json", "application/jsonp", ""])
def test_what_is_no_json_is_refused_with_what_is(client: httpx.Client, address: str, kind: str) -> None:
    answer = client.post(address, content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 415
    (one,) = answer.json()["requestErrors"]
    assert one == {
        "key": "contentTypeNotSupported",
        "message": "Only the following content types are supported: application/json, application/*+json",
    }


@pytest.mark.parametrize("address", ["/validate", "/getDataFiles", "/validateHashcode"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "PATCH", "TRACE", "OPTIONS"])
def test_each_address_tells_its_methods(client: httpx.Client, address: str, method: str) -> None:
    answer = client.request(method, address)
    if method == "OPTIONS":
        assert (answer.status_code, answer.headers["allow"]) == (200, "POST,OPTIONS")
    else:
        assert answer.status_code == 405
    if method not in {"OPTIONS", "HEAD"}:
        assert answer.json()["requestErrors"] == [
            {"key": "methodNotAllowed", "message": "Only the following request methods are supported: POST"}
        ]


@pytest.mark.parametrize(
    "address",
    ["/validate/more", "/api/nowhere", "/access/nowhere", "/monitoring", "/monitoring/", "/monitoring/env",
     "/monitoring/health/nothing", "/actuator/error", "/soap/validationWebService"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_of_machines_is_not_found_in_json(client: httpx.Client, method: str, address: str) -> None:
    answer = client.request(method, address, headers={"Content-Type": "text/xml"}, content=b"<test/>")
    assert answer.status_code == 404
    assert answer.json() == {"requestErrors": [{"key": "endpointNotFound", "message": "Endpoint not found"}]}


def test_answers_and_refusals_are_attachments_by_one_name(client: httpx.Client) -> None:
    for answer in (
        client.post("/validate", json={}),
        client.get("/validate"),
        client.post("/getDataFiles", json={}),
        client.post("/validateHashcode", json={}),
    ):
        assert answer.headers["content-disposition"] == API_JSON


# The verdict, through the worker and its guard


@pytest.mark.usefixtures("worker")
def test_a_pdf_without_a_signature_is_a_report_of_none(client: httpx.Client) -> None:
    answer = ask(client, page(), "tukšs.pdf")
    found = conclusion(answer)
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (0, 0)
    assert not {"signatures", "signatureForm", "timeStampTokens"} & set(found)
    assert found["validatedDocument"]["filename"] == "tukšs.pdf"
    assert found["policy"]["policyName"] == "POLv4"
    assert answer.headers["content-disposition"] == API_JSON


@pytest.mark.usefixtures("worker")
def test_short_keys_pass_by_sivas_rules_and_by_no_others(client: httpx.Client, office: Office) -> None:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
    who = identity(office.pki, key.public_key())
    method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    basic = xades(office.pki, who, method, lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
    weak = long_term(office.pki, basic, who)
    indications = {
        policy: conclusion(ask(client, weak, signaturePolicy=policy))["signatures"][0]["indication"]
        for policy in ("POLv3", "POLv4", "ades", "qes-lv")
    }
    assert indications == {
        "POLv3": "TOTAL-PASSED",
        "POLv4": "TOTAL-PASSED",
        "ades": "INDETERMINATE",
        "qes-lv": "INDETERMINATE",
    }


@pytest.mark.usefixtures("worker")
def test_detailed_and_diagnostic_reports_carry_what_is_known(client: httpx.Client, office: Office) -> None:
    document = sign_edoc(FILES, person=person("head"), pki=office.pki, at=office.now)
    simple, detailed, diagnostic = (
        ask(client, document, reportType=kind).json()["validationReport"]
        for kind in ("Simple", "dEtailed", "Diagnostic")
    )
    assert set(simple) == {"validationConclusion"}
    assert set(detailed) == {"validationConclusion", "validationProcess"}
    assert set(diagnostic) == {"validationConclusion", "diagnosticData"}
    (one,) = detailed["validationProcess"]["signatureOrTimestampOrEvidenceRecord"]
    assert one["validationSignatureQualification"]["signatureQualification"] == "QESIG"
    assert one["conclusion"]["indication"] == "PASSED"
    data = diagnostic["diagnosticData"]
    assert data["documentName"] == "lūgums.edoc"
    assert data["containerInfo"] == {"containerType": "ASiC-E", "contentFiles": ["iesniegums.txt"]}
    basic = data["signatures"][0]["basicSignature"]
    assert (basic["encryptionAlgoUsedToSignThisToken"], basic["signatureIntact"]) == ("ECDSA", True)
    for report in (detailed, diagnostic):
        assert report["validationConclusion"]["validSignaturesCount"] == 1
        assert any("EU DSS" in one["content"] for one in report["validationConclusion"]["validationWarnings"])


# Data files of DDOC


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("document", BLANK), ("document", NOT_BASE64), ("filename", NOT_A_DDOC)]),
        ({"document": "", "filename": ""}, [("document", BLANK), ("document", NOT_BASE64), ("filename", NOT_A_DDOC)]),
        ({"filename": "a.ddoc"}, [("document", BLANK), ("document", NOT_BASE64)]),
        ({"document": "YWFh"}, [("filename", NOT_A_DDOC)]),
        ({"document": "YWFh", "filename": "a.bdoc"}, [("filename", NOT_A_DDOC)]),
        ({"document": ",:", "filename": "a.pdf"}, [("document", NOT_BASE64), ("filename", NOT_A_DDOC)]),
        ({"document": "YWFh", "filename": "a.ddoc"}, [("document", MALFORMED)]),
        ({"document": "PFNpZ25lZERvYyBmb3JtYXQ9IkRJR0lET0MtWE1MIi8+", "filename": "a.DDOC", "another": "member"},
         [("document", "DDOC is not supported: its data files cannot be extracted")]),
    ],
)  # fmt: skip
def test_files_are_taken_out_of_ddoc_alone_and_of_that_not_here(
    client: httpx.Client, body: Mapping[str, object], expected: list[tuple[str, str]]
) -> None:
    answer = client.post("/getDataFiles", json=body)
    assert told(answer) == sorted(expected)
    assert answer.headers["content-disposition"] == API_JSON


# Monitoring


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    assert found.tzinfo is not None
    return found


@pytest.mark.usefixtures("worker")
def test_monitors_read_how_the_service_stands(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.connection().exec_driver_sql("INSERT INTO procrastinate_workers DEFAULT VALUES")
    found = client.get("/monitoring/health")
    assert found.status_code == 200, found.text
    assert found.json()["status"] == "UP"
    parts = found.json()["components"]
    assert {"health", "livenessState", "readinessState", "ping", "ssl"} <= set(parts)
    details = parts["health"]["details"]
    assert details["webappName"] == "siva-webapp"
    assert moment(details["buildTime"]) <= moment(details["currentTime"])
    assert moment(details["startTime"]) <= moment(details["currentTime"])
    assert details["version"].count(".") == 2
    for address in ("/monitoring/heartbeat", "/monitoring/health/readiness", "/monitoring/health/liveness"):
        assert client.get(address).json() == {"status": "UP"}
    assert client.get("/monitoring/version").json() == {"version": details["version"]}
    refused = client.post("/monitoring/heartbeat")
    assert refused.status_code == 405
    assert refused.json()["requestErrors"][0]["message"].endswith("supported: GET")


def test_without_a_worker_or_a_database_the_heart_does_not_beat(client: httpx.Client, settings: Settings) -> None:
    answer = client.get("/monitoring/heartbeat")
    assert (answer.status_code, answer.json()) == (503, {"status": "DOWN"})
    assert client.get("/monitoring/health").json()["components"]["worker"] == {"status": "DOWN"}
    nowhere = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:9/nothing"})
    with running(nowhere) as site, site.visitor() as visitor:
        found = visitor.get("/monitoring/health")
        assert (found.status_code, found.json()["status"]) == (503, "DOWN")
        assert found.json()["components"]["readinessState"]["details"] == {"cause": "database"}
        assert visitor.get("/monitoring/health/liveness").status_code == 200
        assert "127.0.0.1:9" not in found.text


# The queue


@pytest.mark.usefixtures("worker")
def test_more_than_the_places_at_once_wait_their_turn(
    site: Site, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.web.site._PATIENCE", 20.0)
    document = sign_edoc(FILES, person=person("user"), pki=office.pki, at=office.now)
    found: list[int] = []

    def one() -> None:
        with site.visitor() as client:
            found.append(ask(client, document).status_code)

    threads = [threading.Thread(target=one) for _ in range(2 * _site._VALIDATING)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * len(threads)


def test_who_finds_no_place_in_a_second_is_told_when_to_come_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.web.site._VALIDATING", 0)
    begun = time.monotonic()
    with site.visitor() as client:
        answer = ask(client, b"%PDF-1.7")
        assert time.monotonic() - begun >= _site._PATIENCE, "a place may become free"
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.json()["requestErrors"] == [
            {"key": "service", "message": "Too many documents at once: try again"}
        ]
