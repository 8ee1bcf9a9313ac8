"""How does somebody who has no password, or no longer knows it, get one without anybody else getting it?"""
