"""Who issues the invented identities, and who vouches for them?"""

from demo.pki.authority import Answer, Pki, build, load
from demo.pki.people import PEOPLE, Person, person
from demo.pki.server import Server, Trouble, serve, start
from demo.pki.trusted_list import Twist, ee_list, lotl, lv_list

__all__ = [
    "PEOPLE",
    "Answer",
    "Person",
    "Pki",
    "Server",
    "Trouble",
    "Twist",
    "build",
    "ee_list",
    "load",
    "lotl",
    "lv_list",
    "person",
    "serve",
    "start",
]
