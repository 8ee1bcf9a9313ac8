"""Who asks OCSP responders and CRL distribution points, and remembers the answers?"""
