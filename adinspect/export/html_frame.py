"""The frame of every HTML page: templates that escape, and a policy that lets nothing run or load but the page's own."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from adinspect import atomic, definitions
from adinspect.cell_text import visible
from adinspect.export import cells

POLICY = (
    "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Content Security Policy Level 3 by hashes, and Trusted Types without a policy: no text can become markup, whatever asks for it.

<https://www.w3.org/TR/CSP3/>, <https://www.w3.org/TR/trusted-types/>
"""


def render(template: str, **values: Any) -> str:
    """Fill a template of reports/templates; every text in it is escaped, and its control characters are shown."""
    style, script = _read("page.css"), _read("page.js")
    policy = POLICY.format(style=_hash(style), script=_hash(script))
    # both are the package's own, and nothing else is ever marked as markup
    own = {"style": Markup(style), "script": Markup(script)}  # noqa: S704
    return _environment().get_template(template).render(policy=Markup(policy), **own, **values)  # noqa: S704 (made of hashes)


def write(path: Path, text: str) -> None:
    """Write a page (mode 0600, whole or not at all).

    Raises:
        StorageError: it cannot be written; what stood there is untouched.
    """
    with atomic.replacing(path) as file:
        file.write(text.encode())


def time(moment: datetime) -> str:
    """A time as a page shows it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_final,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = _shown
    environment.filters["count"] = "{:,}".format
    # compact, and in ASCII: also a half of a surrogate pair and U+2028 are escaped; tojson itself escapes <, >, & and '
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return environment


@cache
def _read(name: str) -> str:
    """A file of reports/templates; line ends as an HTML parser reads them, for the hashes are of what it reads."""
    return definitions.folder("reports").joinpath("templates", name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _final(value: Any) -> Any:
    return visible(str(value)) if isinstance(value, str) and not isinstance(value, Markup) else value


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else cells.text(value)
