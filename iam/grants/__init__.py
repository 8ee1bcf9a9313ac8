"""Which account may do what, where, since when, on what evidence?"""
