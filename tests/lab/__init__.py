"""The lab: a real Samba domain controller with the schema of Exchange UM and Lync, and organizations with and without faults."""

from lab.forest import Account, LabError, build, default_cache
from lab.planted import Planted, planted
from lab.server import Lab, free_address, is_free, running, start

__all__ = [
    "Account",
    "Lab",
    "LabError",
    "Planted",
    "build",
    "default_cache",
    "free_address",
    "is_free",
    "planted",
    "running",
    "start",
]
