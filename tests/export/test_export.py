from __future__ import annotations

from pathlib import Path

import pytest
from sample_report import report, sheet, texts

from adinspect import export
from adinspect.errors import ConfigurationError, StorageError

ONE = report(sheet(texts(["Ada"])))


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.xlsx", b"PK"),
        ("A.XLSX", b"PK"),
        ("a.html", b"<!doctype html>"),
        ("a.csv", b'\xef\xbb\xbf"identity"'),
        ("a.json", b'{"schema": 1'),
    ],
)
def test_the_suffix_chooses_the_format(tmp_path: Path, name: str, begins: bytes) -> None:
    export.write(ONE, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_folder_and_a_path_without_a_suffix_get_csv_files(tmp_path: Path) -> None:
    (tmp_path / "2026.11").mkdir()
    for folder in ("new", "2026.11"):
        export.write(ONE, tmp_path / folder)
        assert [path.name for path in (tmp_path / folder).iterdir()] == ["users.csv"]


def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        export.write(ONE, tmp_path / "a.xls")
    assert caught.value.what == "no format has the suffix .xls: known are .xlsx, .html, .csv, .json"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.xlsx", "a.html", "a.csv", "a.json"])
def test_a_path_that_cannot_be_written_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError) as caught:
        export.write(ONE, tmp_path / "gone" / name)
    assert caught.value.exit_code == 7


@pytest.mark.parametrize("name", ["a.xlsx", "a.html", "a.csv", "a.json"])
def test_the_same_report_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        export.write(ONE, tmp_path / folder / name)
    assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
