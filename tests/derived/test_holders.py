from __future__ import annotations

from adinspect.derived import holders
from adinspect.testing import table


def named(text: str) -> list[str | None]:
    rows = table(text)
    rows["side"] = rows["side"].fillna("") if "side" in rows else ""
    return [text if isinstance(text, str) else None for text in holders.others(rows)]


def test_each_holder_of_a_value_is_told_all_the_others_in_order() -> None:
    assert named("""
        guid | value | label
        3    | x     | Cy
        1    | x     | Ada
        2    | x     | Bo
        4    | y     | Di
        5    | -     | Ed
        6    | -     | Fay
    """) == ["Ada, Bo", "Bo, Cy", "Ada, Cy", None, None, None]


def test_an_object_that_holds_a_value_twice_is_no_other_of_itself() -> None:
    assert named("guid | value | label\n1 | x | line\n1 | x | private line") == [None, None]
    assert named("guid | value | label\n1 | x | line\n1 | x | private line\n2 | x | Bo") == ["Bo", "Bo", "line"]


def test_a_service_and_its_contact_are_meant_to_hold_the_same() -> None:
    assert named("guid | value | label | side\n1 | x | HQ | service\n2 | x | OVA | contact") == [None, None]
    assert named("""
        guid | value | label | side
        1    | x     | HQ    | service
        2    | x     | OVA   | contact
        3    | x     | Ada   | -
    """) == ["Ada", "Ada", "HQ, OVA"]
    assert named("""
        guid | value | label | side
        1    | x     | HQ    | service
        2    | x     | Menu  | service
        3    | x     | OVA   | contact
        4    | x     | Old   | contact
    """) == ["Menu", "HQ", "Old", "OVA"]


def test_a_value_of_very_many_holders_does_not_name_them_all() -> None:
    count = holders.NAMED + 5
    lines = "\n".join(f"{number} | x | user {number:04}" for number in range(count))
    told = named(f"guid | value | label\n{lines}")
    assert told[0] is not None
    assert told[0].startswith("user 0001, user 0002, ")
    assert told[0].endswith(f"user {holders.NAMED:04} and {count - 1 - holders.NAMED} more")
    exactly = named("guid | value | label\n" + "\n".join(lines.splitlines()[: holders.NAMED + 1]))
    assert exactly[0] is not None
    assert exactly[0].endswith(f"user {holders.NAMED:04}")


def test_the_others_of_very_many_are_the_first_of_them_wherever_one_stands() -> None:
    count = holders.NAMED + 5
    sides = ["service" if number == 3 else "contact" if number > count - 3 else "-" for number in range(count)]
    lines = "\n".join(f"{number} | x | {number:04} | {side}" for number, side in enumerate(sides))
    told = named(f"guid | value | label | side\n{lines}")
    pairs = {("service", "contact"), ("contact", "service")}
    for place, side in enumerate(sides):
        others = [f"{other:04}" for other in range(count) if other != place and (side, sides[other]) not in pairs]
        more = len(others) - holders.NAMED
        assert told[place] == ", ".join(others[: holders.NAMED]) + (f" and {more} more" if more > 0 else "")
