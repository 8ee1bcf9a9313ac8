"""What does a certificate, an OCSP response or a CRL say that is not in strict DER?

`cryptography` reads these first. Where it refuses all of one, its extensions or one value, the modules here read the
same bytes by X.690's basic rules and RFC 5280's meaning, and give values of the same types. `signing.pki.certificates`
and `signing.pki.revocation_reading` are the only callers; a test holds both readers against each other.
"""
