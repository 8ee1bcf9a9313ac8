"""Who are the people, under which codes and names, since when?"""
