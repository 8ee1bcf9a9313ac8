"""What do certificates, keys and revocation answers say?"""
