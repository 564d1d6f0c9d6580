"""What the tests of the live directory share: LDAP messages written out, a server that misbehaves on purpose, certificates."""

from wire.certificates import Authority
from wire.messages import done, entry, message, reference, tlv
from wire.server import Asked, FakeServer, Line, Person

__all__ = ["Asked", "Authority", "FakeServer", "Line", "Person", "done", "entry", "message", "reference", "tlv"]
