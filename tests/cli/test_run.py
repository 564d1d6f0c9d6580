"""`adinspect run` on small exports: what is written, told and kept, and that one forest's failure stops no other."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest
from cli_runs import Run, adinspect
from run_json import forest as sample
from web_servers import Heard, web

from adinspect import lock, notify, rules, taking, turn

HEAD = """dn: DC={name},DC=example
objectClass: domainDNS
instanceType: 4
uSNCreated: 1

dn: CN=Configuration,DC={name},DC=example
objectClass: configuration

dn: CN=Microsoft Exchange,CN=Services,CN=Configuration,DC={name},DC=example
objectClass: msExchConfigurationContainer

dn: CN=Org,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC={name},DC=example
objectClass: msExchOrganizationContainer

dn: CN=UM DialPlan Container,CN=Org,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC={name},DC=example
objectClass: msExchContainer
"""

DIAL_PLAN = """
dn: CN={plan},CN=UM DialPlan Container,CN=Org,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC={name},DC=example
objectClass: msExchUMDialPlan
objectGUID:: {guid}
cn: {plan}
msExchUMDialPlanURIType: 2
"""

CONFIGURATION = """[job]
store = "snapshots"
output = "reports"
metrics = "adinspect.prom"
{job}
[[forest]]
name = "contoso"
ldif = ["contoso.ldf"]
reports = ["findings.json"]
{more}
"""

FABRIKAM = '[[forest]]\nname = "fabrikam"\nldif = ["fabrikam.ldf"]\nreports = []\n'
UNREACHED = '[[forest]]\nname = "fabrikam"\nserver = "ldaps://127.0.0.1:1"\nuser = "x@y.example"\npassword_file = "pw"\n'


def export(folder: Path, *plans: str, name: str = "contoso") -> None:
    """Write an export of a forest with these UM dial plans, in which no user can be enabled: each is a finding or two."""
    guids = {plan: b64encode(uuid5(NAMESPACE_OID, plan).bytes_le).decode("ascii") for plan in plans}
    text = HEAD.format(name=name) + "".join(DIAL_PLAN.format(plan=plan, name=name, guid=guid) for plan, guid in guids.items())
    (folder / f"{name}.ldf").write_text(text, encoding="utf-8")


def configure(folder: Path, job: str = "", more: str = "") -> None:
    (folder / "adinspect.toml").write_text(CONFIGURATION.format(job=job, more=more), encoding="utf-8")


def run(folder: Path, *arguments: str, **environment: str) -> Run:
    return adinspect("run", *arguments, folder=folder, **environment)


def told(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "reports" / "run.json").read_bytes())
    return record


def lives(record: Mapping[str, Any], place: int = 0) -> dict[str, int]:
    return {life: count for life, count in record["forests"][place]["targets"][0]["lives"].items() if count}


@pytest.fixture(autouse=True)
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules on dial plans and on drift alone: what all of them find is tested elsewhere, and takes its time."""
    few = {code: rule for code, rule in rules.shipped().items() if code.startswith(("DP-", "DRF-"))}
    monkeypatch.setattr(rules, "shipped", lambda: few)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one export and its job. Two runs never are of one moment: the clock of an export is this machine's."""
    export(tmp_path, "HQ")
    configure(tmp_path)
    return tmp_path


