"""Which applications can be filed, signed and decided for a test of workflows?"""
