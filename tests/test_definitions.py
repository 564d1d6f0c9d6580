from __future__ import annotations

from pathlib import Path

import pytest

from adinspect import definitions
from adinspect.errors import ConfigurationError

TEXT = """\
title = "A"

[columns]
name = { attribute = "cn" }
"two words" = { attribute = "sn" }

[rules.POL-002]
# a comment
shortest = 8

[[sheet]]
title = "First"

[[sheet]]
title = "Second"
[[sheet.block]]
table = "a"
[[sheet.block]]
table = "b"
[sheet.block.columns]
dn = "DN"

[[sheet]]
[[sheet.block]]
table = "c"
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("title",), 1),
        (("columns",), 3),
        (("columns", "name"), 4),
        (("columns", "name", "attribute"), 4),
        (("columns", "two words"), 5),
        (("rules", "POL-002"), 7),
        (("rules", "POL-002", "shortest"), 9),
        (("rules", "POL-002", "unknown"), 7),
        (("sheet", "title"), 12),
        (("sheet", 0, "title"), 12),
        (("sheet", 1), 14),
        (("sheet", 1, "title"), 15),
        (("sheet", 1, "block", 0, "table"), 17),
        (("sheet", 1, "block", 1, "table"), 19),
        (("sheet", 1, "block", 1, "columns", "dn"), 21),
        (("sheet", 2, "block", 0, "table"), 25),
        (("sheet", 2, "title"), 23),
        (("nothing",), 1),
    ],
)
def test_a_key_is_found_on_its_line(keys: tuple[str, ...], line: int) -> None:
    assert definitions.parse(TEXT, "x.toml").line(*keys) == line


def test_a_mistake_names_file_and_line() -> None:
    error = definitions.parse(TEXT, "x.toml").wrong("too short", "rules", "POL-002", "shortest")
    assert (error.what, error.where, error.exit_code) == ("too short", "x.toml, line 9", 2)


@pytest.mark.parametrize(
    ("octets", "said"),
    [(b"title = ", "not valid TOML"), (b"a = 1\na = 2", "not valid TOML"), (b"caf\xe9 = 1", "not UTF-8 text (byte 3)")],
)
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, octets: bytes, said: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(octets)
    with pytest.raises(ConfigurationError, match=said.replace("(", r"\(").replace(")", r"\)")) as caught:
        definitions.read(path)
    assert str(path) in caught.value.where


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read the file"):
        definitions.read(tmp_path / "gone.toml")


def test_a_byte_order_mark_is_no_part_of_a_key(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1")
    assert definitions.read(path).content == {"a": 1}
