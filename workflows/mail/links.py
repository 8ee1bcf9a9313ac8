"""Addresses of our pages, as mails carry them: a page opens in the language of its mail."""

__all__ = ["page_of"]


def page_of(base_url: str, path: str, language: str) -> str:
    """Write the address of a page; `path` may end in a query or a fragment.

    >>> page_of("https://viis.example", "/support", "en")
    'https://viis.example/support?lang=en'
    >>> page_of("https://viis.example", "/track/3HXM?key=k", "lv")
    'https://viis.example/track/3HXM?key=k&lang=lv'
    >>> page_of("https://viis.example", "/reset/new#secret", "en")
    'https://viis.example/reset/new?lang=en#secret'
    """
    before, hash_sign, fragment = path.partition("#")
    return f"{base_url}{before}{'&' if '?' in before else '?'}lang={language}{hash_sign}{fragment}"
