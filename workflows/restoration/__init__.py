"""How does somebody get back what a reform took from them, though it left their municipality alone?

Asked for on a page, confirmed through the account's registered e-mail, decided by a reviewer. What is asked for never
decides: what was held on the day before does (decision 0039).
"""
