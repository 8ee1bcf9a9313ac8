"""Another system has documents judged: SiVa's request and answer, on the real worker, judge and demo PKI."""

import hashlib
import threading
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from demo.pki import person
from demo.servers import Keycloak, KeycloakAdmin
from demo.signer import sign_asice, sign_edoc, sign_pdf
from tests.workflows.web.site import Site, running
from tests.workflows.web.siva.asking import ask, conclusion, errors, page
from workflows.evidence.models import Document, Verification
from workflows.settings import Settings
from workflows.validation.models import Check
from workflows.web import app
from workflows.web import site as _site
from workflows.web.app import create_app

FILES = [("iesniegums.txt", b"Iesniegums"), ("pielikums.txt", b"Pielikums")]
MALFORMED = {"key": "document", "message": "Document malformed or not matching documentType"}
NOT_BASE64 = {"key": "document", "message": "Document is not encoded in a valid base64 string"}
TIME_MARK = "1.3.6.1.4.1.10015.1000.3.2.1"


@pytest.mark.usefixtures("worker")
def test_a_qualified_edoc_is_answered_as_siva_answers_and_forgotten(
    client: httpx.Client, office: Office, sessions: sessionmaker[Session]
) -> None:
    document = sign_edoc(FILES, person=person("head"), pki=office.pki, at=office.now)
    answer = ask(client, document)
    found = conclusion(answer)
    assert found["policy"]["policyName"] == "POLv4"
    assert (found["signatureForm"], found["validSignaturesCount"], found["signaturesCount"]) == ("ASiC-E", 1, 1)
    assert found["validatedDocument"]["filename"] == "lūgums.edoc"
    (signature,) = found["signatures"]
    assert signature["signatureFormat"] == "XAdES_BASELINE_LT"
    assert (signature["indication"], signature["signatureLevel"]) == ("TOTAL-PASSED", "QESIG")
    assert [scope["name"] for scope in signature["signatureScopes"]] == ["iesniegums.txt", "pielikums.txt"]
    with sessions() as session:
        kept = [session.scalar(select(func.count()).select_from(table)) for table in (Check, Verification, Document)]
    assert kept == [0, 0, 0], "a look is not evidence"


@pytest.mark.usefixtures("worker")
def test_policies_pdf_changed_and_unqualified_documents(client: httpx.Client, office: Office) -> None:
    pki, at = office.pki, office.now
    pdf = sign_pdf(page(), person=person("user"), pki=pki, at=at)
    found = conclusion(ask(client, pdf, "forma.pdf", signaturePolicy="POLv3", reportType="detailed"))
    assert found["signatures"][0]["signatureFormat"] == "PAdES_BASELINE_LT"
    assert found["validSignaturesCount"] == 1
    assert "signatureForm" not in found
    assert any("EU DSS" in warning["content"] for warning in found["validationWarnings"])

    plain = sign_asice(FILES, person=person("advanced"), pki=pki, at=at)
    lenient, strict = (conclusion(ask(client, plain, signaturePolicy=name)) for name in ("POLv3", "POLv4"))
    assert lenient["signatures"][0]["indication"] == "TOTAL-PASSED"
    ours = conclusion(ask(client, plain, signaturePolicy="qes-lv"))
    assert ours["signatures"][0]["indication"] == "TOTAL-PASSED"
    assert ours["policyVerdict"]["verdict"] == "rejected"
    assert ours["policy"]["policyUrl"] == "urn:viis:policy:qes-lv"
    assert strict["policy"]["policyUrl"].endswith("#POLv4")

    changed = _with_entry(plain, "pielikums.txt", b"Cits pielikums")
    failed = conclusion(ask(client, changed))["signatures"][0]
    assert (failed["indication"], failed["subIndication"]) == ("TOTAL-FAILED", "HASH_FAILURE")
    assert failed["errors"]


