"""A signing backend for certomancer that does not check an RSA key at each signature (75 of 76 ms with 2048 bits).

The keys were made by the demo; certomancer's backend is replaceable by design.
"""

from functools import lru_cache

from asn1crypto import algos, keys  # type: ignore[import-untyped]
from certomancer import crypto_utils
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

__all__ = ["Backend", "SigningKey", "install", "read_key", "sign"]

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - weak signatures are made on purpose
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@lru_cache(maxsize=64)
def read_key(octets: bytes) -> SigningKey:
    """A private key from PEM or DER."""
    read = serialization.load_pem_private_key if octets.startswith(b"-") else serialization.load_der_private_key
    key = read(octets, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(type(key))
    return key


def sign(key: SigningKey, data: bytes, *, digest: str) -> bytes:
    """RSA with PKCS #1 v1.5, or ECDSA in DER."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), _HASHES[digest])
    return key.sign(data, ec.ECDSA(_HASHES[digest]))


class Backend(crypto_utils.PycaCryptographyBackend):
    """certomancer's own, with keys read once."""

    def load_private_key(
        self, key_bytes: bytes, password: bytes | None
    ) -> tuple[keys.PrivateKeyInfo, keys.PublicKeyInfo]:
        """Both halves of a key, as asn1crypto has them; ours have no password."""
        del password
        key = read_key(key_bytes)
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return keys.PrivateKeyInfo.load(private), keys.PublicKeyInfo.load(public)

    def generic_sign(
        self, private_key: keys.PrivateKeyInfo, tbs_bytes: bytes, sd_algo: algos.SignedDigestAlgorithm
    ) -> bytes:
        """Sign with the algorithms the demo uses."""
        return sign(read_key(private_key.dump()), tbs_bytes, digest=sd_algo.hash_algo)


def install() -> None:
    """Make certomancer use it in this process."""
    crypto_utils.CRYPTO_BACKEND = Backend()
