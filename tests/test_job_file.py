from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from adinspect import definitions, job_file
from adinspect.errors import ConfigurationError
from adinspect.finding import Severity, Target
from adinspect.job_file import Forest, Job, LogFormat
from adinspect.notify.mail import Mail
from adinspect.remote import Remote
from adinspect.store import Keep

LIVE = '[[forest]]\nname = "contoso"\nserver = "ldaps://dc1.contoso.com"\nuser = "reader@contoso.com"\npassword_file = "pw"\n'
EXPORT = '[[forest]]\nname = "fabrikam"\nldif = ["forest.ldf"]\n'
JOB = '[job]\nstore = "snapshots"\noutput = "reports"\n'


def load(text: str) -> Job:
    return job_file.load(definitions.parse(text, "/etc/adinspect/adinspect.toml"))


def test_what_is_left_out_has_a_default_and_paths_are_relative_to_the_file() -> None:
    home = Path("/etc/adinspect")
    job = load(JOB + LIVE + EXPORT)
    live, export = job.forests
    assert job == Job(home, home / "snapshots", home / "reports", (live, export))
    assert (job.log_format, job.fail_on, job.fail_on_new, job.keep, job.mail, job.webhooks) == (
        LogFormat.TEXT,
        None,
        False,
        None,
        None,
        (),
    )
    assert live == Forest(
        "contoso",
        server="ldaps://dc1.contoso.com",
        user="reader@contoso.com",
        password_file=home / "pw",
        targets=(Target.UM_LYNC,),
    )
    assert export.ldif == (home / "forest.ldf",)
    assert export.reports == ("remediation.html", "remediation.xlsx", "findings.json")


def test_everything_can_be_said() -> None:
    job = load(
        f"""{JOB}log_format = "json"
        fail_on = "high"
        fail_on_new = true
        metrics = "/var/lib/node_exporter/adinspect.prom"
        keep = {{ last = 3, daily = 14 }}
        {LIVE}authentication = "negotiate"
        start_tls = true
        ca = "ca.pem"
        side = "exports"
        certificates = ["ex1.contoso.com=ex1.cer"]
        probes = ["pool01.contoso.com"]
        profile = "profile.toml"
        waivers = "waivers.toml"
        targets = ["teams-phone", "um-lync", "teams-phone"]
        reports = ["migration.xlsx", "numbers.csv", "findings.json"]
        [mail]
        server = "smtp.contoso.com"
        sender = "adinspect@contoso.com"
        to = ["voice@contoso.com"]
        [[webhook]]
        url = "https://hooks.contoso.com/secret"
        """
    )
    assert (job.log_format, job.fail_on, job.fail_on_new) == (LogFormat.JSON, Severity.HIGH, True)
    assert (job.keep, job.metrics) == (Keep(last=3, daily=14), Path("/var/lib/node_exporter/adinspect.prom"))
    (forest,) = job.forests
    assert (forest.authentication, forest.start_tls, forest.targets) == ("negotiate", True, (Target.TEAMS_PHONE, Target.UM_LYNC))
    assert forest.profile == Path("/etc/adinspect/profile.toml")
    assert job.mail == Mail("smtp.contoso.com", "adinspect@contoso.com", ("voice@contoso.com",))
    assert [hook.host for hook in job.webhooks] == ["hooks.contoso.com"]


