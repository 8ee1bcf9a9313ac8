"""The real Keycloak with our realm, as the service will meet it."""

import re

import httpx
import pytest

from demo.servers import Keycloak, KeycloakAdmin, LoginRefused, RelyingParty, ServerFailed

pytestmark = pytest.mark.keycloak

_PASSWORD = "zils-kalns-un-ezers"


@pytest.fixture
def user(keycloak_admin: KeycloakAdmin) -> str:
    username = "ilze.paraudzina"
    keycloak_admin.delete(username)
    keycloak_admin.create_user(
        username, given_name="Ilze", surname="Paraudziņa", email="ilze@skola.example", password=_PASSWORD
    )
    return username


@pytest.fixture
def service_token(keycloak: Keycloak) -> str:
    answer = httpx.post(
        f"{keycloak.realm_url}/protocol/openid-connect/token",
        data={
            "grant_type": "client_credentials",
            "client_id": "viis-service",
            "client_secret": keycloak.secrets.service_secret,
        },
    )
    token: str = answer.raise_for_status().json()["access_token"]
    return token


@pytest.mark.parametrize("path", ["/users?max=1", "/users/count", "", "/users/profile", "/admin-events"])
def test_the_service_account_reads_what_its_work_needs(keycloak: Keycloak, service_token: str, path: str) -> None:
    assert _service(keycloak, service_token, "GET", path).status_code == 200


def test_the_service_account_lifts_the_lock_of_somebody_who_guessed_too_often(
    keycloak: Keycloak, keycloak_admin: KeycloakAdmin, service_token: str, user: str
) -> None:
    account = keycloak_admin.find(user)
    assert account is not None
    lock = f"/attack-detection/brute-force/users/{account['id']}"
    assert _service(keycloak, service_token, "DELETE", lock).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/clients", None),
        ("POST", "/clients", {"clientId": "another"}),
        ("POST", "/roles", {"name": "another"}),
        ("PUT", "/roles/reviewer", {"name": "reviewer", "composite": True}),
        ("POST", "/components", {"name": "another"}),
        ("PUT", "", {"bruteForceProtected": False}),
        ("PUT", "/users/profile", {"attributes": []}),
    ],
)
def test_the_service_account_is_kept_out_of_roles_clients_and_the_realm(
    keycloak: Keycloak, service_token: str, method: str, path: str, body: object
) -> None:
    assert _service(keycloak, service_token, method, path, body).status_code == 403


def test_the_service_account_cannot_raise_anybody_above_itself(
    keycloak: Keycloak, keycloak_admin: KeycloakAdmin, service_token: str, user: str
) -> None:
    account = keycloak_admin.find(user)
    assert account is not None
    management = keycloak_admin.send("GET", "/clients", params={"clientId": "realm-management"}).json()[0]["id"]
    for role in ("realm-admin", "manage-realm", "manage-clients"):
        wanted = keycloak_admin.send("GET", f"/clients/{management}/roles/{role}").json()
        path = f"/users/{account['id']}/role-mappings/clients/{management}"
        assert _service(keycloak, service_token, "POST", path, [wanted]).status_code == 403


def test_rights_written_as_attributes_arrive_in_the_access_token(
    keycloak: Keycloak, keycloak_admin: KeycloakAdmin, user: str
) -> None:
    rights = ["i-3380802199:personnel:edit", "m-12:statistics:view"]
    account = keycloak_admin.find(user)
    assert account is not None
    account["attributes"] = {"viis_grants": rights, "viis_grants_digest": ["ab" * 32]}
    keycloak_admin.send("PUT", f"/users/{account['id']}", json=account)

    party = RelyingParty(keycloak)
    tokens = party.log_in(user, _PASSWORD)

    assert tokens.grants == tuple(rights)
    assert tokens.claims["viis_grants_digest"] == "ab" * 32
    assert int(str(tokens.claims["exp"])) - int(str(tokens.claims["iat"])) == 300
    assert party.introspect(tokens)["active"] is True
    assert party.refresh(tokens).grants == tuple(rights)


