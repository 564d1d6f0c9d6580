"""Writes the page of a forest as one HTML file: summary, readiness, trend, findings to search, topology, what was not seen."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pandas import DataFrame

from adinspect import report, waves
from adinspect.call_paths import LAYERS, CallPaths, Joint, Stop
from adinspect.cell_text import visible
from adinspect.documentation import WAVES
from adinspect.export import cells, html, html_charts, html_frame, layered
from adinspect.finding import Severity, Target, Wave
from adinspect.frames import records
from adinspect.history import RUN_COLUMNS
from adinspect.page import CONFIRM, MOVES, TO_CONFIRM, Page, Readiness

FIRST_ROWS = 100
"""Findings that stand in the page itself, for a browser that runs no script."""

LINKS = 500
"""Links of the topology that are listed."""

NAME, NOTE = 22, 29
"""Characters of a box's two lines."""

JOINTS: Mapping[Joint, str] = {Joint.HOLDS: "linked", Joint.BROKEN: "broken", Joint.UNSEEN: "unknown"}
"""What the style calls a link."""


def write(page: Page, path: Path) -> None:
    """Write a page; only the rows that a browser shows first stand in it as markup, all others as data.

    Raises:
        StorageError: it cannot be written; what stood there is untouched.
    """
    html_frame.write(path, text(page))


def text(page: Page) -> str:
    """The HTML of a page."""
    mine = page.findings[page.findings["targets"].map(lambda targets: page.target.value in targets).astype(bool)]
    return html_frame.render(
        "page.html",
        page=page,
        title=f"{page.forest}: enterprise voice, {html_frame.time(page.taken)}",
        brand="adinspect",
        target=page.target.value,
        taken=html_frame.time(page.taken),
        verdict=verdict(page),
        attention=records(page.attention),
        severities=records(page.severities),
        first=records(page.first),
        readiness=[_readiness(one, page.target) for one in page.readiness],
        moves=[*((label, waves.MEANINGS[move]) for move, label in MOVES.items()), (TO_CONFIRM, CONFIRM)],
        trend=_trend(page.trend),
        rows=records(mine[["severity", "identity", "message", "because", "waived", "rule", "site"]].head(FIRST_ROWS)),
        shown=f"Showing {min(FIRST_ROWS, len(mine)):,} of {len(mine):,} findings.",
        not_looked_at=html.rows(page.not_looked_at[["kind", "objects", "what", "why"]].head(html.ROWS)),
        not_looked_at_more=html.part(len(page.not_looked_at), html.ROWS, "lines"),
        facts=records(page.facts),
        rules=html.rows(page.rules),
        legend=records(page.legend),
        footer=f"Made by {page.facts.set_index('fact')['value']['Made with']}.",
        island=island(page),
        **_topology(page.paths),
    )


def verdict(page: Page) -> str:
    """What stands, in a sentence or two."""
    counts = {row.severity: row.findings for row in page.severities.itertuples()}
    total = sum(counts.values())
    if not total:
        return f"Nothing was found that stands in the way of {page.target.value}, in what could be seen."
    grave = [f"{counts[one]:,} {one.value}" for one in (Severity.CRITICAL, Severity.HIGH) if counts[one]]
    said = f"{total:,} {'finding stands' if total == 1 else 'findings stand'}"
    said += f", of which {' and '.join(grave)}." if grave else ", none of them critical or high."
    [ready] = [one for one in page.readiness if one.target is page.target]
    users = "users seen" if ready.limits else "users"
    said += f" {ready.ready:,} of {ready.total:,} {users} can move as they are."
    return said + (f" Of {ready.to_confirm:,} not enough was seen to tell." if ready.to_confirm else "")


def _readiness(one: Readiness, target: Target) -> Mapping[str, Any]:
    lines = [{"name": html_charts.wave_name(row.wave), "label": row.label, "users": row.users} for row in one.counts.itertuples()]
    return {
        "target": one.target.value,
        "judged": one.target is target,
        "ready": one.ready,
        "total": one.total,
        "share": html_charts.share(one.ready, one.total),
        "gauge": html_charts.gauge(one.ready, one.total),
        "segments": list(html_charts.segments(one)),
        "lines": lines,
        "limits": one.limits,
    }


def _trend(runs: DataFrame) -> Mapping[str, Any]:
    if len(runs) < 2:
        return {"bars": []}
    totals = runs[[severity.value for severity in Severity]].sum(axis=1).astype("int64").tolist()
    first, last = runs["taken"].iloc[0], runs["taken"].iloc[-1]
    told = f"From {totals[0]:,} findings on {first:%Y-%m-%d} to {totals[-1]:,} on {last:%Y-%m-%d}, in {len(runs):,} runs."
    columns = [name for name in RUN_COLUMNS if name != "snapshot"]
    return {
        **html_charts.trend(runs, told),
        "headers": [report.header(name) for name in columns],
        "rows": html.rows(runs[columns].iloc[::-1].head(html.ROWS)),
        "more": html.part(len(runs), html.ROWS, "runs"),
    }


