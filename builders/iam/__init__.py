"""Which registers, people and rights can be set up for a test of iam?"""
