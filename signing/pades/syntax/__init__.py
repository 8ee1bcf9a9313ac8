"""How is a PDF object or an incremental update written so that every reader finds the same?"""
