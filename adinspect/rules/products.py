"""Server products: whether Microsoft still supports each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pandas import DataFrame

from adinspect import products
from adinspect.finding import Certainty, Severity
from adinspect.rule import rule
from adinspect.wording import told


@rule("MIG-001", Severity.HIGH, source="LIFE")
def product_out_of_support(
    server_products: Annotated[DataFrame, "product", "edge"],
    today: datetime,
) -> DataFrame:
    """{identity} runs {product}, which Microsoft supported until {supported_until}.

    It gets no fixes any more, security updates included, and is no base for a migration that takes months. A server that
    announces version 6 of Lync may run anything from Lync Server 2013 to Skype for Business Server Subscription Edition, so
    nothing is said of it.

    Remediation: Plan its replacement.
    Cmdlet: (none)
    """
    # what begins tomorrow in one time zone is over in none: the last day counts as supported to its end
    known = [product for product in products.shipped() if product.supported_until and product.supported_until < today.date()]
    ends = {product.name: str(product.supported_until) for product in known}
    bought = [product.name for product in known if product.updates_until and product.updates_until >= today.date()]
    over = server_products[server_products["product"].isin(list(ends))]
    doubts = {
        "an Edge server shows the version it had when it was subscribed, not what it was updated to since": over["edge"],
        "security updates beyond that day can be bought, which is not in the directory": over["product"].isin(bought),
    }
    because = told(doubts, over)
    return over.assign(
        supported_until=over["product"].map(ends),
        because=because,
        certainty=(because == "").map({True: Certainty.CERTAIN.value, False: Certainty.LIKELY.value}),
    )
