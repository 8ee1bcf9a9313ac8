"""Who issues the invented identities, and who vouches for them?"""

from demo.pki.authority import Answer, Pki, build, load
from demo.pki.people import PEOPLE, Person, person

__all__ = ["PEOPLE", "Answer", "Person", "Pki", "build", "load", "person"]
