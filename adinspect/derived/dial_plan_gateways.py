"""Which UM IP gateway leads into which UM dial plan: the hunt groups between them, resolved."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect.derived import derived


@derived
def dial_plan_gateways(
    gateways: Annotated[DataFrame, "dn"],
    hunt_groups: Annotated[DataFrame, "gateway", "dial_plan"],
    dial_plans: Annotated[DataFrame, "dn"],
) -> DataFrame:
    """One row for each UM IP gateway and UM dial plan that a hunt group joins, however many hunt groups do.

    guid, dn and identity are the gateway's; `dial_plan` is the DN of a dial plan that exists.
    """
    live = hunt_groups[hunt_groups["dial_plan"].isin(dial_plans["dn"])]
    links = live[["gateway", "dial_plan"]].drop_duplicates()
    return gateways.merge(links, left_on="dn", right_on="gateway").drop(columns="gateway")
