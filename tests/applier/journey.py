"""A whole change of a forest: collect, plan, review in LibreOffice, generate, run, collect, verify, take back, collect again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import libreoffice
from cli_runs import Run, adinspect
from lab import Lab, forest

from adinspect.finding import Target
from adinspect.workbook import reviewed
from adinspect.workbook.reviewed import Reviewed
from applier import active_directory, exports
from applier.active_directory import ActiveDirectory, Entry
from applier.cmdlets import disable_um_mailbox
from applier.estate import Estate, hosted
from applier.folder import Folder, Result
from applier.values import POLICIES, UNIFIED_MESSAGING

PROFILE = Path(__file__).parents[1] / "data" / "round-trip.toml"

KINDS: Mapping[str, tuple[str, ...]] = {
    "DialPlan": ("Seattle", "London"),
    "VoicePolicy": ("National", "International"),
    "HostedVoicemailPolicy": ("Cloud",),
}
"""The policies that can be granted in this forest."""

Reviewer = Callable[[Reviewed], Sequence[libreoffice.Order]]


@dataclass
class Round:
    """One plan, from proposal to proof: `before` and `after` are snapshots, links in the folder of the journey."""

    folder: Path
    before: Path
    after: Path
    applied: Sequence[Result]
    verified: Run
    bulk: Folder
    taken_back: Sequence[Result] = ()

    @property
    def plan(self) -> Path:
        """The workbook as it was reviewed."""
        return self.folder / "plan.xlsx"


@dataclass
class Journey:
    """Plans that were run one after the other, and taken back; `back` is the snapshot taken then.

    `again` is what came of a file that was run once more, after something was changed.
    """

    lab: Lab
    estate: Estate
    folder: Path
    target: str
    rounds: list[Round] = field(default_factory=list)
    again: Sequence[Result] = ()

    @property
    def back(self) -> Path:
        """The snapshot at the end."""
        return self.folder / "back"

    def collect(self, name: str) -> Path:
        """Export what stands beside the directory, and read everything."""
        side = exports.write(self.estate, self.folder / "side")
        whom = ("--user", self.lab.administrator.user, "--password-file", self.lab.password_file(self.lab.administrator))
        told = self.run("collect", "--server", self.lab.url, *whom, "--ca", self.lab.ca_file, "--side", side, "-o", "store")
        (self.folder / name).symlink_to(told.out.strip().splitlines()[-1])
        return self.folder / name

    def change(self, before: Path, review: Reviewer) -> Path:
        """Plan, have it reviewed, generate and run; the snapshot after it."""
        folder = self.folder / f"round-{len(self.rounds) + 1}"
        folder.mkdir()
        self.run("plan", before, "--target", self.target, "--profile", PROFILE, "-o", folder / "proposed.xlsx")
        orders = review(reviewed.read(folder / "proposed.xlsx"))
        libreoffice.edit(folder / "proposed.xlsx", folder / "plan.xlsx", orders)
        self.run("generate", folder / "plan.xlsx", "--snapshot", before, "--profile", PROFILE, "-o", folder / "bulk")
        bulk = Folder(folder / "bulk")
        applied = bulk.run(self.estate)
        after = self.collect(f"after-{len(self.rounds) + 1}")
        verified = adinspect("verify", folder / "plan.xlsx", after, "--profile", PROFILE, folder=self.folder)
        self.rounds.append(Round(folder, before, after, applied, verified, bulk))
        return after

    def take_back(self) -> None:
        """Run every rollback, the last plan first."""
        for one in reversed(self.rounds):
            one.taken_back = one.bulk.take_back(self.estate)
        self.collect("back")

    def run_again(self, file: str, meanwhile: Callable[[Estate], None]) -> None:
        """Run a file of the first plan once more, after somebody changed something by hand."""
        meanwhile(self.estate)
        self.again = list(self.rounds[0].bulk.run_file(self.estate, file))

    def run(self, command: str, *arguments: str | Path) -> Run:
        """Run a command that has to end well."""
        told = adinspect(command, *arguments, folder=self.folder)
        assert told.code == 0, told.err
        return told


@contextmanager
def begun(lab: Lab, folder: Path, target: str, without: Sequence[str]) -> Iterator[Journey]:
    """A journey on a lab of its own, where everybody but those named has the policies of the site already.

    On the way to Teams, Unified Messaging is off in London, where users are to move: what is left of it would be MIG-010 then.
    """
    with active_directory.connected(lab) as directory:
        estate = Estate(directory, KINDS)
        # sip.undeclared is in this domain: that it was never declared would keep everybody from moving
        domain = {"objectClass": ["msRTCSIP-Domain"], "msRTCSIP-DomainName": ["northwind.example"]}
        directory.add(f"CN={{0D9D6C5E-0000-4000-8000-0000000000FF}},CN=Global Settings,{forest.RTC}", domain)
        for user in directory.find("(&(objectClass=user)(msRTCSIP-UserEnabled=TRUE))"):
            if user.one("cn") not in without:
                estate.granted[user.guid] = _policies_of(user)
                _mark_granted(directory, user, estate.granted[user.guid])
            if target == Target.TEAMS_PHONE and "OU=London" in user.dn and _has_um(user):
                disable_um_mailbox(
                    estate, Identity=user.guid, KeepProperties=False
                )  # of whom MIG-010 would be told after the move
        yield Journey(lab, estate, folder, target)


def _has_um(user: Entry) -> bool:
    return bool(user.one("homeMDB")) and bool(user.number("msExchUMEnabledFlags") & UNIFIED_MESSAGING)


def _policies_of(user: Entry) -> dict[str, str]:
    """What the site gives; hosted voice mail needs a policy to be on."""
    site = "London" if "OU=London" in user.dn else "Seattle"
    return {"DialPlan": site, "VoicePolicy": "National", **({"HostedVoicemailPolicy": "Cloud"} if hosted(user) else {})}


def _mark_granted(directory: ActiveDirectory, user: Entry, granted: Mapping[str, str]) -> None:
    types = [f"{POLICIES[kind]}={KINDS[kind].index(name) + 1}" for kind, name in granted.items()]
    directory.change(user, {"msRTCSIP-UserPolicies": [*user.all("msRTCSIP-UserPolicies"), *types]})