def later(folder: Path, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """Let the clock be so many hours on."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(2026, 11, 24, 2, tzinfo=UTC) + timedelta(hours=hours)

    monkeypatch.setattr(taking, "datetime", Clock)


def test_a_run_leaves_a_snapshot_reports_metrics_and_its_record(folder: Path) -> None:
    ended = run(folder)
    assert (ended.code, ended.out) == (0, "")
    record = told(folder)
    (forest,) = record["forests"]
    assert set(forest) == set(sample())
    assert (record["schema"], record["exit"], record["notified"]) == (1, 0, [])
    assert (forest["name"], forest["forest"], forest["state"], forest["exit"]) == ("contoso", "contoso.example", "complete", 0)
    assert forest["objects"]["dial_plans"] == 1
    assert forest["taken"] == forest["last_complete"]
    assert forest["changes"] is None
    assert forest["files"] == [str(folder / "reports" / "contoso" / "um-lync-findings.json")]
    found = json.loads(Path(forest["files"][0]).read_bytes())
    assert len(found["findings"]) == lives(record)["new"] == sum(forest["targets"][0]["findings"].values()) > 0
    assert [one["life"] for one in forest["targets"][0]["worst"]] == ["new"] * len(found["findings"])
    assert Path(forest["snapshot"], "manifest.json").is_file()
    assert "adinspect_run_exit_code 0" in (folder / "adinspect.prom").read_text(encoding="utf-8")
    if os.name == "posix":
        assert {path.stat().st_mode & 0o777 for path in (folder / "reports").rglob("*.json")} == {0o600}


def test_the_next_run_finds_nothing_new_and_tells_what_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(folder, "fail_on_new = true")
    later(folder, monkeypatch, 0)
    assert run(folder).code == 3
    later(folder, monkeypatch, 24)
    assert run(folder).code == 0
    record = told(folder)
    assert set(lives(record)) == {"open"}
    assert record["forests"][0]["changes"] == {"added": 0, "removed": 0, "moved": 0, "changed": 0}
    export(folder, "HQ", "Lab")
    later(folder, monkeypatch, 48)
    assert run(folder).code == 3
    record = told(folder)
    assert set(lives(record)) == {"open", "new"}
    assert record["forests"][0]["changes"]["added"] == 1
    assert {one["identity"] for one in record["forests"][0]["targets"][0]["worst"]} == {"Lab"}


def test_a_finding_that_comes_back_has_regressed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for hours, plans in ((0, ("HQ", "Lab")), (24, ("HQ",)), (48, ("HQ", "Lab"))):
        export(folder, *plans)
        later(folder, monkeypatch, hours)
        run(folder)
        if hours == 24:
            assert set(lives(told(folder))) == {"new", "open", "resolved"}  # new is that the dial plan was deleted
    assert set(lives(told(folder))) == {"open", "regressed"}


def test_one_forest_that_cannot_be_reached_stops_no_other(folder: Path) -> None:
    (folder / "pw").write_text("Secret-1\n", encoding="utf-8")
    configure(folder, more=UNREACHED)
    ended = run(folder)
    assert ended.code == 4
    record = told(folder)
    contoso, fabrikam = record["forests"]
    assert (record["exit"], contoso["exit"], fabrikam["exit"]) == (4, 0, 4)
    assert (contoso["error"], bool(contoso["files"])) == (None, True)
    assert set(fabrikam["error"]) == {"what", "where", "safe", "next_step"}
    assert fabrikam["error"]["where"] == "ldaps://127.0.0.1:1"
    assert (fabrikam["forest"], fabrikam["last_complete"], fabrikam["targets"]) == (None, None, [])
    assert "Secret-1" not in ended.err + json.dumps(record)


def test_of_a_forest_that_fails_its_last_complete_snapshot_is_told(folder: Path) -> None:
    run(folder)
    taken = told(folder)["forests"][0]["taken"]
    (folder / "contoso.ldf").unlink()
    assert run(folder).code == 9
    (forest,) = told(folder)["forests"]
    assert (forest["forest"], forest["taken"], forest["last_complete"]) == (None, None, taken)


def test_a_defect_met_in_one_forest_stops_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(folder, name="fabrikam")
    configure(folder, more=FABRIKAM)
    opened = turn.opened

    def faulty(forest: Any) -> Any:
        if forest.name == "contoso":
            raise RuntimeError("no such\x1b[31m thing")
        return opened(forest)

    monkeypatch.setattr(turn, "opened", faulty)
    ended = run(folder)
    assert ended.code == 1
    contoso, fabrikam = told(folder)["forests"]
    assert contoso["error"]["what"] == "unexpected error: RuntimeError: no such\x1b[31m thing"
    assert contoso["error"]["where"].startswith("test_run.py, line ")
    assert (contoso["exit"], fabrikam["exit"]) == (1, 0)
    assert "\x1b" not in ended.err


@pytest.mark.parametrize(
    ("job", "text", "code"),
    [
        ('fail_on = "critical"', HEAD, 3),
        ('fail_on = "critical"', HEAD.partition("\n\n")[0] + "\n", 0),
        ('fail_on = "critical"\nfail_on_new = true', HEAD.partition("\n\n")[0] + "\n", 0),
    ],
    ids=["an organization without a dial plan", "no organization", "nothing new"],
)
def test_findings_end_a_run_with_3_where_the_file_says_so(folder: Path, job: str, text: str, code: int) -> None:
    (folder / "contoso.ldf").write_text(text.format(name="contoso"), encoding="utf-8")
    configure(folder, job)
    assert run(folder).code == code


@pytest.mark.parametrize("what", ["profile", "waivers", "side", "certificates"])
def test_a_file_that_is_missing_is_told_before_anything_is_read(folder: Path, what: str) -> None:
    configure(folder, more=f"{what} = " + ('["missing"]' if what == "certificates" else '"missing"'))
    assert run(folder).code in (2, 9)
    assert told(folder)["forests"][0]["snapshot"] is None


def test_a_partial_collection_is_judged_and_told(folder: Path) -> None:
    with (folder / "contoso.ldf").open("a", encoding="utf-8") as file:
        file.write("\ndn: CN=Cut,DC=contoso,DC=example\nobjectClass")
    run(folder)
    (forest,) = told(folder)["forests"]
    assert (forest["exit"], forest["state"], forest["last_complete"]) == (5, "partial", None)
    assert forest["targets"]
    assert forest["files"]
    (ended,) = [note for note in forest["notes"] if note.startswith("not whole: ") and "is cut off" in note]
    assert ended.endswith(" more searches")
    assert "\n0 users seen. " in adinspect("assess", forest["snapshot"], folder=folder).out


def test_what_the_run_before_could_not_see_may_be_older(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (folder / "contoso.ldf").read_text(encoding="utf-8")
    for hours in (0, 24):
        text = whole if hours else whole[: whole.rindex("cn: HQ")]
        (folder / "contoso.ldf").write_text(text, encoding="utf-8")
        later(folder, monkeypatch, hours)
        run(folder)
    (forest,) = told(folder)["forests"]
    assert "new" in lives(told(folder))
    assert any("of the new findings may be older" in note for note in forest["notes"])


def test_a_clock_that_goes_back_is_told_with_the_file_of_the_history(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for hours, code in ((24, 0), (0, 2)):
        later(folder, monkeypatch, hours)
        assert run(folder).code == code
    assert told(folder)["forests"][0]["error"]["where"].endswith("um-lync.json.gz")


def test_a_partial_snapshot_that_lacks_too_much_settles_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for hours, plans, found in ((0, ["HQ"], "new"), (24, [], "unknown"), (48, ["HQ"], "open")):
        export(folder, *plans)
        with (folder / "contoso.ldf").open("a", encoding="utf-8") as file:
            file.write("" if plans else "\ndn: CN=Cut,DC=contoso,DC=example\nobjectClass")
        later(folder, monkeypatch, hours)
        assert run(folder).code == (0 if plans else 5)
        assert found in lives(told(folder))
        assert not {"resolved", "regressed"} & set(lives(told(folder)))
        stopped = [note for note in told(folder)["forests"][0]["notes"] if note.endswith("nothing is called resolved")]
        assert bool(stopped) is not bool(plans)


def test_when_too_much_is_gone_nothing_is_concluded_until_somebody_accepts_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = folder / "reports" / "contoso" / "um-lync-findings.json"
    later(folder, monkeypatch, 0)
    run(folder)
    before = report.read_bytes()
    export(folder)
    for hours in (24, 48):  # the snapshot of the first night is no measure for the second
        later(folder, monkeypatch, hours)
        assert run(folder).code == 8
        (forest,) = told(folder)["forests"]
        assert "dial_plans: 1 of 1 gone" in forest["error"]["what"]
        assert (forest["targets"], forest["files"]) == ([], [])
        assert report.read_bytes() == before
    later(folder, monkeypatch, 72)
    assert run(folder, "--accept-shrink").code == 0
    assert "resolved" in lives(told(folder))


def test_without_a_history_too_much_gone_stops_the_second_night_as_the_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hours in (0, 24, 48):
        later(folder, monkeypatch, hours)
        assert run(folder).code == (8 if hours else 0)
        (forest,) = told(folder)["forests"]
        assert forest["last_complete"] == "2026-11-24T02:00:00Z"
        history = folder / "snapshots" / "contoso.example" / "history" / "um-lync.json.gz"
        history.unlink(missing_ok=True)
        export(folder)
    export(folder, "HQ")  # the account may read again
    later(folder, monkeypatch, 72)
    assert run(folder).code == 0
    assert set(lives(told(folder))) == {"open"}


def test_what_the_file_does_not_keep_is_pruned_but_nothing_of_a_forest_that_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(folder, "keep = { last = 1 }")
    snapshots = folder / "snapshots" / "contoso.example"
    for hours in (0, 24):
        later(folder, monkeypatch, hours)
        run(folder)
        assert len(list(snapshots.glob("2*"))) == 1
    assert len(told(folder)["forests"][0]["pruned"]) == 1
    export(folder)
    later(folder, monkeypatch, 48)
    assert run(folder).code == 8
    assert len(list(snapshots.glob("2*"))) == 2


def test_what_was_not_read_and_what_was_not_kept_is_noted(folder: Path) -> None:
    with (folder / "contoso.ldf").open("a", encoding="utf-8") as file:
        file.write("\ndn: CN=A,DC=contoso,DC=example\nobjectClass: user\nunicodePwd: secret\n")
    (folder / "side").mkdir()
    (folder / "side" / "notes.csv").write_text("a\n1\n", encoding="utf-8")
    (folder / "side" / "carrier-numbers.csv").write_text("Start,End\n+14255550100,+14255550199\n", encoding="utf-8")
    configure(folder, more='side = "side"\nprobes = ["127.0.0.1:1"]')
    ended = run(folder)
    (forest,) = told(folder)["forests"]
    assert forest["exit"] == 5  # nobody can tell whether the export shows all users
    noted = "\n".join(forest["notes"])
    for part in ("notes.csv", "dropped 1 values of unicodepwd", "the certificate of 127.0.0.1:1 was not got: ", "not whole: "):
        assert part in noted
    assert "secret" not in ended.err.replace("secret attributes", "")


def test_the_same_forest_is_not_read_twice(folder: Path) -> None:
    configure(folder, more='[[forest]]\nname = "again"\nldif = ["contoso.ldf"]\n')
    assert run(folder).code == 2
    first, second = told(folder)["forests"]
    assert first["exit"] == 0
    assert second["error"]["what"] == "the forest contoso.example was read in this run already: it is called contoso"


def test_another_forest_by_the_same_name_is_noted(folder: Path) -> None:
    run(folder)
    export(folder, "HQ", name="fabrikam")
    (folder / "fabrikam.ldf").replace(folder / "contoso.ldf")
    for notes in (1, 0):
        run(folder)
        noted = [note for note in told(folder)["forests"][0]["notes"] if "another forest by this name: contoso.example" in note]
        assert len(noted) == notes


def test_a_run_over_some_forests_leaves_the_metrics_of_all_as_they_are(folder: Path) -> None:
    export(folder, name="fabrikam")
    configure(folder, more=FABRIKAM)
    assert run(folder, "--forest", "fabrikam").code == 0
    assert [forest["name"] for forest in told(folder)["forests"]] == ["fabrikam"]
    assert not (folder / "adinspect.prom").exists()
    assert run(folder, "--forest", "northwind").code == 2


def test_while_another_run_holds_the_store_nothing_is_written(folder: Path) -> None:
    with lock.held(folder / "snapshots", "adinspect run"):
        ended = run(folder)
    assert ended.code == 6
    assert "another run holds the store: `adinspect run`" in ended.err
    assert not (folder / "reports").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows inherits rights from the folder")
def test_the_group_may_read_reports_where_the_file_says_so_and_nothing_else(folder: Path) -> None:
    configure(folder, "group_reads = true")
    assert run(folder).code == 0
    below = [folder / "reports", *(folder / "reports").rglob("*")]
    assert {(path.is_dir(), path.stat().st_mode & 0o777) for path in below} == {(True, 0o750), (False, 0o640)}
    assert {path.stat().st_mode & 0o077 for path in (folder / "snapshots").rglob("*")} == {0}


@pytest.fixture
def empty(folder: Path) -> Path:
    """The same without the export: a run of it is soon over, with 9."""
    (folder / "contoso.ldf").unlink()
    return folder


def test_a_message_that_did_not_get_out_is_told_by_the_exit_code_and_stops_nothing(empty: Path) -> None:
    with (empty / "adinspect.toml").open("a", encoding="utf-8") as file:
        file.write('[mail]\nserver = "127.0.0.1"\nport = 1\nsender = "a@contoso.com"\nto = ["b@contoso.com"]\n')
    ended = run(empty)
    assert ended.code == 4
    (one,) = told(empty)["notified"]
    assert (one["how"], one["state"]) == ("mail", "failed")
    assert told(empty)["exit"] == 4
    assert "adinspect_run_exit_code 4" in (empty / "adinspect.prom").read_text(encoding="utf-8")
    assert " - notified how=mail to=b@contoso.com state=failed why=" in ended.err
    first = told(empty)
    assert first["untold"] is None
    for _ in range(2):  # nor does the next one get out, and it would tell of the first
        run(empty)
        assert told(empty)["untold"] == first["started"]


def test_a_run_that_was_killed_is_told_by_the_next(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*of: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr("adinspect.job._tell", killed)
        run(empty)
    assert not (empty / "reports" / "run.json").exists()
    begun = (empty / "reports" / ".begun").read_text(encoding="ascii")
    for untold in (begun, None):
        run(empty)
        assert told(empty)["untold"] == untold
    assert [path.name for path in (empty / "reports").iterdir()] == ["run.json"]


def test_people_are_told_though_it_cannot_be_noted_that_a_run_began(empty: Path) -> None:
    (empty / "reports" / ".begun").mkdir(parents=True)
    assert run(empty).code == 9
    assert told(empty)["untold"] is None


def test_metrics_that_cannot_be_written_are_told_to_people(empty: Path) -> None:
    (empty / "adinspect.prom").mkdir()
    heard = Heard()
    with web(heard) as port, (empty / "adinspect.toml").open("a", encoding="utf-8") as file:
        file.write(f'[[webhook]]\nurl = "http://127.0.0.1:{port}/hook"\n')
        file.flush()
        assert run(empty).code == 7
    ((_, _, _, body),) = heard.requests
    assert json.loads(body)["exit"] == told(empty)["exit"] == 7
    assert told(empty)["error"]["where"].endswith("adinspect.prom")


def test_a_program_is_told_what_the_record_says(empty: Path) -> None:
    heard = Heard()
    with web(heard) as port, (empty / "adinspect.toml").open("a", encoding="utf-8") as file:
        file.write(f'[[webhook]]\nurl = "http://127.0.0.1:{port}/hook"\n')
        file.flush()
        assert run(empty).code == 9
    ((_, path, _, body),) = heard.requests
    assert path == "/hook"
    assert [one["exit"] for one in json.loads(body)["forests"]] == [9]
    assert told(empty)["notified"] == [{"how": "webhook", "to": "127.0.0.1", "state": "sent", "why": ""}]


def test_a_defect_in_telling_people_stops_nothing(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*of: object) -> None:
        raise RuntimeError("no words")

    monkeypatch.setattr(notify, "message", faulty)
    with (empty / "adinspect.toml").open("a", encoding="utf-8") as file:
        file.write('[[webhook]]\nurl = "http://127.0.0.1:1"\n')
    assert run(empty).code == 1
    assert (told(empty)["exit"], told(empty)["notified"]) == (1, [])


def test_metrics_that_cannot_be_written_stop_nothing(empty: Path) -> None:
    (empty / "adinspect.prom").mkdir()
    assert run(empty).code == 7
    assert told(empty)["exit"] == 7
    assert told(empty)["forests"][0]["exit"] == 9


def test_the_log_is_one_line_an_event(folder: Path) -> None:
    lines = run(folder).err.splitlines()
    events = [line.split(" ")[2] for line in lines]
    assert events[:3] == ["started", "reading", "collected"]
    assert events[-1] == "ended"
    assert " contoso collected state=complete users=0 snapshot=" in lines[2]


def test_options_stand_above_the_environment_and_that_above_the_file(empty: Path) -> None:
    configure(empty, 'log_format = "json"')
    assert json.loads(run(empty).err.splitlines()[0])["event"] == "started"
    assert " - started" in run(empty, ADINSPECT_RUN_LOG_FORMAT="text").err.splitlines()[0]
    ended = run(empty, "--log-format", "json", ADINSPECT_RUN_LOG_FORMAT="text")
    assert {json.loads(line)["forest"] for line in ended.err.splitlines()} == {None, "contoso"}


def test_a_template_is_written_once(tmp_path: Path) -> None:
    assert run(tmp_path, "--init").out == "adinspect.toml\n"
    before = (tmp_path / "adinspect.toml").read_bytes()
    again = run(tmp_path, "--init")
    assert (again.code, (tmp_path / "adinspect.toml").read_bytes()) == (2, before)
    assert "may hold somebody's work" in again.err
    assert run(tmp_path, "--init", "--config", "missing/adinspect.toml").code == 2
    assert "`adinspect run --init` writes one" in run(tmp_path, "--config", "missing.toml").err


def test_other_commands_work_beside_the_file_of_a_job_and_find_their_options_there(folder: Path) -> None:
    with (folder / "adinspect.toml").open("a", encoding="utf-8") as file:
        file.write('[collect]\noutput = "elsewhere"\n')
    assert adinspect("collect", "--ldif", "contoso.ldf", folder=folder).code == 0
    assert (folder / "elsewhere").is_dir()
    assert run(folder).code == 0
