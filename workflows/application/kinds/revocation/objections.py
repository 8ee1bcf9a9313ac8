"""What is said when another person signed than an application for revocation asks for."""

from workflows.signed_forms.sentences import Sentences

__all__ = ["SENTENCES"]

SENTENCES = {
    "revocation.signer-not-head": Sentences(
        "Iesniegumu tiesību anulēšanai parakstīja {name}, bet tas jāparaksta iesniegumā norādītajam vadītājam.",
        "The application to end rights was signed by {name}, but the head named in it must sign it.",
        "Lūdziet vadītāju parakstīt iesniegumu un augšupielādējiet to vēlreiz.",
        "Ask the head to sign the application and upload it again.",
    ),
}
