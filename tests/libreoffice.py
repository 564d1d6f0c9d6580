"""LibreOffice, without a screen: changes a workbook as a person would, and saves it as one of Excel's again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

SECONDS = 180
"""How long it may take; a macro that does not end would hang, for nobody sees what it says."""

Order = tuple[str, ...]
"""What is to be done on a sheet:

    ("set", sheet, step, header, text), ("delete", sheet, step), ("insert", sheet, header, text), ("sort", sheet, header), and
    ("filter", sheet, header, text)
"""

MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Edit" script:language="StarBasic">{}</script:module>
"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Edit"/></library:library>
"""
LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
 <library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple"
  library:link="false"/>
</library:libraries>
"""
INSTALLED = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
 <item oor:path="/org.openoffice.Setup/Office"><prop oor:name="ooSetupInstCompleted"><value>true</value></prop></item>
</oor:items>
"""
"""Says that this is not the first start, at which the macros of a user would be replaced."""


def edit(original: Path, edited: Path, orders: Iterable[Order]) -> None:
    """Open a workbook, do what the orders say, save it under another name."""
    program = shutil.which("soffice")
    if program is None:
        pytest.fail("LibreOffice is not installed: run tests/lab/install", pytrace=False)
    home = _home(edited.parent / f"{edited.stem}.libreoffice")
    told = edited.with_suffix(".orders")
    told.write_text("".join("\t".join(one) + "\n" for one in orders), encoding="ascii")
    given = ",".join(f'"{one.as_uri()}"' for one in (original, edited, told))
    command = [
        program,
        "--headless",
        "--norestore",
        f"-env:UserInstallation={home.as_uri()}",
        f"macro:///Standard.Edit.Edit({given})",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    failed = told.with_suffix(".orders.failed")
    assert not failed.exists(), failed.read_text()
    assert edited.exists(), done.stdout + done.stderr


def _home(folder: Path) -> Path:
    """The folder of a user of LibreOffice who has the macro."""
    library = folder / "user" / "basic" / "Standard"
    library.mkdir(parents=True)
    macro = (Path(__file__).parent / "data" / "edit.bas").read_text(encoding="ascii")
    (library / "Edit.xba").write_text(MODULE.format(escape(macro)))
    (library / "script.xlb").write_text(LIBRARY)
    (library.parent / "script.xlc").write_text(LIBRARIES)
    (folder / "user" / "registrymodifications.xcu").write_text(INSTALLED)
    return folder
