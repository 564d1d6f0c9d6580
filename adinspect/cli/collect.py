"""`adinspect collect`: a directory or an export in, a snapshot out."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adinspect.cli._certificates import say_certificates, supplying
from adinspect.cli._options import connecting, password, printable
from adinspect.cli._places import PLACE
from adinspect.errors import ConfigurationError
from adinspect.remote import Place

if TYPE_CHECKING:
    from adinspect.directory import Directory
    from adinspect.snapshot import Snapshot, Supplied
    from adinspect.wanted_certificates import Wanted

EXIT_INCOMPLETE = 5


@click.command(name="collect")
@click.option("--server", help="LDAP URL of a domain controller: ldaps://dc1.contoso.com or ldap://dc1.contoso.com.")
@click.option("--domain", help="DNS name of a domain; a domain controller is found through DNS.")
@click.option(
    "--ldif", multiple=True, type=click.Path(path_type=Path), help="LDIF export (ldifde, ldapsearch); may be given several times."
)
@click.option(
    "--taken", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]), help="When the export was made, in UTC; default: now."
)
@click.option("--snapshot", type=PLACE, help="A snapshot, or its URL, to add side inputs or certificates to; it stays as it is.")
@click.option("--side", type=click.Path(path_type=Path), help="Folder of CSV exports to read as tables, too.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=PLACE,
    help="Folder of snapshots, made when missing; or the URL of one: s3://bucket/folder.",
)
@supplying
@connecting
def command(
    server: str | None,
    domain: str | None,
    ldif: tuple[Path, ...],
    snapshot: Place | None,
    side: Path | None,
    taken: datetime | None,
    output: Place,
    certificate: tuple[str, ...],
    probe: tuple[str, ...],
    probe_seconds: float,
    **connection: Any,
) -> int:
    """Read a forest into a snapshot. Its path is the last line of stdout.

    The directory is only ever read. What an account may not read, a domain that was not read, and a search that ended early
    are kept in the snapshot, so that nothing unseen passes for missing.

    One run at a time writes into a folder of snapshots: while another does, exit 6 at once, and say who it is.

    A folder can also be at a URL that fsspec knows (s3://, gs://, abfs://, sftp:// ...): the package of the protocol has to be
    installed, and credentials stand where it looks for them, never in the URL. The snapshot is written here first; if it cannot
    be sent, it stays here, and the next run sends it. The lock holds for this user on this computer alone.

    What Active Directory does not hold comes from CSV exports (--side): `adinspect queries --side` prints the PowerShell lines
    that write them. Rules that read one which is not there are skipped.

    --side, --certificate and --probe can be added to a snapshot later, too: the new one has all of the other, and in place of
    an export of the same name, or of certificates of the same host, what is supplied now.

    \b
    adinspect collect --server ldaps://dc1.contoso.com --user reader@contoso.com -o snapshots
    adinspect collect --ldif forest.ldf -o snapshots
    adinspect collect --ldif forest.ldf -o s3://bucket/snapshots
    adinspect collect --ldif forest.ldf --side exports -o snapshots
    adinspect collect --snapshot SNAPSHOT --side exports --probe ex1.contoso.com -o snapshots
    adinspect collect --server ... --certificate ex1.contoso.com=ex1.cer --probe pool01.contoso.com -o snapshots
    """
    if sum(map(bool, (server, domain, ldif, snapshot))) != 1:
        raise ConfigurationError(
            "say where to read from: one of --server, --domain, --ldif, --snapshot", next_step="adinspect collect --help"
        )
    if taken and not ldif:
        raise ConfigurationError("--taken belongs to --ldif: a live directory says its own time")
    if snapshot and not (side or certificate or probe):
        raise ConfigurationError(
            "--snapshot names what is added to, and nothing is there to add",
            next_step="Say what to add: --side, --certificate or --probe, one or several.",
        )
    from adinspect import snapshot as snapshots
    from adinspect import wanted_certificates
    from adinspect.store import require_free, writing

    require_free(output)  # before anybody types a password, or waits for an export to be read
    beside = read_side(side) if side else None
    wanted = wanted_certificates.read(certificate, probe, probe_seconds, connection["ca"])
    if snapshot:
        opened = snapshots.load(snapshot)
        supplied = added(opened, wanted, beside)  # a mistake in what is added makes no store
        with writing(output, "adinspect collect"):
            return done(snapshots.add(opened, supplied, output))
    with open_directory(server, domain, ldif, connection) as directory, writing(output, "adinspect collect"):
        return done(take(directory, output, taken.replace(tzinfo=UTC) if taken else None, wanted, beside))


def done(snapshot: Snapshot) -> int:
    """Tell what a snapshot holds and print its path; the exit code."""
    say(snapshot)
    click.echo(snapshot.path)
    return EXIT_INCOMPLETE if snapshot.partial else 0


def added(opened: Snapshot, wanted: Wanted | None, beside: Supplied | None) -> Supplied:
    """What is supplied beside a snapshot that was taken before."""
    from adinspect.snapshot import Supplied

    supplied = beside or Supplied({}, {})
    if wanted:
        certificates = wanted.got(
            opened.rows("certification_authorities"),
            opened.taken,
            opened.rows("certificates"),
            opened.manifest.get("supplied", {}).get("certificates", ()),
        )
        supplied = supplied.and_also(certificates)
    return supplied


def read_side(folder: Path) -> Supplied:
    """Read the side inputs of a folder; what in it is not read is told on stderr."""
    from adinspect import side, taking

    read = side.read(folder)
    for remark in read.remarks:
        click.secho(printable(remark), err=True, fg="yellow")
    return taking.supplied(read)


def take(
    directory: Directory, store: Place, taken: datetime | None, wanted: Wanted | None = None, beside: Supplied | None = None
) -> Snapshot:
    """Take a snapshot, and show progress on a terminal."""
    from adinspect import taking

    with progress_bar() as progress:
        return taking.take(directory, store, taken, wanted, beside, progress)


def progress_bar() -> Any:
    """A context that shows progress on a terminal and is silent anywhere else."""
    if not sys.stderr.isatty():
        return nullcontext(lambda name, rows: None)
    from adinspect.cli._progress import terminal

    return terminal()


def say(snapshot: Snapshot) -> None:
    """Tell on stderr what was read and what was not."""
    manifest = snapshot.manifest
    side = manifest["supplied"].get("side", [])
    rows = sum(manifest["tables"].values()) - sum(one["rows"] for one in side)
    click.echo(f"Read {rows:,} rows of the forest {manifest['forest']} from {manifest['source']}.", err=True)
    for one in side:
        click.echo(f"Read {one['rows']:,} rows of {one['file']}, written {one['modified']}.", err=True)
    for domain in manifest["unread_domains"]:
        click.secho(f"Not read: the domain {printable(domain)}. Users and contacts are not whole.", err=True, fg="yellow")
    for searched in manifest["queries"]:
        if searched["state"] != "complete":
            where = searched["context"] or searched["base"]
            click.secho(
                f"Not whole: {searched['query']} in {printable(where)}: {printable(searched['reason'])}", err=True, fg="yellow"
            )
    for attribute, count in manifest["dropped"].items():
        click.echo(f"Dropped {count} values of {attribute}: secret attributes are never kept.", err=True)
    if manifest["without_guid"]:
        click.echo(f"{manifest['without_guid']} entries have no objectGUID; they were given one made of their DN.", err=True)
    if manifest["undecoded"]:
        click.echo(f"{manifest['undecoded']} values could not be decoded; their octets are kept in table undecoded.", err=True)
    say_certificates(manifest["supplied"].get("certificates", []))


def open_export(files: tuple[Path, ...]) -> Directory:
    """Open LDIF exports, keeping only what the queries read."""
    from adinspect import taking

    directory = taking.export(files)
    for remark in directory.remarks:
        click.echo(remark, err=True)
    return directory


def open_directory(server: str | None, domain: str | None, ldif: tuple[Path, ...], connection: dict[str, Any]) -> Directory:
    """Open exports, or connect and sign in."""
    if ldif:
        return open_export(ldif)
    from adinspect.directory import live
    from adinspect.directory.endpoint import endpoint

    user = connection.pop("user")
    if not user:
        raise ConfigurationError(
            "say who signs in: --user name@domain",
            next_step="An ordinary account can read most; `docs/tables.md` says what each table needs.",
        )
    url = server or f"ldap://{live.locate(str(domain))[0]}"
    endpoint(url, connection["authentication"], start_tls=connection["start_tls"])  # before anybody types a password for it
    secret = password(connection.pop("password_file"), user)
    return live.connect(url, user=user, password=secret, ca_file=connection.pop("ca"), **connection)
