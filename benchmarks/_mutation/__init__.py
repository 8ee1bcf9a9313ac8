"""How can a signed file be changed, and is one that is still accepted unchanged in all that was signed?"""
