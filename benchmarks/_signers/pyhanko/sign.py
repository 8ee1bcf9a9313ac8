"""pyHanko as its own documentation signs: PAdES, with its own fetching of revocation data."""

from __future__ import annotations

import io

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator import ValidationContext

from benchmarks._signers.driver import Wish, drive


def sign(wish: Wish) -> None:
    """Sign at the level wished for; security store and document stamp come after, as pyHanko appends them."""
    signer = signers.SimpleSigner.load_pkcs12(str(wish.key), passphrase=b"demo")  # type: ignore[no-untyped-call] # likewise
    if signer is None:
        raise RuntimeError("the key cannot be read")
    document = io.BytesIO(wish.source.read_bytes())
    number = 1 + len(PdfFileReader(document).embedded_signatures)
    long_term = wish.level.startswith("LT")
    root = load_cert_from_pemder(str(wish.key.parent / "root.pem"))  # type: ignore[no-untyped-call] # pyHanko has no types here
    name = f"Signature{number}"
    metadata = signers.PdfSignatureMetadata(
        field_name=name,
        reason="Parakstu",
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=long_term,
        use_pades_lta=wish.level == "LTA",
        validation_context=ValidationContext(trust_roots=[root], allow_fetching=True) if long_term else None,
        certify=wish.certify > 0,
        docmdp_permissions=MDPPerm(wish.certify or 2),
    )
    field = SigFieldSpec(sig_field_name=name, box=(wish.left, 60, wish.left + 200, 110)) if wish.visible else None
    signed = signers.PdfSigner(
        metadata,
        signer=signer,
        timestamper=timestamps.HTTPTimeStamper(wish.stamps) if wish.level != "B" else None,
        new_field_spec=field,
    ).sign_pdf(IncrementalPdfFileWriter(document))
    wish.result.write_bytes(signed.getvalue())


if __name__ == "__main__":
    drive(sign)