def _topology(paths: CallPaths) -> Mapping[str, Any]:
    """The picture of the call path, and its links as rows: the broken ones first."""
    drawing, stops = layered.draw(paths), {stop.key: stop for stop in paths.stops}
    broken = {key for link in paths.links if link.joint is Joint.BROKEN for key in (link.start, link.end)}
    order = [Joint.BROKEN, Joint.UNSEEN, Joint.HOLDS]
    links = sorted(paths.links, key=lambda link: (order.index(link.joint), stops[link.start].identity))
    lost = sum(link.joint is Joint.BROKEN for link in links)
    shown = len(drawing.boxes)
    part = f"The picture shows {shown:,} of {drawing.of:,} objects, the broken and gravest first." if shown < drawing.of else ""
    state = f"{lost:,} of {len(links):,} links {'is' if lost == 1 else 'are'} broken." if lost else "No link is broken."
    lacking = [stop for stop in paths.stops if stop.lacks]
    lack = f"{len(lacking):,} {'object lacks one' if len(lacking) == 1 else 'objects lack one'}." if lacking else ""
    return {
        "drawing": {
            "width": drawing.width,
            "height": drawing.height,
            "columns": drawing.columns,
            "boxes": [_box(box, bool(box.stop.lacks) or (box.stop.missing and box.stop.key in broken)) for box in drawing.boxes],
            "curves": [_curve(curve) for curve in drawing.curves],
        },
        "box_width": layered.WIDTH,
        "box_height": layered.HEIGHT,
        "drawn": " ".join(filter(None, (part, state, lack))),
        "broken": lost + len(lacking),
        "lacking": [
            {"name": stop.identity, "kind": LAYERS[stop.layer], "guid": stop.guid, "lacks": stop.lacks} for stop in lacking
        ],
        "links": [_link(link.told, link.joint, stops[link.start], stops[link.end]) for link in links[:LINKS]],
        "links_more": f"Showing the first {LINKS:,} of {len(links):,} links." if len(links) > LINKS else "",
    }


def _curve(curve: layered.Curve) -> Mapping[str, Any]:
    joint = curve.link.joint
    return {"path": curve.path, "x": curve.x, "y": curve.y, "name": JOINTS[joint], "cross": joint is Joint.BROKEN}


def _box(box: layered.Box, broken: bool) -> Mapping[str, Any]:
    stop = box.stop
    found = f"{stop.findings:,} {'finding' if stop.findings == 1 else 'findings'}, worst {stop.severity}" if stop.findings else ""
    note = "does not exist" if stop.missing and broken else "not seen" if stop.missing else stop.lacks or found or "no finding"
    full = ": ".join((f"{LAYERS[stop.layer]}, {stop.identity}", "; ".join(dict.fromkeys(filter(None, (note, found))))))
    name, note = _short(stop.identity, NAME), _short(note, NOTE)
    return {"x": box.x, "y": box.y, "name": name, "note": note, "full": full, "severity": stop.severity, "broken": broken}


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _link(told: str, joint: Joint, start: Stop, end: Stop) -> Mapping[str, Any]:
    return {
        "start": start.identity,
        "start_kind": LAYERS[start.layer],
        "start_guid": start.guid,
        "end": end.identity,
        "end_kind": LAYERS[end.layer],
        "end_guid": end.guid,
        "told": told,
        "joint": joint.value,
        "name": JOINTS[joint],
    }


class Places:
    """Values by their place in a list, each once: what many findings share stands in the page once."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self.values: list[Any] = []
        self._places: dict[Hashable, int] = {}
        for value in values:
            self.of(value, value)

    def of(self, key: Hashable, value: Any) -> int:
        """The place of what has this key."""
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


def island(page: Page) -> Mapping[str, Any]:
    """All findings as data for page.js: lists whose places say what they are."""
    families, sites, tables, rules, objects = Places(), Places(), Places(), Places(), Places()
    severities, targets = Places(one.value for one in Severity), Places(one.target.value for one in page.readiness)
    told = []
    for row in page.findings.to_dict("records"):
        whose = visible(row["guid"] if isinstance(row["guid"], str) else row["dn"])
        site = sites.of(row["site"], visible(row["site"])) if isinstance(row["site"], str) else -1
        rule = (row["rule"], families.of(row["family"], row["family"]), visible(row["remediation"]), visible(row["cmdlet"]))
        table = tables.of(row["table"], report.header(row["table"]))
        who = [visible(str(row["identity"])), table, visible(str(row["dn"])), whose, site]
        places = (
            objects.of((row["table"], whose), who),
            rules.of(row["rule"], rule),
            severities.of(row["severity"], row["severity"]),
        )
        told.append([*places, visible(row["message"]), sum(1 << targets.of(one, one) for one in row["targets"]), *_said(row)])
    return {
        "target": page.target.value,
        "severities": severities.values,
        "targets": targets.values,
        "families": families.values,
        "sites": sites.values,
        "tables": tables.values,
        "rules": rules.values,
        "objects": objects.values,
        "waves": {wave.value: WAVES[wave] for wave in Wave},
        "findings": told,
    }


def _said(row: Mapping[Hashable, Any]) -> Iterator[Any]:
    """What the section of an object says of a finding beside its message: why, how sure, what moves, what was looked at."""
    yield visible(row["because"])
    yield row["certainty"]
    yield row["wave"]
    yield list(row["csv"])
    yield visible(row["waived"]) if isinstance(row["waived"], str) else ""
    yield [[report.header(name), cells.text(value)] for name, value in row["evidence"].items()]
