"""How is XML read and canonicalised so that two programs cannot read it in two ways?"""
