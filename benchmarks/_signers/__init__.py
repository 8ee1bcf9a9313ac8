"""Which programs sign our own form, and how?"""
