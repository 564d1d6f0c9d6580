"""Nightly runs over a real directory that people and programs change: every change, and every life of a finding.

Six nights; with --long a month.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, forest
from lab.server import free_address
from pandas import DataFrame
from pyarrow import RecordBatch

from adinspect import diff, history, judging, reporting, taking
from adinspect.directory import Directory, Root, Search, live
from adinspect.errors import ConnectError, IncompleteError
from adinspect.finding import Target
from adinspect.history import RUN_COLUMNS, History, Run
from adinspect.lives import Judgement, Life
from adinspect.profile import Profile
from adinspect.snapshot import Snapshot
from adinspect.waivers import Waivers

FIRST = datetime(2026, 11, 1, 2, tzinfo=UTC)
TARGET = Target.UM_LYNC
STAFF = f"OU=Staff,{forest.DOMAIN}"


@dataclass(frozen=True)
class CutOff:
    """A live directory whose server cuts the connection before the first user."""

    inner: Directory

    @property
    def root(self) -> Root:
        return self.inner.root

    @property
    def dropped(self) -> Mapping[str, int]:
        return self.inner.dropped

    def search(self, search: Search) -> Iterator[RecordBatch]:
        if "msRTCSIP-Line" in search.attributes:
            raise IncompleteError("the server cut the connection")
        return self.inner.search(search)

    def unasked(self, attributes: Collection[str], base: str) -> frozenset[str]:
        return self.inner.unasked(attributes, base)

    def __enter__(self) -> CutOff:
        return self

    def __exit__(self, *reason: object) -> None:
        return None


def take(lab: Lab, store: Path, number: int, *, cut: bool = False) -> Snapshot:
    with live.connect(
        lab.url, user=lab.administrator.user, password=lab.administrator.password, ca_file=lab.ca_file
    ) as directory:
        return taking.take(CutOff(directory) if cut else directory, store, FIRST + timedelta(days=number))


Changed = tuple[str, str, str, str | None]
"""A change: kind, table, identity and attribute."""

Named = tuple[str, str]
"""A finding: rule and identity; of several of one rule on one object, with what tells them apart."""


def told(changes: DataFrame) -> set[Changed]:
    return set(changes[["kind", "table", "identity", "attribute"]].itertuples(index=False, name=None))


def named(row: Any) -> Named:
    rest = row.key.split("/", 2)[2:]
    return row.rule, "/".join([row.identity, *rest])


def modified(dn: str, **values: str) -> str:
    named = {attribute.replace("_", "-"): value for attribute, value in values.items()}
    lines = [f"replace: {attribute}\n{attribute}: {value}\n-" for attribute, value in named.items()]
    return "\n".join([f"dn: {dn}", "changetype: modify", *lines, "", ""])


def renamed(dn: str, name: str, place: str) -> str:
    return f"dn: {dn}\nchangetype: modrdn\nnewrdn: {name}\ndeleteoldrdn: 1\nnewsuperior: {place}\n\n"


SEATTLE, PARIS = f"OU=Seattle,{STAFF}", f"OU=Paris,{STAFF}"
GATEWAYS = forest.NAMES["GATEWAYS"]
WRITER = modified(f"CN=ok.lineext,{SEATTLE}", msRTCSIP_Line="tel: 1 425 555 0180")
MENDED = modified(f"CN=ok.lineext,{SEATTLE}", msRTCSIP_Line="tel:+14255550180;ext=50102")
HIRED = f"""dn: CN=new.hire,{SEATTLE}
changetype: add
objectClass: user
sAMAccountName: new.hire
userPrincipalName: new.hire@contoso.com
userAccountControl: 512
mail: new.hire@contoso.com
proxyAddresses: SMTP:new.hire@contoso.com
msExchRecipientTypeDetails: 1
msExchMailboxGuid: mailbox 00000999

