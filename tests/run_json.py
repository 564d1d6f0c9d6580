"""Runs as run.json tells them, for tests of what is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

CALM: Mapping[str, int] = {"new": 0, "open": 4, "resolved": 0, "regressed": 0, "waived": 0, "expired": 0, "unknown": 0}
WORST: Json = {
    "life": "new",
    "severity": "high",
    "rule": "USR-001",
    "identity": "ada@contoso.com",
    "message": "User ada@contoso.com has no SIP address.",
}


def target(name: str = "um-lync", *worst: Json, **lives: int) -> Json:
    """What was found for a target: four findings, of which nothing is new but for what is told."""
    findings = {"critical": 0, "high": 3, "medium": 0, "low": 0, "info": 1}
    return {"target": name, "findings": findings, "lives": {**CALM, **lives}, "worst": list(worst)}


def forest(name: str = "contoso", *targets: Json, **told: Any) -> Json:
    """A forest that was read whole."""
    return {
        "name": name,
        "exit": 0,
        "error": None,
        "forest": f"{name}.com",
        "snapshot": f"snapshots/{name}.com/20261124T020000Z-0123456789ab",
        "taken": "2026-11-24T02:00:00Z",
        "state": "complete",
        "seconds": 12.5,
        "objects": {"users": 310, "dial_plans": 2},
        "last_complete": "2026-11-24T02:00:00Z",
        "targets": list(targets) or [target()],
        "changes": {"added": 0, "removed": 0, "moved": 0, "changed": 3},
        "files": [],
        "pruned": [],
        "notes": [],
        **told,
    }


def unreached(name: str = "fabrikam") -> Json:
    """A forest whose server did not answer."""
    error = {
        "what": "the server cannot be reached",
        "where": "ldaps://dc1.fabrikam.com",
        "safe": "Earlier snapshots are untouched.",
        "next_step": "Look whether it runs.",
    }
    nothing: Json = {
        "forest": None,
        "snapshot": None,
        "taken": None,
        "state": None,
        "changes": None,
        "objects": {},
        "targets": [],
    }
    return forest(name) | nothing | {"exit": 4, "error": error, "last_complete": "2026-11-20T02:00:00Z"}


def run(*forests: Json, **told: Any) -> Json:
    """A run over these forests; its exit code is that of the worst."""
    whole = list(forests) or [forest()]
    return {
        "schema": 1,
        "adinspect": "0.1.0",
        "started": "2026-11-24T02:00:00Z",
        "ended": "2026-11-24T02:01:30Z",
        "exit": max(one["exit"] for one in whole),
        "forests": whole,
        "notified": [],
        **told,
    }
