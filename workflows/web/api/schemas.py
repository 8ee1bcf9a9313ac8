"""The shapes of requests and answers as the OpenAPI document describes them; SiVa 3's own names.

They describe and are not used to parse: a document of 25 MB is read another way (`json_body`), and an answer is built
by `signing.siva.conclusion`.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["RequestErrors", "ValidationAnswer", "ValidationRequest"]


class ValidationRequest(BaseModel):
    """A signed document and what to ask of it."""

    filename: str = Field(min_length=1, max_length=260, examples=["iesniegums.edoc"])
    document: str = Field(description="The document's bytes, base64")
    signaturePolicy: str = Field(  # noqa: N815 - SiVa's name
        "POLv4",
        description="POLv3 or POLv4 as SiVa has them; or qes-lv, ades: ours, which leave the indication alone and "
        "answer in policyVerdict",
    )
    reportType: str = Field(  # noqa: N815 - SiVa's name
        "Simple",
        description="Simple, Detailed or Diagnostic. All bring validationConclusion, the other two a block of EU DSS's "
        "as well, with what is known here",
    )


class RequestError(BaseModel):
    """One thing that is wrong: the member it is wrong in, and what."""

    key: str
    message: str


class RequestErrors(BaseModel):
    """Why there is no report."""

    requestErrors: list[RequestError]  # noqa: N815 - SiVa's name


class Conclusion(BaseModel):
    """SiVa's SimpleReport; members that would be empty are left out."""

    model_config = ConfigDict(extra="allow")

    policy: dict[str, str]
    validationTime: str  # noqa: N815 - SiVa's name
    validationLevel: str  # noqa: N815 - SiVa's name
    validatedDocument: dict[str, str]  # noqa: N815 - SiVa's name
    signatureForm: str | None = None  # noqa: N815 - SiVa's name
    signaturesCount: int  # noqa: N815 - SiVa's name
    validSignaturesCount: int  # noqa: N815 - SiVa's name
    signatures: list[dict[str, Any]]
    timeStampTokens: list[dict[str, Any]] | None = None  # noqa: N815 - SiVa's name
    validationWarnings: list[dict[str, str]] | None = None  # noqa: N815 - SiVa's name
    policyVerdict: dict[str, Any] | None = Field(None, description="What a policy of ours says")  # noqa: N815 - ours


class ValidationReport(BaseModel):
    """What was found out."""

    validationConclusion: Conclusion  # noqa: N815 - SiVa's name
    validationProcess: dict[str, Any] | None = Field(None, description="In a Detailed report")  # noqa: N815 - SiVa's name
    diagnosticData: dict[str, Any] | None = Field(None, description="In a Diagnostic report")  # noqa: N815 - SiVa's name


class ValidationAnswer(BaseModel):
    """The report."""

    validationReport: ValidationReport  # noqa: N815 - SiVa's name
