"""In which shape does a report leave the library?"""