WRONG = [
    (f'{JOB}stoer = "x"\n{LIVE}', 4, "unknown key 'stoer'"),
    (f'[job]\nstore = "x"\n{LIVE}', 1, "the key 'output' is missing"),
    (f'[job]\nstore = "x"\noutput = "x"\n{LIVE}', 3, "folders of their own"),
    (JOB, 1, "the key 'forest' is missing"),
    (f'[job]\nstore = "s3://user:secret@bucket/x"\noutput = "x"\n{LIVE}', 2, "a password never stands in a URL"),
    (f"{JOB}{LIVE}[jobs]\n", 9, "unknown key 'jobs'"),
    (f'{JOB}fail_on = "grave"\n{LIVE}', 4, "fail_on is 'grave'"),
    (f'{JOB}log_format = "xml"\n{LIVE}', 4, "log_format is 'xml'"),
    (f"{JOB}fail_on_new = 1\n{LIVE}", 4, "job.fail_on_new is true or false"),
    (f"{JOB}keep = {{ last = 0 }}\n{LIVE}", 4, "keeps nothing"),
    (f"{JOB}[job.keep]\ndaily = -1\n{LIVE}", 5, "job.keep.daily is -1"),
    (f"{JOB}[job.keep]\nyearly = 1\n{LIVE}", 5, "unknown key 'yearly'"),
    (f'{JOB}{LIVE}password = "secret"\n', 9, "unknown key 'password'"),
    (f'{JOB}{LIVE}domain = "contoso.com"\n', 9, "one of server, domain, ldif"),
    (f'{JOB}{LIVE}ldif = ["forest.ldf"]\n', 9, "one of server, domain, ldif"),
    (f'{JOB}[[forest]]\nname = "x"\n', 4, "one of server, domain, ldif"),
    (f'{JOB}[[forest]]\nname = "x"\nserver = "ldaps://dc1"\nuser = "x@y"\n', 4, "'password_file' is missing: nobody is there"),
    (f'{JOB}{EXPORT}user = "x"\n', 7, "user is for a server"),
    (f"{JOB}{EXPORT}start_tls = false\n", 7, "start_tls is for a server"),
    (f"{JOB}{LIVE}{EXPORT.replace('fabrikam', 'Contoso')}", 10, "there is a forest Contoso already"),
    (f"{JOB}{EXPORT.replace('fabrikam', '../x')}", 5, "the name '../x' may have letters"),
    (f"{JOB}{EXPORT.replace('fabrikam', '..')}", 5, "the name '..' may have letters"),
    (f'{JOB}{LIVE}{EXPORT}targets = ["um"]\n', 12, "targets is 'um'"),
    (f'{JOB}{LIVE}authentication = "ntlm"\n', 9, "one of auto, negotiate, simple"),
    (f'{JOB}{EXPORT}reports = ["remediation.docx"]\n', 7, "there is no report 'remediation.docx': known are findings.json"),
    (f'{JOB}{EXPORT}reports = ["../../remediation.xlsx"]\n', 7, "there is no report"),
    (f'{JOB}{EXPORT}[mail]\nserver = "x"\nsender = "a@contoso.com"\nto = []\n', 10, "nobody gets the mail"),
    (f'{JOB}{EXPORT}[webhook]\nurl = "https://x/secret"\n', 7, "two brackets"),
    (f'{JOB}{EXPORT}[[webhook]]\nurl = "ftp://x/secret"\n', 8, "url"),
    (f'{JOB}{EXPORT}side = "$STATE_DIRECTORY/exports"\n', 7, "STATE_DIRECTORY is not set"),
    (f'{JOB}{EXPORT}probes = ["$CREDENTIALS_DIRECTORY/x"]\n', 7, "CREDENTIALS_DIRECTORY is not set"),
]


@pytest.mark.parametrize(("text", "line", "what"), WRONG, ids=[what for _, _, what in WRONG])
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError) as caught:
        load(text)
    assert what in caught.value.what
    assert caught.value.where == f"/etc/adinspect/adinspect.toml, line {line}"
    assert "secret" not in str(caught.value)


def test_options_of_commands_may_stand_beside_the_job() -> None:
    toml = definitions.parse(f'{JOB}{EXPORT}[collect]\nserver = "x"\n', "adinspect.toml")
    assert job_file.load(toml, ["collect"]).forests
    with pytest.raises(ConfigurationError, match="unknown key 'collect'"):
        job_file.load(toml)


def test_what_begins_with_a_folder_of_a_service_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/adinspect")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/adinspect.service")
    job = load((JOB + LIVE).replace('"snapshots"', '"$STATE_DIRECTORY/snapshots"').replace('"pw"', '"$CREDENTIALS_DIRECTORY/pw"'))
    assert job.store == Path("/var/lib/adinspect/snapshots")
    assert job.forests[0].password_file == Path("/run/credentials/adinspect.service/pw")


def test_the_store_may_be_at_a_url() -> None:
    assert load(JOB.replace('"snapshots"', '"s3://bucket/snapshots"') + EXPORT).store == Remote("s3://bucket/snapshots")
    assert load(JOB.replace('"snapshots"', '"file:///srv/snapshots"') + EXPORT).store == Path("/srv/snapshots")


def test_forests_are_chosen_by_name() -> None:
    job = load(JOB + LIVE + EXPORT)
    assert job_file.chosen(job, ()) == job.forests
    assert [one.name for one in job_file.chosen(job, ["fabrikam"])] == ["fabrikam"]
    with pytest.raises(ConfigurationError, match="there is no forest 'northwind': the file has contoso, fabrikam"):
        job_file.chosen(job, ["northwind"])


TEMPLATE = files("adinspect").joinpath("job.toml").read_text(encoding="utf-8")


def test_the_template_is_a_job_and_stays_one_when_all_that_is_a_comment_is_not() -> None:
    assert [forest.name for forest in load(TEMPLATE).forests] == ["contoso"]
    said = [line.removeprefix("# ") if "=" in line or "[" in line[:4] else line for line in TEMPLATE.splitlines()]
    job = load("\n".join(said).replace('url_file = "webhook.url"', 'url = "https://hooks.contoso.com"'))
    assert job.keep == Keep(3, 14, 8, 24)
    assert job.mail
    assert job.webhooks


@pytest.mark.parametrize("key", sorted({*job_file.JOB_KEYS, *job_file.FOREST_KEYS, *Keep.__dataclass_fields__}))
def test_the_template_and_the_page_tell_of_every_key(key: str) -> None:
    assert f"{key} = " in TEMPLATE or f"[job.{key}]" in TEMPLATE
    assert f"`{key}`" in (Path(__file__).parents[1] / "docs" / "run.md").read_text(encoding="utf-8")
