"""How is DER read, and BER written anew as DER?"""