def test_a_user_can_neither_see_nor_change_their_own_rights(
    keycloak_admin: KeycloakAdmin,
) -> None:
    profile = keycloak_admin.send("GET", "/users/profile").json()
    rules = {attribute["name"]: attribute["permissions"] for attribute in profile["attributes"]}
    assert rules["viis_grants"] == {"view": ["admin"], "edit": ["admin"]}
    assert rules["viis_grants_digest"] == {"view": ["admin"], "edit": ["admin"]}
    assert profile.get("unmanagedAttributePolicy") is None, "attributes nobody declared are refused"


def test_a_disabled_user_is_out_at_once(keycloak: Keycloak, keycloak_admin: KeycloakAdmin, user: str) -> None:
    party = RelyingParty(keycloak)
    tokens = party.log_in(user, _PASSWORD)
    account = keycloak_admin.find(user)
    assert account is not None
    keycloak_admin.send("PUT", f"/users/{account['id']}", json={"enabled": False})

    assert party.introspect(tokens) == {"active": False}
    with pytest.raises(LoginRefused, match="invalid_grant"):
        party.refresh(tokens)
    with pytest.raises(LoginRefused, match="Šis konts ir slēgts"):
        party.log_in(user, _PASSWORD)


def test_a_wrong_password_gets_our_latvian_sentence(keycloak: Keycloak, user: str) -> None:
    with pytest.raises(LoginRefused, match="Nepareizs lietotājvārds vai parole"):
        RelyingParty(keycloak).log_in(user, "nepareiza-parole")


def test_the_realm_asks_nobody_for_a_password_directly(keycloak: Keycloak, user: str) -> None:
    answer = httpx.post(
        f"{keycloak.realm_url}/protocol/openid-connect/token",
        data={
            "grant_type": "password",
            "client_id": "viis",
            "client_secret": keycloak.secrets.rp_secret,
            "username": user,
            "password": _PASSWORD,
        },
    )
    assert answer.json()["error"] == "unauthorized_client"


def test_no_client_of_the_realm_takes_a_password(keycloak: Keycloak, keycloak_admin: KeycloakAdmin, user: str) -> None:
    clients = keycloak_admin.send("GET", "/clients").json()
    assert "admin-cli" in {client["clientId"] for client in clients}
    for client in clients:
        assert not client["enabled"] or not client["directAccessGrantsEnabled"], client["clientId"]
        known = {"client_id": client["clientId"], "username": user, "password": _PASSWORD, "scope": "openid"}
        if not client["publicClient"] and not client["bearerOnly"]:
            known["client_secret"] = keycloak_admin.send("GET", f"/clients/{client['id']}/client-secret").json()[
                "value"
            ]
        answer = _token(keycloak, grant_type="password", **known)
        assert answer.status_code in {400, 401}, client["clientId"]
        assert "access_token" not in answer.json()


def test_nobody_gets_a_refresh_token_without_an_end(
    keycloak: Keycloak, keycloak_admin: KeycloakAdmin, user: str, base_url: str
) -> None:
    realm = keycloak_admin.send("GET", "").json()
    assert realm["offlineSessionMaxLifespanEnabled"] is True
    assert realm["offlineSessionMaxLifespan"] == realm["ssoSessionMaxLifespan"]
    keycloak_admin.shut_offline_access()
    keycloak_admin.shut_offline_access()
    scopes = {scope["name"] for scope in keycloak_admin.send("GET", "/client-scopes").json()}
    assert "offline_access" not in scopes
    known = keycloak_admin.find(user)
    assert known is not None
    roles = keycloak_admin.send("GET", f"/users/{known['id']}/role-mappings/realm/composite").json()
    assert "offline_access" not in {role["name"] for role in roles}
    service = {"client_id": "viis-service", "client_secret": keycloak.secrets.service_secret}
    asked = _token(keycloak, grant_type="client_credentials", scope="openid offline_access", **service)
    assert asked.json()["error"] == "invalid_scope"
    for client, way_back in (("viis-staff", f"{base_url}/login/return"), ("viis", f"{keycloak.rp_url}/back")):
        page = httpx.get(
            f"{keycloak.realm_url}/protocol/openid-connect/auth",
            params={
                "client_id": client,
                "response_type": "code",
                "scope": "openid offline_access",
                "redirect_uri": way_back,
                "code_challenge": "a" * 43,
                "code_challenge_method": "S256",
            },
        )
        assert "error=invalid_scope" in page.headers["Location"], client


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("isa-parole", "invalidPasswordMinLengthMessage"),
        ("ilze.paraudzina", "invalidPasswordNotUsernameMessage"),
        ("Password123456", "invalidPasswordBlacklistedMessage"),
    ],
)
def test_the_password_policy_says_what_is_wrong(
    keycloak_admin: KeycloakAdmin, user: str, password: str, error: str
) -> None:
    with pytest.raises(ServerFailed, match=error):
        keycloak_admin.set_password(user, password)


