"""How does an invented person sign a file?"""
