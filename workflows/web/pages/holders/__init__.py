"""What may the holder of an account read and begin?"""
