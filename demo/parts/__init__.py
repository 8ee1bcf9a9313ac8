"""Which real servers stand around the service, and how are they started and stopped?"""
