"""What does the service need around it to be tried on one machine?"""
