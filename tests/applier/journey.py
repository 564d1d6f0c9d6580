"""A whole change of a forest: collect, plan, review in LibreOffice, generate, run, collect, verify, take back, collect again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import libreoffice
from cli_runs import Run, adinspect
from lab import Lab

from adinspect.workbook import reviewed
from adinspect.workbook.reviewed import Reviewed
from applier import active_directory, exports
from applier.estate import Estate
from applier.folder import Folder, Result
from applier.values import POLICIES

PROFILE = Path(__file__).parents[1] / "data" / "round-trip.toml"

KINDS: Mapping[str, tuple[str, ...]] = {
    "DialPlan": ("Seattle", "London"),
    "VoicePolicy": ("National", "International"),
    "HostedVoicemailPolicy": ("Cloud",),
}
"""The policies that can be granted in this forest."""


@dataclass
class Journey:
    """What is left of a journey: the snapshots `before`, `after` and `back` are links in its folder."""

    lab: Lab
    estate: Estate
    folder: Path
    target: str
    runs: dict[str, Run] = field(default_factory=dict)
    applied: Sequence[Result] = ()
    taken_back: Sequence[Result] = ()

    @property
    def bulk(self) -> Folder:
        """What was handed over."""
        return Folder(self.folder / "bulk")

    def collect(self, name: str) -> None:
        """Export what stands beside the directory, and read everything."""
        side = exports.write(self.estate, self.folder / "side")
        whom = ("--user", self.lab.administrator.user, "--password-file", self.lab.password_file(self.lab.administrator))
        run = self._run("collect", "--server", self.lab.url, *whom, "--ca", self.lab.ca_file, "--side", side, "-o", "store")
        (self.folder / name).symlink_to(run.out.strip().splitlines()[-1])

    def plan(self) -> Reviewed:
        """The plan as it is proposed."""
        self._run("plan", "before", "--target", self.target, "--profile", PROFILE, "-o", "proposed.xlsx")
        return reviewed.read(self.folder / "proposed.xlsx")

    def review(self, orders: Sequence[libreoffice.Order]) -> None:
        """Let a person change the workbook."""
        libreoffice.edit(self.folder / "proposed.xlsx", self.folder / "plan.xlsx", orders)

    def change(self) -> None:
        """Generate the CSVs of what was approved, and run them."""
        self._run("generate", "plan.xlsx", "--snapshot", "before", "--profile", PROFILE, "-o", "bulk")
        folder = self.bulk
        self.applied = folder.run(self.estate)
        self.collect("after")
        self.runs["verify"] = adinspect("verify", "plan.xlsx", "after", "--profile", str(PROFILE), folder=self.folder)
        self.taken_back = folder.take_back(self.estate)
        self.collect("back")

    def _run(self, command: str, *arguments: str | Path) -> Run:
        run = adinspect(command, *arguments, folder=self.folder)
        assert run.code == 0, run.err
        self.runs[command] = run
        return run


@contextmanager
def begun(lab: Lab, folder: Path, target: str, without: Sequence[str]) -> Iterator[Journey]:
    """A journey on a lab of its own, where everybody but those named has the policies of the site already."""
    with active_directory.connected(lab) as directory:
        estate = Estate(directory, KINDS)
        for user in directory.find("(&(objectClass=user)(msRTCSIP-UserEnabled=TRUE))"):
            site = "London" if "OU=London" in user.dn else "Seattle"
            if user.one("cn") not in without:
                estate.granted[user.guid] = {"DialPlan": site, "VoicePolicy": "National"}
                types = [f"{POLICIES[kind]}={KINDS[kind].index(name) + 1}" for kind, name in estate.granted[user.guid].items()]
                directory.change(user, {"msRTCSIP-UserPolicies": [*user.all("msRTCSIP-UserPolicies"), *types]})
        yield Journey(lab, estate, folder, target)
