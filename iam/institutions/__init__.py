"""Which institutions and municipalities exist, and who may sign for them?"""
