"""Which rules of this repository does no other program check? ``python -m tests.check [NAME…]`` checks them.

A check that cannot be made here is *not run*, which is no success: the last line counts it.
``translations --update`` takes new sentences of the code over into the catalogues, ``decisions --update`` lists them.
"""