@pytest.mark.usefixtures("worker")
def test_what_we_do_not_read_is_refused_by_name(client: httpx.Client, office: Office) -> None:
    ddoc = b'<?xml version="1.0"?><SignedDoc xmlns="http://www.sk.ee/DigiDoc/v1.3.0#" format="DIGIDOC-XML"/>'
    assert "DDOC" in errors(ask(client, ddoc, "vecs.ddoc"))[0]["message"]
    assert errors(ask(client, b"aaa", "kaut-kas.pdf")) == [MALFORMED]
    unpadded = client.post("/validate", json={"filename": "kaut-kas.bdoc", "document": "aaa"})
    assert errors(unpadded) == [MALFORMED], "SiVa's decoder does not ask for the end of base64"
    assert errors(ask(client, b"PK\x03\x04 not really", "bojats.edoc")) == [MALFORMED]
    good = sign_asice(FILES, person=person("user"), pki=office.pki, at=office.now)
    assert errors(ask(client, good, "nav.ddoc")) == [MALFORMED], "SiVa goes by the name here, and so do its clients"
    form = sign_pdf(page(), person=person("user"), pki=office.pki, at=office.now)
    for document, name in ((form, "forma.bdoc"), (form, "forma.ddoc")):
        assert errors(ask(client, document, name)) == [MALFORMED]
    for document, name in ((good, "forma.pdf"), (good, "forma.asics"), (form, "forma.asice"), (good, "a .BdOc")):
        assert conclusion(ask(client, document, name))["validSignaturesCount"] == 1, "other names SiVa does not mind"
    longest = "a" * 255 + ".edoc"
    found = conclusion(ask(client, good, longest, reportType="SiMpLe", signaturePolicy=None, extra="of no meaning"))
    assert (found["validatedDocument"]["filename"], found["policy"]["policyName"]) == (longest, "POLv4")
    marked = _with_policy(good)
    assert "time mark" in errors(ask(client, marked, "zime.bdoc"))[0]["message"]
    for address, key in (("/validateHashcode", "signatureFiles"), ("/getDataFiles", "document")):
        assert errors(client.post(address, json={}))[0]["key"] == key


@pytest.mark.usefixtures("worker")
def test_a_stamped_container_built_wrongly_is_refused_as_siva_refuses_it(client: httpx.Client, office: Office) -> None:
    stamp = office.pki.stamp(hashlib.sha256(b"Apzimogots").digest(), at=office.now)
    good = _container(("dati.txt", b"Apzimogots"), ("META-INF/timestamp.tst", stamp))
    assert conclusion(ask(client, good, "dati.asics", another="member"))["signaturesCount"] == 0
    two = _container(("dati.txt", b"Apzimogots"), ("vēl.txt", b"x"), ("META-INF/timestamp.tst", stamp))
    unmet = {"key": "document", "message": "Document does not meet the requirements"}
    assert errors(ask(client, two, "dati.asics")) == [unmet]
    broken = _container(("dati.txt", b"Apzimogots"), ("META-INF/timestamp.tst", b"0\x80abc"))
    assert errors(ask(client, broken, "dati.asics")) == [MALFORMED]


