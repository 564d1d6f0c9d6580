"""Each user's place in Exchange UM: the links to a UM dial plan and a UM mailbox policy, resolved, and the EUM addresses."""

from __future__ import annotations

from typing import Annotated

from pandas import DataFrame

from adinspect import addresses, topology, voice
from adinspect.derived import derived


@derived
def um_users(
    users: Annotated[DataFrame, "um_enabled", "um_dial_plan", "um_mailbox_policy", "deployment_locator?", "object_class"],
    mailbox_policies: Annotated[DataFrame, "dn", "dial_plan"],
    dial_plans: Annotated[DataFrame, "dn", "uri_type", "phone_context", "extension_digits"],
) -> DataFrame:
    """One row a user.

    `um_here` (bool): enabled for UM, not homed online, and no contact that stands for another forest's user: the users whose
    UM state can be judged. `um_dial_plan` and `um_mailbox_policy` are the user's own links (DNs, as stored), `plan_found` and
    `policy_found` (bool) whether they lead to an object that exists, `policy` its name, `policy_plan` the DN of the dial plan
    of that policy and `policy_plan_name` its name, where it exists.

    `dial_plan` is the plan in effect, missing where it cannot be known: the user's own, else the policy's (users of Exchange
    2007 and 2010 may have no link of their own). `dial_plan_name`, `uri_type` (1 telephone extension, 2 E.164, 3 SIP URI),
    `phone_context` and `extension_digits` are that plan's.
    """
    plans, policies = dial_plans.set_index("dn"), mailbox_policies.set_index("dn")
    text = dial_plans["dn"].dtype
    plan_found, policy_found = users["um_dial_plan"].isin(plans.index), users["um_mailbox_policy"].isin(policies.index)
    policy_plan = users["um_mailbox_policy"].map(policies["dial_plan"])
    policy_plan = policy_plan.where(policy_plan.isin(plans.index)).astype(text)
    plan = users["um_dial_plan"].where(plan_found).fillna(policy_plan)
    here = users["um_enabled"] & ~voice.online(users) & ~voice.mailbox_elsewhere(users)
    return users[["guid", "dn", "identity", "um_dial_plan", "um_mailbox_policy"]].assign(
        um_here=here,
        plan_found=plan_found,
        policy_found=policy_found,
        policy=users["um_mailbox_policy"].map(policies["identity"]).astype(text),
        policy_plan=policy_plan,
        policy_plan_name=policy_plan.map(plans["identity"]).astype(text),
        dial_plan=plan,
        dial_plan_name=plan.map(plans["identity"]).astype(text),
        uri_type=plan.map(plans["uri_type"]).astype("Int64"),
        sip_uri=plan.isin(topology.sip_uri_plans(dial_plans)["dn"]),
        phone_context=plan.map(plans["phone_context"]).astype(text),
        extension_digits=plan.map(plans["extension_digits"]).astype("Int64"),
    )


@derived
def eum_addresses(
    um_users: Annotated[DataFrame, "dial_plan", "phone_context", "extension_digits"],
    proxy_addresses: Annotated[DataFrame, "address"],
    dial_plan_equivalents: Annotated[DataFrame, "phone_context?"],
) -> DataFrame:
    """One row an EUM proxy address of a user, whether or not the user is enabled for UM.

    `eum` is the address as stored; `primary` (bool), `address`, `context` and `kind` are its parts (addresses.eum; `kind` is
    missing where the form is invalid). `own` (bool): the context is that of the user's dial plan in effect, or one the plan
    names as equivalent, without regard to case. `foreign` (bool): it is neither, although the plan has a context. Both are
    false where the plan or its context is not known. `plan_digits` (Int64) is the number of digits of the plan's extensions.
    """
    proxies = proxy_addresses[addresses.is_eum(proxy_addresses["address"])]
    proxies = proxies[["guid"]].assign(eum=proxies["address"], **addresses.eum(proxies["address"]))
    rows = um_users.merge(proxies, on="guid")
    context = rows["context"].str.lower()
    keys = dial_plan_equivalents["phone_context"].str.lower()
    plans = DataFrame({"dial_plan": dial_plan_equivalents["dn"], "key": keys})
    equal = plans.dropna().drop_duplicates().assign(equivalent=True)
    equivalent = rows[["dial_plan"]].assign(key=context).merge(equal, on=["dial_plan", "key"], how="left")["equivalent"].notna()
    own = (context == rows["phone_context"].str.lower()) | equivalent
    foreign = context.notna() & rows["phone_context"].notna() & ~own
    columns = ["guid", "dn", "identity", "eum", "primary", "address", "context", "kind"]
    return rows[columns].assign(own=own, foreign=foreign, plan_digits=rows["extension_digits"])
