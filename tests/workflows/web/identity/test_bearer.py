"""Which tokens are believed, with a key of our own in Keycloak's part, to say what the real one never says."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from workflows.settings import Settings
from workflows.web.identity.bearer import BadTokenError, Bearer, KeysUnavailableError

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig", "alg": "RS256"})
WIDER = RSAKey.import_key({**KEY.as_dict(private=True), "alg": "RS512"})


def token(key: RSAKey = KEY, alg: str = "RS256", **changes: object) -> str:
    good: dict[str, object] = {
        "iss": "http://127.0.0.1:9/realms/viis",
        "aud": ["viis-api", "account"],
        "typ": "Bearer",
        "azp": "another-system",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
        "resource_access": {"viis-api": {"roles": ["validate"]}},
    }
    said = {name: value for name, value in {**good, **changes}.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": "ours"}, said, key, algorithms=[alg])


class Shown:
    """Keycloak's page of keys; counts how often it is asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("away", request=request)
        return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def bearer(settings: Settings, shown: Shown) -> Bearer:
    return Bearer(settings, transport=httpx.MockTransport(shown))


def test_a_good_token_gives_its_roles(bearer: Bearer, shown: Shown) -> None:
    assert bearer.roles(token(), at=NOW) == {"validate"}
    assert bearer.roles(token(resource_access=None), at=NOW) == frozenset()
    assert bearer.roles(token(resource_access={"account": {"roles": ["validate"]}}), at=NOW) == frozenset()
    assert shown.asked == 1


@pytest.mark.parametrize(
    "bad",
    [
        token(OTHER),
        token(iss="http://127.0.0.1:9/realms/master"),
        token(aud="viis-staff"),
        token(aud=None),
        token(exp=int(NOW.timestamp()) - 60),
        token(exp=None),
        token(iat=int(NOW.timestamp()) + 600),
        token(typ="ID"),
        token(WIDER, alg="RS512"),
        "eyJhbGciOiJub25lIn0." + token().split(".")[1] + ".",
        "nonsense",
        "x" * 20_000,
    ],
)
def test_a_token_that_cannot_be_believed_is_not(bearer: Bearer, bad: str) -> None:
    with pytest.raises(BadTokenError):
        bearer.roles(bad, at=NOW)


def test_nonsense_does_not_make_us_ask_keycloak_again_and_again(bearer: Bearer, shown: Shown) -> None:
    for second in range(10):
        with pytest.raises(BadTokenError):
            bearer.roles(token(OTHER), at=NOW + timedelta(seconds=second))
    assert shown.asked == 1
    with pytest.raises(BadTokenError):
        bearer.roles(token(OTHER), at=NOW + timedelta(minutes=2))
    assert shown.asked == 2


def test_keys_known_from_before_serve_while_keycloak_is_away(bearer: Bearer, shown: Shown) -> None:
    shown.away = True
    with pytest.raises(KeysUnavailableError):
        bearer.roles(token(), at=NOW)
    asked = shown.asked
    with pytest.raises(KeysUnavailableError):
        bearer.roles(token(), at=NOW + timedelta(seconds=5))
    assert shown.asked == asked, "nobody makes us ask a Keycloak that is away each time"
    shown.away = False
    later = NOW + timedelta(minutes=1)
    assert bearer.roles(token(), at=later) == {"validate"}
    shown.away = True
    assert bearer.roles(token(), at=later + timedelta(minutes=2)) == {"validate"}