@pytest.mark.usefixtures("worker")
def test_several_at_once_about_the_same_document_are_all_answered(site: Site, office: Office) -> None:
    document = sign_edoc(FILES, person=person("user"), pki=office.pki, at=office.now)
    found: list[object] = []

    def one() -> None:
        with site.visitor() as client:
            found.extend(conclusion(ask(client, document))["validSignaturesCount"] for _ in range(2))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 8


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"DOCUMENT": "YQ==", "FILENAME": "a.edoc"},
         [("document", "must not be blank"), ("document", NOT_BASE64["message"]),
              ("filename", "must not be empty"), ("filename", "Invalid filename")]),
        ({"filename": "a.edoc", "document": "YQ==", "reportType": ""}, [("reportType", "Invalid report type")]),
        ({"filename": "a.edoc", "document": "YQ==", "signaturePolicy": "a" * 101},
         [("signaturePolicy", "size must be between 1 and 100")]),
        ({}, [("document", "must not be blank"), ("document", NOT_BASE64["message"]),
              ("filename", "must not be empty"), ("filename", "Invalid filename")]),
        ({"filename": "", "document": "YQ=="},
         [("filename", "must not be empty"), ("filename", "size must be between 1 and 260")]),
        ({"filename": "a" * 261, "document": "YQ=="}, [("filename", "size must be between 1 and 260")]),
        ({"filename": "../a", "document": "YQ=="}, [("filename", "Invalid filename")]),
        ({"filename": "a.edoc", "document": ",:"}, [("document", NOT_BASE64["message"])]),
        ({"filename": "a.edoc", "document": ""},
         [("document", "must not be blank"), ("document", NOT_BASE64["message"])]),
        ({"filename": "a.edoc", "document": "YQ==", "signaturePolicy": ""},
         [("signaturePolicy", "size must be between 1 and 100")]),
        ({"filename": "a.edoc", "document": "YQ==", "signaturePolicy": "POLv3.*"},
         [("signaturePolicy", "Invalid signature policy")]),
        ({"filename": "a.edoc", "document": "YQ==", "signaturePolicy": "POLv2"},
         [("signaturePolicy", "Invalid signature policy: POLv2; Available abstractPolicies: [POLv3, POLv4]")]),
        ({"filename": "a.edoc", "document": "YQ==", "reportType": "Thorough"}, [("reportType", "Invalid report type")]),
        ({"filename": "a.edoc", "document": "YQ==", "documentType": "xroad"},
         [("documentType", "documentType is not a valid request parameter")]),
    ],
)  # fmt: skip
def test_every_wrong_member_is_told_as_siva_tells_it(
    client: httpx.Client, body: Mapping[str, object], expected: list[tuple[str, str]]
) -> None:
    told = [(one["key"], one["message"]) for one in errors(client.post("/validate", json=body))]
    assert sorted(told) == sorted(expected)


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b'{"document": "YQ==', b'{"document":"YQ==","document":"Yg=="}', b"[" * 5000]
)
def test_a_body_that_is_no_request_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/validate", content=body, headers={"Content-Type": "application/json"})
    assert errors(answer) == [
        {"key": "requestBodyNotReadable", "message": "Request body is malformed and cannot be read"}
    ]


def test_other_ways_of_asking_are_refused_in_json_too(client: httpx.Client) -> None:
    form = client.post("/validate", data={"filename": "a"})
    assert (form.status_code, form.json()["requestErrors"][0]["key"]) == (415, "contentTypeNotSupported")
    read = client.get("/validate")
    assert (read.status_code, read.json()["requestErrors"][0]["key"]) == (405, "methodNotAllowed")
    nowhere = client.get("/api/nowhere")
    assert (nowhere.status_code, nowhere.json()["requestErrors"][0]["key"]) == (404, "endpointNotFound")


def test_a_document_may_be_as_large_as_an_upload_and_no_larger(settings: Settings) -> None:
    small = settings.model_copy(update={"upload_max_mb": 1})
    with running(small) as site, site.visitor() as client:
        declared = ask(client, b"0" * (3 << 20))
        barely = ask(client, b"0" * ((1 << 20) + 1))
    for answer in (declared, barely):
        assert (answer.status_code, answer.json()["requestErrors"][0]["key"]) == (413, "request")


