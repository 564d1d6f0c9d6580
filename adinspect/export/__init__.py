"""How a report leaves as files: one module a format, each with `write(report, path)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from adinspect.errors import ConfigurationError
from adinspect.export import csv_files, html, json_file, xlsx
from adinspect.report import Report

EXPORTERS: Mapping[str, Callable[[Report, Path], None]] = {
    ".xlsx": xlsx.write,
    ".html": html.write,
    ".csv": csv_files.write,
    ".json": json_file.write,
}
"""The exporter of each suffix."""


def write(report: Report, path: Path) -> None:
    """Write a report in the format of the path's suffix; a folder, or a path without a suffix, gets one CSV a sheet.

    Raises:
        ConfigurationError: no exporter has this suffix.
        StorageError: it cannot be written; what stood there is untouched.
    """
    if path.is_dir() or not path.suffix:
        csv_files.write_folder(report, path)
    elif path.suffix.lower() in EXPORTERS:
        EXPORTERS[path.suffix.lower()](report, path)
    else:
        raise ConfigurationError(
            f"no format has the suffix {path.suffix}: known are {', '.join(EXPORTERS)}",
            where=str(path),
            safe="Nothing was written.",
            next_step="Choose one of them, or name a folder for one CSV file a sheet.",
        )
