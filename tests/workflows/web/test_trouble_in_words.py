"""What another server said reaches a page as a sentence and a code: the text of an exception stays in the log."""

import pytest

from workflows.i18n import Language, translator
from workflows.web.words.trouble import keycloak_trouble, mail_trouble

SECRET = "HTTPConnectionPool(host='10.0.0.7', port=8080): Max retries exceeded"


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (f"iam.errors.KeycloakUnavailable: {SECRET}", "keycloak.unavailable"),
        (f"KeycloakTrouble: {SECRET}", "keycloak.trouble"),
        (f"workflows.rights.projection.Blocked: refused: {SECRET}", "keycloak.refused"),
        (f"RuntimeError: {SECRET}", "job.failed"),
        (SECRET, "job.failed"),
        ("", "job.failed"),
    ],
)
def test_a_fault_of_keycloak_is_a_sentence_and_a_code(language: Language, error: str, code: str) -> None:
    sentence, named = keycloak_trouble(translator(language), error)
    assert named == code
    assert sentence.endswith(".")
    assert "10.0.0.7" not in sentence
    assert "Error" not in sentence


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (None, ""),
        ("550 5.1.1 <anna@skola.test>: no such user", "(550 5.1.1)"),
        ("421 try again, host mx7.inside", "(421)"),
        (f"ConnectionRefusedError: {SECRET}", "neizdevās sazināties"),
    ],
)
def test_a_mail_that_was_not_taken_is_told_with_the_codes_of_the_reply_alone(reason: str | None, said: str) -> None:
    told = mail_trouble(translator(Language.LV), reason)
    assert said in told
    for private in ("anna@skola.test", "mx7", "10.0.0.7", "Refused"):
        assert private not in told
