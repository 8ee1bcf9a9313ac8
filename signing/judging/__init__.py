"""What is a signature worth by EN 319 102-1?"""
