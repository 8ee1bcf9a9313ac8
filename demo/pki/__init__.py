"""Who issues the invented identities, and who vouches for them?"""
