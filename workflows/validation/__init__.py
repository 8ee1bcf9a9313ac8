"""What is a signed file worth that belongs to no application?"""
