from __future__ import annotations

import itertools

from sample_page import paths

from adinspect.call_paths import LAYERS, CallPaths, Joint, Link, Stop
from adinspect.export import layered
from adinspect.export.layered import HEIGHT, MOST, WIDTH, Drawing


def crossed(drawing: Drawing) -> int:
    """How many pairs of curves between the same layers cross."""
    at = {box.stop.key: box.y for box in drawing.boxes}
    ends = [(curve.link.start[0], at[curve.link.start], at[curve.link.end]) for curve in drawing.curves]
    return sum(
        one[0] == other[0] and (one[1] - other[1]) * (one[2] - other[2]) < 0 for one, other in itertools.combinations(ends, 2)
    )


def chain(count: int, broken: int = -1) -> CallPaths:
    """So many chains from pool to server, the ends of each in the opposite order; the hunt group of one leads nowhere."""
    stops, links = [], []
    for number in range(count):
        names = [(layer, f"{place}{count - number if place % 2 else number:04}") for place, layer in enumerate(LAYERS)]
        stops += [Stop(name, layer, name) for layer, name in names]
        pairs = itertools.pairwise(name for _, name in names)
        links += [
            Link(start, end, Joint.BROKEN if number == broken and place == 2 else Joint.HOLDS, "")
            for place, (start, end) in enumerate(pairs)
        ]
    return CallPaths(tuple(stops), tuple(links))


def test_layers_stand_from_left_to_right_and_no_box_covers_another() -> None:
    drawing = layered.draw(paths())
    left = {box.stop.layer: box.x for box in drawing.boxes}
    assert [left[layer] for layer in LAYERS] == sorted(left.values())
    for one, other in itertools.combinations(drawing.boxes, 2):
        assert one.x != other.x or abs(one.y - other.y) >= HEIGHT
    assert all(box.x + WIDTH <= drawing.width and box.y + HEIGHT <= drawing.height for box in drawing.boxes)


def test_links_that_need_not_cross_do_not() -> None:
    assert crossed(layered.draw(chain(8))) == 0


def test_of_five_hundred_objects_the_broken_ones_are_shown_with_what_they_are_linked_to() -> None:
    drawing = layered.draw(chain(100, broken=77))
    shown = {box.stop.key for box in drawing.boxes}
    assert (len(shown), drawing.of) == (5 * MOST, 500)
    assert [curve.link.end for curve in drawing.curves if curve.link.joint is Joint.BROKEN] == ["30023"]
    assert drawing.height < 20 * (HEIGHT + 30)


def test_nothing_gives_an_empty_picture() -> None:
    assert layered.draw(CallPaths((), ())).boxes == ()
