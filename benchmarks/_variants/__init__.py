"""Is the verifier right about files of a kind, or only about those it was shown?"""
