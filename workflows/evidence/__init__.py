"""What was handed in, byte for byte, and what did judging say of it?"""
