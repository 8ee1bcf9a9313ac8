"""How much may a request bring, how is it read, and what does every answer carry?"""