def test_too_many_from_one_network_are_asked_to_wait(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.web.api.admission._MOST", 2)
    for _ in range(2):
        assert client.post("/validate", json={}).status_code == 400
    answer = client.post("/validate", json={})
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert answer.json()["requestErrors"][0]["key"] == "request"


def test_without_a_worker_the_caller_is_told_to_come_back(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.web.api.validate._PATIENCE", 0.2)
    answer = ask(client, b"%PDF-1.7")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"


def test_the_description_holds_what_machines_ask_and_no_page(client: httpx.Client) -> None:
    described = client.get("/api/openapi.json").json()
    assert "/validate" in described["paths"]
    assert all(path.startswith(("/validate", "/api/", "/access/", "/.well-known/")) for path in described["paths"])
    assert "HTTPBearer" in described["components"]["securitySchemes"]


def test_open_to_anyone_goes_with_the_loopback_alone(settings: Settings) -> None:
    said = {"database_url": settings.database_url, "validate_open": True, "web_host": "0.0.0.0"}  # noqa: S104 - refused
    with pytest.raises(ValidationError, match="VIIS_VALIDATE_OPEN needs VIIS_WEB_HOST"):
        Settings.model_validate(said)


def test_the_web_process_loads_no_reader_of_documents(settings: Settings) -> None:
    create_app(settings)
    source = Path("workflows/web/api/validate.py").read_text("utf-8")
    assert "signing.verification" not in source
    assert "workflows.evidence.judging" not in source


@pytest.mark.keycloak
@pytest.mark.usefixtures("worker")
def test_the_real_keycloak_opens_the_door_to_clients_with_the_role_alone(
    settings: Settings, office: Office, keycloak: Keycloak, keycloak_admin: KeycloakAdmin
) -> None:
    closed = settings.model_copy(update={"validate_open": False, "keycloak_url": keycloak.url})
    document = sign_edoc(FILES, person=person("user"), pki=office.pki, at=office.now)
    with running(closed) as site, site.visitor() as client:
        without = ask(client, document)
        assert (without.status_code, without.headers["www-authenticate"]) == (401, "Bearer")
        client.headers["Authorization"] = "Bearer nonsense"
        assert ask(client, document).status_code == 401
        client.headers["Authorization"] = f"Bearer {_client_token(keycloak, keycloak_admin, 'other-system')}"
        assert ask(client, document).status_code in {401, 403}, "another system, without the role"
        client.headers["Authorization"] = (
            f"Bearer {_client_token(keycloak, keycloak_admin, 'school-system', 'validate')}"
        )
        assert conclusion(ask(client, document))["validSignaturesCount"] == 1


def _client_token(keycloak: Keycloak, admin: KeycloakAdmin, name: str, *roles: str) -> str:
    """Make a client with a service account and these roles of ours, and let it get its token."""
    made = {"clientId": name, "secret": "a secret of tests", "serviceAccountsEnabled": True, "publicClient": False}
    place = admin.send("POST", "/clients", json=made).headers["Location"].rsplit("/", 1)[-1]
    account = admin.send("GET", f"/clients/{place}/service-account-user").json()["id"]
    api = admin.send("GET", "/clients", params={"clientId": "viis-api"}).json()[0]["id"]
    wanted = [admin.send("GET", f"/clients/{api}/roles/{role}").json() for role in roles]
    if wanted:
        admin.send("POST", f"/users/{account}/role-mappings/clients/{api}", json=wanted)
    answer = httpx.post(
        f"{keycloak.realm_url}/protocol/openid-connect/token",
        data={"grant_type": "client_credentials", "client_id": name, "client_secret": "a secret of tests"},
        timeout=30,
    )
    admin.send("DELETE", f"/clients/{place}")
    return str(answer.json()["access_token"])


def _container(*entries: tuple[str, bytes]) -> bytes:
    """A simple container with these entries."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in (("mimetype", b"application/vnd.etsi.asic-s+zip"), *entries):
            archive.writestr(name, content)
    return made.getvalue()


def _with_entry(container: bytes, name: str, content: bytes) -> bytes:
    """Exchange one file of a container."""
    changed = BytesIO()
    with zipfile.ZipFile(BytesIO(container)) as before, zipfile.ZipFile(changed, "w") as after:
        for entry in before.infolist():
            after.writestr(entry, content if entry.filename == name else before.read(entry))
    return changed.getvalue()


def _with_policy(container: bytes) -> bytes:
    """Have the signature say it holds an Estonian time mark (which breaks it, and is told first)."""
    with zipfile.ZipFile(BytesIO(container)) as entries:
        name = next(one for one in entries.namelist() if "signatures" in one)
        xml = entries.read(name)
    prefix = xml.partition(b"SignedSignatureProperties>")[0].rpartition(b"<")[2].decode("ascii")
    mark = (
        f"<{prefix}SignaturePolicyIdentifier><{prefix}SignaturePolicyId><{prefix}SigPolicyId>"
        f"<{prefix}Identifier>urn:oid:{TIME_MARK}</{prefix}Identifier></{prefix}SigPolicyId>"
        f"</{prefix}SignaturePolicyId></{prefix}SignaturePolicyIdentifier>"
    )
    end = f"</{prefix}SignedSignatureProperties>".encode()
    return _with_entry(container, name, xml.replace(end, mark.encode() + end))


def test_those_who_wait_for_verdicts_leave_a_third_of_the_threads_to_pages() -> None:
    assert _site._VALIDATING * 3 <= app._THREADS * 2
