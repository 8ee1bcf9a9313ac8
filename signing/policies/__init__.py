"""Is a report enough for us?"""
