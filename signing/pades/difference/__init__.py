"""What does one revision show or say that another does not?"""
