"""Which signed files, certificates and trusted lists can be made for a test of signing?"""