"""


class Server(Enum):
    """How the server is at night: up, down, or it cuts the connection before the first user."""

    UP = auto()
    DOWN = auto()
    CUTS = auto()


@dataclass(frozen=True)
class Night:
    """What was done during a day, and what the run after it must tell: the changes, and what became of which findings.

    What is not told stands as it did.
    """

    edits: str
    changes: frozenset[Changed]
    lives: Mapping[Life, frozenset[Named]]
    server: Server


def night(edits: str = "", *changes: Changed, server: Server = Server.UP, **lives: Sequence[Named]) -> Night:
    return Night(edits, frozenset(changes), {Life(name): frozenset(found) for name, found in lives.items()}, server)


LINE = ("changed", "users", "ok.lineext@contoso.com", "msRTCSIP-Line")
WRONG = ("USR-009", "ok.lineext@contoso.com")

SHORT = (
    night(),
    night(
        modified(f"CN=ev.off,{SEATTLE}", msRTCSIP_OptionFlags="385")
        + renamed(f"CN=ok.sip,{SEATTLE}", "CN=better.sip", PARIS)
        + WRITER,
        ("changed", "users", "ev.off@contoso.com", "msRTCSIP-OptionFlags"),
        ("moved", "users", "ok.sip@contoso.com", "distinguishedName"),
        LINE,
        resolved=[("USR-006", "ev.off@contoso.com")],
        new=[("USR-007", "ev.off@contoso.com"), WRONG],  # who may telephone needs a number
    ),
    night(
        MENDED + f"dn: CN=no.sip,{SEATTLE}\nchangetype: delete\n\n",
        LINE,
        ("removed", "users", "no.sip@contoso.com", None),
        ("changed", "group_members", "Voice Users", "member"),
        resolved=[WRONG, ("USR-001", "no.sip@contoso.com"), ("USR-003", "no.sip@contoso.com")],
    ),
    night(WRITER, LINE, regressed=[WRONG]),
    night(server=Server.CUTS),
    night(
        modified(f"CN=pbx-spare,{GATEWAYS}", msExchUMOutcallsAllowed="FALSE"),
        ("changed", "gateways", "pbx-spare", "msExchUMOutcallsAllowed"),
        new=[("DRF-005", "pbx-spare")],
    ),
)
"""The first nights: somebody is enabled, somebody moved, a line broken, mended and swapped back; somebody is deleted; the server
cuts a connection, and the night after that all stands as it did; a gateway is switched."""

HIRE = ("users", "new.hire@contoso.com")
REST = (
    night(server=Server.DOWN),
    night(server=Server.DOWN),
    night(MENDED, LINE, resolved=[WRONG]),
    night(WRITER, LINE, regressed=[WRONG]),
    night(MENDED, LINE, resolved=[WRONG]),
    night(HIRED, ("added", *HIRE, None), new=[("USR-001", HIRE[1])]),
    night(renamed(f"CN=new.hire,{SEATTLE}", "CN=newer.hire", SEATTLE), ("moved", *HIRE, "distinguishedName")),
    night(),
    night(  # another spelling of a number is no change of it
        modified(f"CN=line.spaces,{SEATTLE}", msRTCSIP_Line="tel:+14255550164"),
        resolved=[("USR-009", "line.spaces@contoso.com")],
    ),
    night(server=Server.CUTS),
    night(f"dn: CN=newer.hire,{SEATTLE}\nchangetype: delete\n\n", ("removed", *HIRE, None), resolved=[("USR-001", HIRE[1])]),
    *[night()] * 5,
    night(WRITER, LINE, new=[WRONG]),  # the eleventh run after it was mended
    night(),
    night(MENDED, LINE, resolved=[WRONG]),
    night(
        modified(f"CN=line.spaces,{SEATTLE}", msRTCSIP_Line="tel:+1 425 555 0164"),
        new=[("USR-009", "line.spaces@contoso.com")],
    ),
    night(server=Server.DOWN),
    night(WRITER, LINE, regressed=[WRONG]),
    night(),
    night(),
)


@dataclass
class Kept:
    """What the script says of a finding that stands: since which night, in how many runs it was found."""

    since: int
    runs: int = 0


@dataclass
class Model:
    """What the script has said so far: the findings that stand. The first run says with which it begins."""

    standing: dict[Named, Kept]

    def after(self, number: int, script: Night, unseen: set[Named]) -> dict[Life, set[Named]]:
        """What a run must make of all findings."""
        told = {life: set(script.lives.get(life, ())) for life in Life}
        for gone in told[Life.RESOLVED]:
            del self.standing[gone]
        told |= {Life.OPEN: self.standing.keys() - unseen, Life.UNKNOWN: unseen}
        came = [one for one in told[Life.NEW] | told[Life.REGRESSED] if not one[0].startswith("DRF-")]
        self.standing |= {one: Kept(number) for one in came}
        for one in self.standing.keys() - unseen:
            self.standing[one].runs += 1
        return told

    def kept(self) -> dict[Named, tuple[datetime, int]]:
        return {one: (FIRST + timedelta(days=kept.since), kept.runs) for one, kept in self.standing.items()}


def kept(grown: History) -> dict[Named, tuple[datetime, int]]:
    rows = grown.findings[grown.findings["state"].ne(Life.RESOLVED.value)]
    return {named(row): (row.since, row.runs) for row in rows.itertuples()}


def advanced(store: Path, one: Snapshot, compared: diff.Compared | None) -> tuple[History, dict[Life, set[Named]]]:
    """The history after a run, stored, and what became of the findings."""
    judged = judging.judge(one, target=TARGET, profile=Profile(), waivers=Waivers(), compared=compared)
    past = history.load(store, forest.REALM, TARGET)
    grown, lives = history.advance(past, Run.of(one), Judgement(judged.assessment, judged.seen), Waivers())
    history.save(grown, store, forest.REALM, TARGET)
    return grown, {life: {named(row) for row in rows.itertuples()} for life, rows in lives.found.items()}


def trend(one: Snapshot, page: Path) -> list[list[str]]:
    """What the page of a snapshot shows of the runs, oldest first: the cells of the table beside its trend."""
    reporting.write(judging.judge(one, target=TARGET, profile=Profile(), waivers=Waivers()), "remediation", page)
    _, _, table = page.read_text(encoding="utf-8").partition("Findings of the last runs</caption>")
    rows = re.findall("<tr>(.*?)</tr>", table.partition("</table>")[0], re.DOTALL)[1:]
    return [re.findall(">([^<]*)</td>", row) for row in reversed(rows)]


def test_every_change_and_every_life_is_as_the_script_says(
    fresh_lab: Lab, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    nights = (*SHORT, *REST) if request.config.getoption("--long") else SHORT
    older = take(fresh_lab, tmp_path, 0)
    grown, came = advanced(tmp_path, older, None)
    model = Model({finding: Kept(0, 1) for finding in came[Life.NEW]})
    for number, script in enumerate(nights[1:], start=1):
        if script.edits:
            fresh_lab.modify(script.edits)
        if script.server is Server.DOWN:
            with pytest.raises(ConnectError):
                take(replace(fresh_lab, address=free_address()), tmp_path, number)
            continue
        one = take(fresh_lab, tmp_path, number, cut=script.server is Server.CUTS)
        compared = diff.compare(diff.Moment.of(older), diff.Moment.of(one))
        grown, came = advanced(tmp_path, one, compared)
        assert told(compared.changes) == script.changes, number
        assert bool(came[Life.UNKNOWN]) == one.partial == (script.server is Server.CUTS)
        assert came == model.after(number, script, came[Life.UNKNOWN]), number
        assert kept(grown) == model.kept(), number
        older = older if one.partial else one
    runs = [(number, script) for number, script in enumerate(nights) if script.server is not Server.DOWN]
    assert list(grown.runs["taken"]) == [FIRST + timedelta(days=number) for number, _ in runs]
    counts = [name for name in RUN_COLUMNS if name not in ("snapshot", "taken", "state")]
    shown = [[row.state, *(f"{getattr(row, name):,}" for name in counts)] for row in grown.runs.itertuples()]
    assert [row[1:] for row in trend(one, tmp_path / "page.html")] == shown
    assert list(grown.runs["regressed"]) == [len(script.lives.get(Life.REGRESSED, ())) for _, script in runs]
