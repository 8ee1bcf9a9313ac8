"""How does Keycloak come to show what the database says?"""
