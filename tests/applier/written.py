"""What a row changes: the columns of a snapshot that are others once it was run, and which of them cannot be taken back."""

from __future__ import annotations

from collections.abc import Mapping

OF_A_HUNT_GROUP = ("guid", "dn", "identity", "name", "gateway", "pilot", "dial_plan")
"""All columns of table hunt_groups: a hunt group is made and deleted as a whole."""

WRITES: Mapping[tuple[str, str], set[tuple[str, str]]] = {
    ("Enable-CsUser", "Identity"): {
        ("proxy_addresses", ""),
        *(("users", one) for one in ("sip_address", "sip_enabled", "pool_service", "deployment_locator", "option_flags")),
    },
    ("Set-CsUser", "EnterpriseVoiceEnabled"): {("users", "option_flags"), ("users", "enterprise_voice")},
    ("Set-CsUser", "LineURI"): {("users", "line_uri")},
    ("Set-CsUser", "HostedVoiceMail"): {("voice_mail_settings", "")},
    **{
        (cmdlet, "PolicyName"): {("user_policies", "")}
        for cmdlet in ("Grant-CsDialPlan", "Grant-CsVoicePolicy", "Grant-CsHostedVoicemailPolicy")
    },
    **{
        (cmdlet, "Identity"): {
            *(("proxy_addresses", ""), ("voice_mail_settings", "")),
            *(("users", one) for one in ("um_flags", "um_enabled", "um_voice_access", "um_dial_plan", "um_mailbox_policy")),
        }
        for cmdlet in ("Enable-UMMailbox", "Disable-UMMailbox")
    },
    ("Set-UMMailbox", "UMMailboxPolicy"): {("users", "um_mailbox_policy")},
    ("Set-UMMailbox", "FaxEnabled"): {("users", "um_flags"), ("users", "um_fax")},
    ("Move-CsUser", "Target"): {("users", "deployment_locator"), ("users", "pool_service")},
    ("Set-Mailbox", "Add"): {("proxy_addresses", "")},
    ("Set-Mailbox", "Remove"): {("proxy_addresses", "")},
    ("Remove-UMHuntGroup", "Identity"): {("hunt_groups", one) for one in OF_A_HUNT_GROUP},
    ("Set-UMIPGateway", "OutcallsAllowed"): {("gateways", "outgoing_calls_allowed")},
    ("Set-UMIPGateway", "Port"): {("gateways", "port")},
    ("Set-UMIPGateway", "Address"): {("gateways", "address")},
    **{("Set-UMService", f"DialPlans{one}"): {("server_dial_plans", "")} for one in ("Add", "Remove")},
    ("Set-UMService", "UMStartupMode"): {("servers", "startup_mode")},
    **{("Set-UMCallRouterSettings", f"DialPlans{one}"): {("call_router_dial_plans", "")} for one in ("Add", "Remove")},
    ("Set-UMCallRouterSettings", "UMStartupMode"): {("call_routers", "startup_mode")},
    ("Set-UMDialPlan", "VoIPSecurity"): {("dial_plans", "voip_security")},
    ("Set-UMDialPlan", "FaxEnabled"): {("dial_plans", "fax_enabled")},
    **{("Set-UMDialPlan", f"AccessTelephoneNumbers{one}"): {("dial_plan_numbers", "")} for one in ("Add", "Remove")},
}
"""The columns of tables that each parameter of a cmdlet changes."""

LOST: Mapping[str, set[tuple[str, str]]] = {
    "09_um_huntgroup_remove": WRITES["Remove-UMHuntGroup", "Identity"],
    "20_cs_user_enable": {("users", "deployment_locator")},
    "29_um_mailbox_disable": WRITES["Disable-UMMailbox", "Identity"] | {("cs_users", "hosted_voice_mail")},
    "25_cs_hostedvm_set": {("voice_mail_settings", ""), ("cs_users", "hosted_voice_mail")},
    "30_um_mailbox_enable": {
        *(("users", "um_flags"), ("users", "um_voice_access")),
        *(("voice_mail_settings", ""), ("cs_users", "hosted_voice_mail")),
    },
    "41_teams_number": {("teams_users", "enterprise_voice")},
}
"""What the manifest says in words that a rollback of a file does not bring back, as columns of tables."""
