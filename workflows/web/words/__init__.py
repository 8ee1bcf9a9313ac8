"""How does the service speak of the domain to people?"""
