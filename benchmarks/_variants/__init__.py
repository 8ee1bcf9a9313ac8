"""Is the verifier right about a kind of file, or only about known examples?"""
