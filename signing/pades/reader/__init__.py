"""What does pyHanko read in a PDF, and where is its reading replaced?"""
