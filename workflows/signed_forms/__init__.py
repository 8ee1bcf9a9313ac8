"""Which documents must be signed, and does a file that arrives prove that they were?"""
