"""How is a right to use VIIS applied for?"""
