"""`adinspect doctor`: what an account can see, before anything is trusted."""

from __future__ import annotations

from typing import Any

import click

from adinspect.cli._options import connecting, format_option, print_rows, printable
from adinspect.errors import ConfigurationError

EXIT_INCOMPLETE = 5


@click.command(name="doctor", short_help="Say what an account can and cannot see, before anything is trusted.")
@click.option("--server", help="LDAP URL of a domain controller: ldaps://dc1.contoso.com or ldap://dc1.contoso.com.")
@click.option("--domain", help="DNS name of a domain; a domain controller is found through DNS.")
@connecting
@format_option
def command(server: str | None, domain: str | None, format: str, **connection: Any) -> int:
    """Say what an account can and cannot see of a forest, before anything is trusted.

    Each kind of container (may it be listed?), each table (can objects be lacking that exist?) and each product's attributes in
    each table (on how many objects are they visible?), why not all, and which group membership would show the rest. That is told
    from the access lists themselves, as if the account were a member; only where none is in sight, from Microsoft's pages.
    Everything is read once, as `collect` does, and nothing is kept. The exit
    code is 0 whatever the account sees, 5 if reading ended early.

    \b
    adinspect doctor --server ldaps://dc1.contoso.com --user reader@contoso.com
    """
    from adinspect import doctor, observe, query
    from adinspect.cli.collect import open_directory, progress_bar
    from adinspect.collect import collect

    if bool(server) == bool(domain):
        raise ConfigurationError("say where to connect to: one of --server, --domain", next_step="adinspect doctor --help")
    with open_directory(server, domain, (), connection) as directory, progress_bar() as progress:
        root = directory.root
        click.echo(f"Reading what {root.account} may read at {root.source}; nothing is kept.", err=True)
        collected = collect(directory, list(query.shipped().values()), progress)
    seen = doctor.sight(collected, observe.observe(collected))
    print_rows(seen, format)
    ended = [one for one in collected.searched if one.context and one.state != "complete"]
    for one in ended:
        said = f"Not whole: {one.query} in {one.context}: {one.reason}"
        click.secho(printable(said), err=True, fg="yellow")
    for domain_name in collected.unread_domains:
        click.secho(f"Not read: the domain {printable(domain_name)}.", err=True, fg="yellow")
    hidden = int((seen["needs"] != "").sum())
    click.echo(
        f"{hidden} of {len(seen)} lines are not seen whole." if hidden else "Nothing is hidden from this account.", err=True
    )
    return EXIT_INCOMPLETE if ended else 0
