"""The topology of Unified Messaging: what Get cmdlets show of it, and what others write: one function a cmdlet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from applier.active_directory import Entry
from applier.estate import CmdletError, Estate

MODES = ("TCP", "TLS", "Dual")
SECURITY = ("", "SIPSecured", "Unsecured", "Secured")
UM_ROLE = 16

Lists = Mapping[str, Sequence[str]]
"""What is added to a list and what removed from it."""


def _configured(estate: Estate, kind: str, identity: str) -> list[Entry]:
    """The object of a class with this objectGUID; without one, all of the class."""
    found = estate.directory.find(f"(objectClass={kind})", estate.directory.configuration)
    return [one for one in found if identity in ("", one.guid)]


def _one(estate: Estate, kind: str, identity: str) -> Entry:
    found = _configured(estate, kind, identity)
    if len(found) != 1:
        raise CmdletError(f"{kind} {identity} was not found")
    return found[0]


def _guids(estate: Estate, dns: Sequence[str]) -> list[str]:
    return [estate.directory.object(dn).guid for dn in dns]


def get_um_hunt_group(estate: Estate, identity: str) -> Iterator[Mapping[str, Any]]:
    for group in _configured(estate, "msExchUMHuntGroup", identity):
        plan = group.one("msExchUMHuntGroupDialPlanLink")
        yield {
            "Guid": group.guid,
            "Name": group.one("cn"),
            "UMDialPlan": estate.directory.object(plan).guid if plan else None,
            "UMIPGateway": estate.directory.object(_parent(group.dn)).guid,
            "PilotIdentifier": group.one("msExchUMPilotIdentifier"),
        }


def _parent(dn: str) -> str:
    """The DN of what an object of these classes stands in: their names have no comma."""
    return dn.partition(",")[2]


def get_um_ip_gateway(estate: Estate, identity: str) -> Iterator[Mapping[str, Any]]:
    for gateway in _configured(estate, "msExchUMIPGateway", identity):
        yield {
            "Guid": gateway.guid,
            "OutcallsAllowed": gateway.one("msExchUMOutcallsAllowed") != "FALSE",
            "Port": gateway.number("msExchUMIPGatewayPort"),
            "Address": gateway.one("msExchUMIPGatewayAddress"),
        }


def get_um_service(estate: Estate, identity: str) -> Iterator[Mapping[str, Any]]:
    for server in _configured(estate, "msExchExchangeServer", identity):
        if server.number("msExchCurrentServerRoles") & UM_ROLE:
            yield _service(estate, server)


def get_um_call_router_settings(estate: Estate, identity: str) -> Iterator[Mapping[str, Any]]:
    yield _service(estate, _call_router(estate, identity))


def _call_router(estate: Estate, server: str) -> Entry:
    host = _one(estate, "msExchExchangeServer", server)
    return estate.directory.object(f"CN=UMCallRouterSettings,CN=SIP,CN=Protocols,{host.dn}")


def _service(estate: Estate, one: Entry) -> Mapping[str, Any]:
    plans = _guids(estate, one.all("msExchUMServerDialPlanLink"))
    return {"Guid": one.guid, "DialPlans": plans, "UMStartupMode": MODES[one.number("msExchUMStartupMode")]}


def get_um_dial_plan(estate: Estate, identity: str) -> Iterator[Mapping[str, Any]]:
    for plan in _configured(estate, "msExchUMDialPlan", identity):
        yield {
            "Guid": plan.guid,
            "VoIPSecurity": SECURITY[int(plan.one("msExchUMDialPlanVoipSecurity") or SECURITY.index("Unsecured"))],
            "AccessTelephoneNumbers": plan.all("msExchUMVoiceMailPilotNumbers"),
            "FaxEnabled": plan.one("msExchUMFaxEnabled") != "FALSE",
        }


def remove_um_hunt_group(estate: Estate, *, Identity: str) -> None:
    estate.directory.remove(_one(estate, "msExchUMHuntGroup", Identity))


def new_um_hunt_group(
    estate: Estate, *, Name: str, UMDialPlan: str, UMIPGateway: str, PilotIdentifier: str | None = None
) -> None:
    plan, gateway = _one(estate, "msExchUMDialPlan", UMDialPlan), _one(estate, "msExchUMIPGateway", UMIPGateway)
    there = [one for one in get_um_hunt_group(estate, "") if one["UMIPGateway"] == gateway.guid]
    if any(PilotIdentifier and one["PilotIdentifier"] == PilotIdentifier for one in there):
        raise CmdletError(f"pilot identifier {PilotIdentifier} is that of another hunt group of {gateway.dn}")
    estate.directory.add(
        f"CN={Name},{gateway.dn}",
        {
            "objectClass": ["msExchUMHuntGroup"],
            "msExchUMHuntGroupDialPlanLink": [plan.dn],
            "msExchUMPilotIdentifier": [PilotIdentifier] if PilotIdentifier else [],
        },
    )


def set_um_ip_gateway(
    estate: Estate, *, Identity: str, OutcallsAllowed: bool | None = None, Port: str = "", Address: str = ""
) -> None:
    told = {
        "msExchUMOutcallsAllowed": None if OutcallsAllowed is None else str(OutcallsAllowed).upper(),
        "msExchUMIPGatewayPort": Port,
        "msExchUMIPGatewayAddress": Address,
    }
    gateway = _one(estate, "msExchUMIPGateway", Identity)
    estate.directory.change(gateway, {name: [value] for name, value in told.items() if value})


def set_um_service(estate: Estate, *, Identity: str, DialPlans: Lists | None = None, UMStartupMode: str = "") -> None:
    _set_service(estate, _one(estate, "msExchExchangeServer", Identity), DialPlans or {}, UMStartupMode)


def set_um_call_router_settings(estate: Estate, *, Server: str, DialPlans: Lists | None = None, UMStartupMode: str = "") -> None:
    _set_service(estate, _call_router(estate, Server), DialPlans or {}, UMStartupMode)


def _set_service(estate: Estate, one: Entry, plans: Lists, mode: str) -> None:
    dns = {kind: [_one(estate, "msExchUMDialPlan", guid).dn for guid in guids] for kind, guids in plans.items()}
    changes = {"msExchUMServerDialPlanLink": _changed(one.all("msExchUMServerDialPlanLink"), dns)} if plans else {}
    if mode:
        changes["msExchUMStartupMode"] = [str(MODES.index(mode))]
    estate.directory.change(one, changes)


def _changed(there: Sequence[str], told: Lists) -> list[str]:
    left = [one for one in there if one not in told.get("Remove", ())]
    return [*left, *(one for one in told.get("Add", ()) if one not in left)]


def set_um_dial_plan(
    estate: Estate,
    *,
    Identity: str,
    VoIPSecurity: str = "",
    AccessTelephoneNumbers: Lists | None = None,
    FaxEnabled: bool | None = None,
) -> None:
    plan = _one(estate, "msExchUMDialPlan", Identity)
    changes: dict[str, list[str]] = {}
    if VoIPSecurity:
        changes["msExchUMDialPlanVoipSecurity"] = [str(SECURITY.index(VoIPSecurity))]
    if AccessTelephoneNumbers:
        changes["msExchUMVoiceMailPilotNumbers"] = _changed(plan.all("msExchUMVoiceMailPilotNumbers"), AccessTelephoneNumbers)
    if FaxEnabled is not None:
        changes["msExchUMFaxEnabled"] = [str(FaxEnabled).upper()]
    estate.directory.change(plan, changes)


GET: Mapping[str, Callable[[Estate, str], Iterator[Mapping[str, Any]]]] = {
    "Get-UMHuntGroup": get_um_hunt_group,
    "Get-UMIPGateway": get_um_ip_gateway,
    "Get-UMService": get_um_service,
    "Get-UMCallRouterSettings": get_um_call_router_settings,
    "Get-UMDialPlan": get_um_dial_plan,
}

CMDLETS: Mapping[str, Callable[..., None]] = {
    "Remove-UMHuntGroup": remove_um_hunt_group,
    "New-UMHuntGroup": new_um_hunt_group,
    "Set-UMIPGateway": set_um_ip_gateway,
    "Set-UMService": set_um_service,
    "Set-UMCallRouterSettings": set_um_call_router_settings,
    "Set-UMDialPlan": set_um_dial_plan,
}
