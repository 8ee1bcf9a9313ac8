"""What do people get to read? Every mail and every page as a picture, in both languages, in one folder.

`make gallery` runs the stories that show each page, keeps what was answered, and pictures it; it is not kept in git.
"""
