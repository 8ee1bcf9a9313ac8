"""What is said when another person signed than an application for a grant asks for."""

from workflows.signed_forms.sentences import Sentences

__all__ = ["SENTENCES"]

SENTENCES = {
    "grant.signer-not-user": Sentences(
        "Saistību rakstu parakstīja {name}, bet tas jāparaksta pašam lietotājam.",
        "The commitment letter was signed by {name}, but the user must sign it personally.",
        "Lūdziet lietotāju parakstīt saistību rakstu ar savu drošo elektronisko parakstu un augšupielādējiet to.",
        "Ask the user to sign the letter with their own secure electronic signature and upload it again.",
        formerly="application.signer-not-user",
    ),
    "grant.signer-not-head": Sentences(
        "Iesniegumu parakstīja {name}, bet tas jāparaksta iesniegumā norādītajam vadītājam.",
        "The application was signed by {name}, but the head named in it must sign it.",
        "Lūdziet vadītāju parakstīt iesniegumu un augšupielādējiet to vēlreiz.",
        "Ask the head to sign the application and upload it again.",
        formerly="application.signer-not-head",
    ),
}
