"""How does an institution ask that rights to use VIIS end?"""
