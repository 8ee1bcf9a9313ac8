"""What do we write to people, and did it leave?"""
