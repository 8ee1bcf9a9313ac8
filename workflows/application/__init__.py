"""How does an application become a decision?"""
