"""The type of parameters that name a store or a snapshot: a local path, or an fsspec URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from adinspect import remote


class PlaceType(click.Path):
    """What is given, as remote.place reads it; a local path is completed in a shell like any other."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The place that a text names.

        Raises:
            ConfigurationError: it is a URL that cannot be one.
        """
        return remote.place(value) if isinstance(value, str) else value


PLACE = PlaceType(path_type=Path)
