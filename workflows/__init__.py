"""How does that change?"""
