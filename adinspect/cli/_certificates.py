"""Certificates beside a collection: the options that name files and hosts, and what is told of what they brought."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click

from adinspect.cli._options import printable

F = TypeVar("F", bound=Callable[..., Any])


def supplying(command: F) -> F:
    """Options that supply certificates."""
    options = (
        click.option(
            "--certificate",
            multiple=True,
            metavar="[HOST=]FILE",
            help="Certificates in use on a host (PEM, DER or PKCS#7; with or without their chain); without a host, also roots to "
            "trust; may be given several times. A private key is never kept.",
        ),
        click.option(
            "--probe",
            multiple=True,
            metavar="HOST[:PORT]",
            help="Look at the certificate that a host presents over TLS, on port 5061 unless you say another; several times. "
            "Nothing is sent but the handshake.",
        ),
        click.option(
            "--probe-seconds",
            type=click.FloatRange(min=0.1),
            default=10,
            show_default=True,
            help="How long one probe may take.",
        ),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


def say_certificates(origins: Iterable[Mapping[str, Any]]) -> None:
    """Tell on stderr which private keys were not kept, and which probes did not verify."""
    for origin in origins:
        if origin.get("private_keys_not_kept"):
            click.secho(
                f"{printable(origin['file'])} holds a private key. It was not kept; it should not lie in such a file either.",
                err=True,
                fg="yellow",
            )
        if origin.get("problem"):
            what = "Not verified" if origin["certificates"] else "No certificate"
            click.secho(f"{what}: {printable(origin['probe'])}: {printable(origin['problem'])}", err=True, fg="yellow")