def test_guessing_is_slowed_down_and_changes_of_accounts_are_remembered(keycloak_admin: KeycloakAdmin) -> None:
    realm = keycloak_admin.send("GET", "").json()
    assert realm["bruteForceProtected"] is True
    assert (realm["adminEventsEnabled"], realm["adminEventsDetailsEnabled"]) == (True, True)
    assert realm["resetPasswordAllowed"] is False, "a forgotten password is reset on our pages"


def test_no_secret_stands_in_the_committed_realm_file(keycloak: Keycloak, keycloak_admin: KeycloakAdmin) -> None:
    client = keycloak_admin.send("GET", "/clients", params={"clientId": "viis-staff"}).json()[0]
    value = keycloak_admin.send("GET", f"/clients/{client['id']}/client-secret").json()["value"]
    assert value == keycloak.secrets.staff_secret
    assert len(value) >= 32


def test_staff_see_a_login_page_in_latvian_that_leads_to_our_own_reset_page(keycloak: Keycloak, base_url: str) -> None:
    page = _staff_login_page(keycloak).text
    assert 'lang="lv"' in page
    assert "Pieslēgties VIIS" in page
    assert f'href="{base_url}/reset?lang=lv"' in page
    assert "Aizmirsāt paroli?" in page
    assert "css/viis.css" in page
    assert "Izglītības un zinātnes ministrija" in page
    style = re.search(r'href="([^"]+css/viis.css)"', page)
    assert style
    address = f"{keycloak.url}{style.group(1)}"
    for font in ("source-sans-3-latin.woff2", "source-sans-3-latin-ext.woff2"):
        assert f'url("../fonts/{font}")' in httpx.get(address).text
        given = httpx.get(address.replace("css/viis.css", f"fonts/{font}"))
        assert given.content.startswith(b"wOF2"), font


def test_the_login_page_speaks_english_when_asked(keycloak: Keycloak, base_url: str) -> None:
    page = _staff_login_page(keycloak, ui_locales="en").text
    assert 'lang="en"' in page
    assert f'href="{base_url}/reset?lang=en"' in page
    assert "Ministry of Education and Science" in page


def test_the_staff_login_insists_on_pkce(keycloak: Keycloak, base_url: str) -> None:
    without = httpx.get(
        f"{keycloak.realm_url}/protocol/openid-connect/auth",
        params={
            "client_id": "viis-staff",
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": f"{base_url}/login/callback",
        },
    )
    assert "code_challenge_method" in without.headers["Location"]


def _token(keycloak: Keycloak, **asked: str) -> httpx.Response:
    return httpx.post(f"{keycloak.realm_url}/protocol/openid-connect/token", data=asked)


def _service(keycloak: Keycloak, token: str, method: str, path: str, body: object = None) -> httpx.Response:
    url = f"{keycloak.url}/admin/realms/viis{path}"
    return httpx.request(method, url, json=body, headers={"Authorization": f"Bearer {token}"})


def _staff_login_page(keycloak: Keycloak, **more: str) -> httpx.Response:
    return httpx.get(
        f"{keycloak.realm_url}/protocol/openid-connect/auth",
        params={
            "client_id": "viis-staff",
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": f"{keycloak.base_url}/login/callback",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
            **more,
        },
    )
