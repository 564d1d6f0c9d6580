"""Certificates wanted beside a collection: read from files already, or still to be probed, and what a snapshot keeps of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adinspect import certificate_files, certificates, probe
from adinspect.certificates import Bundle
from adinspect.probe import Endpoint
from adinspect.snapshot import Supplied

Rows = Sequence[Mapping[str, Any]]

PROBE_SECONDS = 10.0
"""How long one probe may take, unless somebody says otherwise."""

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?")

ENTERPRISE_ROOTS = "CN=CERTIFICATION AUTHORITIES,"
"""The container whose certificates every member of the forest trusts as roots (certutil -dspublish, RootCA)."""


@dataclass(frozen=True)
class Wanted:
    """Certificates that were read from files already, and hosts still to be probed."""

    bundles: tuple[Bundle, ...]
    endpoints: tuple[Endpoint, ...]
    seconds: float
    ca_file: Path | None

    def got(self, authorities: Rows, moment: datetime, before: Rows = (), origins: Iterable[Mapping[str, Any]] = ()) -> Supplied:
        """Probe the hosts, and put the table of certificates together; the roots that the forest publishes count as trusted.

        `authorities` are the rows of `certification_authorities`; `before` and `origins` the certificates that a snapshot has
        already and where they came from: a host that is supplied or probed again loses those it had that way, others stay.
        """
        decoded = certificates.decoded(one["certificate"] for one in authorities)
        known = [(one["container"] or "", ca) for one, ca in zip(authorities, decoded, strict=True) if ca]
        kept = [row for row in before if self._keeps(row)]
        roots = certificates.decoded(row["certificate"] for row in kept if not row["host"])
        trust = certificates.Trust(
            system=probe.system_roots(self.ca_file),
            enterprise=tuple(
                ca for store, ca in known if store.upper().startswith(ENTERPRISE_ROOTS) and certificates.is_root(ca)
            ),
            supplied=(
                *(root for bundle in self.bundles for root in bundle.roots),
                *(root for root in roots if root and certificates.is_root(root)),
            ),
            others=tuple(ca for _, ca in known),
        )
        probed = probe.probe_all(self.endpoints, self.ca_file, (*trust.enterprise, *trust.supplied), self.seconds)
        bundles = (*self.bundles, *probed)
        table = certificates.table(bundles, trust, moment, kept)
        sources = [*filter(self._keeps_origin, origins), *(dict(bundle.origin) for bundle in bundles)]
        return Supplied({certificates.TABLE.name: table}, {"certificates": sources})

    def _keeps(self, row: Mapping[str, Any]) -> bool:
        """Whether a row that was there stays beside what is supplied now."""
        if row["port"]:
            return (row["host"], row["port"]) not in {(one.host, one.port) for one in self.endpoints}
        if row["host"]:
            return row["host"] not in {bundle.host for bundle in self.bundles}
        return row["sha256"] not in {
            certificates.fingerprint(one) for bundle in self.bundles if not bundle.host for one in bundle.certificates
        }

    def _keeps_origin(self, origin: Mapping[str, Any]) -> bool:
        """The same of what the manifest says of a file or a probe."""
        if "probe" in origin:
            return origin["probe"] not in set(map(str, self.endpoints))
        what = "host" if origin["host"] else "sha256"
        return origin[what] not in {bundle.origin[what] for bundle in self.bundles}


def read(
    files: Sequence[str], hosts: Sequence[str], seconds: float, ca_file: Path | None, folder: Path = Path()
) -> Wanted | None:
    """Read files ([HOST=]FILE) at once, so that a bad one is told before anything is collected; None where nothing is wanted.

    What is no absolute path is looked for in `folder`.

    Raises:
        ConfigurationError: a host to probe is none.
        InputError: a file cannot be read or holds no certificate.
    """
    if not files and not hosts:
        return None
    bundles = [certificate_files.read(path, host) for host, path in (_host_and_file(text, folder) for text in files)]
    return Wanted(tuple(bundles), tuple(dict.fromkeys(map(Endpoint.parse, hosts))), seconds, ca_file)


def _host_and_file(text: str, folder: Path) -> tuple[str, Path]:
    """HOST=FILE or FILE; a file whose own name has an equals sign is one."""
    host, equals, file = text.partition("=")
    if equals and HOST.fullmatch(host) and not (folder / text).exists():
        return host.lower().rstrip("."), folder / file
    return "", folder / text
