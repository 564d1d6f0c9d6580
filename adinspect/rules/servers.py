"""Exchange servers and their call routers: in every SIP URI UM dial plan, ready for TLS, and of a release that has UM."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pandas import DataFrame

from adinspect import distinguished_name, topology
from adinspect.finding import Certainty, Severity, Target, Wave
from adinspect.membership import among
from adinspect.rule import Need, rule


@rule("SRV-001", Severity.HIGH, Target.UM_LYNC, source="SEED", csv="12_um_service_set", needs=Need.EXCHANGE)
def server_missing_from_dial_plan(
    servers: Annotated[DataFrame, "um_role", "version_major", "version_minor"],
    server_dial_plans: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "uri_type"],
) -> DataFrame:
    """Exchange server {identity} does not serve every SIP URI UM dial plan.

    Lync may hand a call to any Exchange server: one answers only for the dial plans it was added to.

    Remediation: Add the missing dial plans; a plain list would overwrite those that are there.
    Cmdlet: Set-UMService -DialPlans @{Add=...}
    """
    lacking = _lacking(topology.um_servers(servers), server_dial_plans, dial_plans)
    unknown = lacking["version_major"].isna()
    return lacking.assign(
        certainty=np.where(unknown, Certainty.LIKELY.value, Certainty.CERTAIN.value),
        because=lacking["because"] + np.where(unknown, "; its version is not known, and Exchange 2019 has no UM", ""),
    )


@rule("SRV-002", Severity.HIGH, Target.UM_LYNC, source="SEED", csv="13_um_callrouter_set", needs=Need.EXCHANGE)
def call_router_missing_from_dial_plan(
    call_routers: Annotated[DataFrame, "server"],
    call_router_dial_plans: Annotated[DataFrame, "dial_plan"],
    servers: Annotated[DataFrame, "version_major", "version_minor"],
    dial_plans: Annotated[DataFrame, "uri_type"],
) -> DataFrame:
    """The UM call router of Exchange server {server_name} does not serve every SIP URI UM dial plan.

    Lync calls the call router first, which answers only for the dial plans it was added to.

    Remediation: Add the missing dial plans; a plain list would overwrite those that are there.
    Cmdlet: Set-UMCallRouterSettings -DialPlans @{Add=...}
    """
    without_um = servers.loc[~topology.has_um(servers), "dn"]
    lacking = _lacking(call_routers[~call_routers["server"].isin(without_um)], call_router_dial_plans, dial_plans)
    return lacking.assign(server_name=topology.server_names(lacking, servers))


def _lacking(hosts: DataFrame, links: DataFrame, dial_plans: DataFrame) -> DataFrame:
    """The hosts that do not serve every SIP URI UM dial plan; `because` names the dial plans that each lacks."""
    plans = topology.sip_uri_plans(dial_plans)[["dn", "identity"]].set_axis(["dial_plan", "plan_name"], axis="columns")
    served = links[["guid", "dial_plan"]].drop_duplicates()
    wanted = hosts[["guid"]].merge(plans, how="cross").merge(served, how="left", indicator="served")
    lacking = wanted[wanted["served"] == "left_only"]
    found = hosts[hosts["guid"].isin(lacking["guid"])]
    return found.assign(
        because="it does not serve " + topology.listed(lacking, "plan_name", found["guid"]),
        evidence_missing_dial_plans=found["guid"].map(lacking.groupby("guid")["dial_plan"].agg(sorted)),
    )


SERVICES = {"servers": "UM service", "call_routers": "UM call router"}
"""What people call the service, by the kind of host."""

MODES = {topology.TCP: "TCP", topology.TLS: "TLS", topology.DUAL: "Dual"}
"""What people call a startup mode."""

STARTUP_CSV = {"servers": ("12_um_service_set",), "call_routers": ("13_um_callrouter_set",)}
"""Which bulk CSV sets the startup mode, by the kind of host."""


@rule(
    "SRV-003",
    Severity.HIGH,
    Target.UM_LYNC,
    source="SEED",
    csv=("12_um_service_set", "13_um_callrouter_set"),
    needs=Need.EXCHANGE,
)
def startup_mode_not_dual(
    um_hosts: Annotated[DataFrame, "server_name", "startup_mode"],
    server_dial_plans: Annotated[DataFrame, "dial_plan"],
    call_router_dial_plans: Annotated[DataFrame, "dial_plan"],
    dial_plans: Annotated[DataFrame, "uri_type"],
) -> DataFrame:
    """The {service} of Exchange server {server_name} starts in {mode} mode, not in Dual mode.

    Lync needs TLS, and other gateways of the same server may need TCP: Dual listens for both.

    Remediation: Assign a certificate that Lync trusts, set the startup mode to Dual, then restart MSExchangeUM on a Mailbox
    server and MSExchangeUMCR on a Client Access server.
    Cmdlet: Set-UMService -UMStartupMode Dual; Set-UMCallRouterSettings -UMStartupMode Dual; Restart-Service
    """
    links = pd.concat([server_dial_plans, call_router_dial_plans], ignore_index=True)
    sip = links["dial_plan"].isin(topology.sip_uri_plans(dial_plans)["dn"])
    found = um_hosts[
        um_hosts["guid"].isin(links.loc[sip, "guid"]) & (um_hosts["startup_mode"].fillna(topology.TCP) != topology.DUAL)
    ]
    mode, unset = found["startup_mode"].fillna(topology.TCP), found["startup_mode"].isna()
    return found.assign(
        service=found["table"].map(SERVICES),
        mode=mode.map(MODES).fillna("an unknown"),
        severity=np.where(mode == topology.TLS, Severity.LOW.value, Severity.HIGH.value),
        certainty=np.where(unset, Certainty.LIKELY.value, Certainty.CERTAIN.value),
        because=np.where(unset, "msExchUMStartupMode is not set; Exchange's default is TCP", ""),
        csv=found["table"].map(STARTUP_CSV),
        evidence_startup_mode=found["startup_mode"],
    )


@rule("SRV-004", Severity.HIGH, Target.UM_LYNC, source="SEED, X-CRT", needs=Need.EXCHANGE)
def certificate_unassigned(
    um_certificates: Annotated[DataFrame, "server_name", "um_role", "startup_mode", "certificate_thumbprint"],
) -> DataFrame:
    """The {service} of Exchange server {server_name} starts in {mode} mode, and no certificate is assigned to it.

    Without one it cannot take a call over TLS. The UM service and the call router need one each, though it may be the same.

    Remediation: Assign a certificate that Lync trusts, then restart MSExchangeUM on a Mailbox server and MSExchangeUMCR on a
    Client Access server.
    Cmdlet: Enable-ExchangeCertificate -Services UM,UMCallRouter; Restart-Service
    """
    encrypting = um_certificates["startup_mode"].isin([topology.TLS, topology.DUAL]).astype(bool)
    found = um_certificates[encrypting & um_certificates["um_role"] & um_certificates["certificate_thumbprint"].isna()]
    return found.assign(
        service=found["table"].map(SERVICES),
        mode=found["startup_mode"].map(MODES),
        evidence_startup_mode=found["startup_mode"],
        evidence_certificate_thumbprint=found["certificate_thumbprint"],
    )


@rule("SRV-005", Severity.HIGH, source="X-DISC, L-CVM", wave=Wave.BLOCK, needs=Need.EXCHANGE)
def server_without_um_in_use(
    servers: Annotated[DataFrame, "version_major", "version_minor"],
    server_dial_plans: Annotated[DataFrame, "dial_plan"],
    mailbox_homes: Annotated[DataFrame, "server", ...],
    users: Annotated[DataFrame, "um_enabled", ...],
) -> DataFrame:
    """Exchange server {identity} is of a release without Unified Messaging, and {use}.

    Exchange 2019 and Subscription Edition have no Unified Messaging: no call is answered there.

    Remediation: Take the server out of the UM dial plans; move its users to Cloud Voicemail.
    Cmdlet: Set-UMService -DialPlans @{Remove=...}; Disable-UMMailbox; Set-CsUser -HostedVoiceMail $true
    """
    found = servers[~topology.has_um(servers)]
    enabled = among(mailbox_homes["guid"], users.loc[users["um_enabled"], "guid"])
    count = found["dn"].map(mailbox_homes.loc[enabled, "server"].value_counts()).fillna(0).astype(int)
    # a link to a dial plan that was deleted is served by nobody
    live = server_dial_plans[~server_dial_plans["dial_plan"].str.contains("\\0ADEL:", regex=False, na=False).astype(bool)]
    plans = live.assign(name=live["dial_plan"].map(distinguished_name.rdn_value, na_action="ignore"))
    names = topology.listed(plans, "name", found["guid"])
    home = "is the home of users enabled for UM: " + count.astype("str")
    use = ("serves UM dial plans: " + names).fillna("")
    use = use + np.where((use != "") & (count > 0), "; it ", "") + home.where(count > 0, "")
    return found.assign(use=use, evidence_dial_plans=names, evidence_um_users=count)[use != ""]
