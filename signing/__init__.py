"""Does this document prove what a policy asks?"""
