"""Whole forests on a real directory, for both accounts: a clean one, Exchange without Lync, and Lync without Exchange."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import pytest
from lab import Account, build, default_cache, forest, running
from lab.planted import TARGETS, planted, rdn_values
from live_snapshots import take_live, told

from adinspect import rules
from adinspect.assess import Assessment, assess
from adinspect.finding import Target
from adinspect.profile import Elsewhere, Profile
from adinspect.snapshot import Snapshot

ADMINISTRATOR, READER = forest.ADMINISTRATOR.name, forest.READER.name
ACCOUNTS = (ADMINISTRATOR, READER)
CLEAN, EXCHANGE_ALONE, EXCHANGE_PREPARED, EXCHANGE_WITH_PBX, LYNC_ALONE = (
    "clean",
    "Exchange alone",
    "Exchange in a schema for Lync",
    "Exchange with a PBX",
    "Lync alone",
)
FORESTS = {
    CLEAN: forest.CLEAN,
    EXCHANGE_ALONE: forest.EXCHANGE_ALONE,
    EXCHANGE_PREPARED: forest.EXCHANGE_PREPARED,
    LYNC_ALONE: forest.LYNC_ALONE,
}
URI_TYPE = "msExchUMDialPlanURIType"
TO_A_PBX = "\n".join(
    f"dn: CN={plan},{forest.NAMES['DIAL_PLANS']}\nchangetype: modify\nreplace: {URI_TYPE}\n{URI_TYPE}: 1\n"
    for plan in ("Seattle", "London")
)

# What each of the accounts in clean/41-blind-accounts.ldif does not see: a table, or a column of users on everybody.
BLIND = {
    "blind.parts": {("mailbox_policies", ""), ("contacts", ""), ("trusted_services", ""), ("certification_authorities", "")},
    "blind.plans": {("dial_plans", "")},
    "blind.lync": {("users", name) for name in ("sip_address", "sip_enabled", "line_uri", "deployment_locator", "pool_service")},
    "blind.um": {("users", name) for name in ("um_flags", "um_dial_plan", "um_mailbox_policy")},
}

Judge = Callable[..., Assessment]
Told = tuple[str, str, str, str]

FOREST = "contoso"  # the RDN value of DC=contoso,DC=example
OUT_OF_SUPPORT: set[Told] = {("MIG-001", server, "high", "certain") for server in ("EX16A", "EX16B")}
VOICE_USERS = ("ok.seattle", "ok.ext1", "ok.ext2", "ok.flags384", "ok.inetorg", "ok.london")

NO_POOL = "no Lync / Skype for Business pool is in sight"
NO_EXCHANGE = "no Exchange organization is in sight"
ELSEWHERE = "the profile says that Lync lives in another forest"
NO_SCHEMA = "is not in the forest's schema"

NEED_A_POOL = {"TOP-004", "GW-001", "GW-007", "HG-002", "HG-003"}
OF_A_USERS_UM = {
    *("USR-003", "USR-004", "USR-005", "USR-010", "USR-011", "USR-012", "USR-015", "USR-016", "USR-017", "CNS-005", "CNS-006"),
    *("CNS-007", "CNS-008", "CNS-014", "CNS-017", "CNS-019", "CNS-021", "CNS-022", "MIG-009", "MIG-010", "MIG-020"),
}
LOOK_AT_NO_POOL = {"USR-001", "USR-002", "USR-006", "USR-020", "CNS-020"}


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], Snapshot]:
    """Each forest as each account sees it; one domain controller after the other."""
    snapshots = {}
    for name, made_of in FORESTS.items():
        with running(build(default_cache(), made_of)) as lab:
            blind = [Account(account, lab.reader.password) for account in BLIND] if name == CLEAN else []
            for account in (lab.administrator, lab.reader, *blind):
                snapshots[name, account.name] = take_live(lab, account, tmp_path_factory.mktemp("store"))
            if name == EXCHANGE_PREPARED:
                lab.modify(TO_A_PBX)
                snapshots[EXCHANGE_WITH_PBX, ADMINISTRATOR] = take_live(lab, lab.administrator, tmp_path_factory.mktemp("store"))
    return snapshots


@pytest.fixture(scope="module")
def judged(taken: Mapping[tuple[str, str], Snapshot]) -> Judge:
    """What is told of a forest, to an account, for a target, with what the profile says of the other product's forest."""

    @cache
    def judge(name: str, account: str, target: Target = Target.UM_LYNC, other: Elsewhere = Elsewhere.UNKNOWN) -> Assessment:
        one = taken[name, account]
        profile = Profile(exchange_forest=other) if name == LYNC_ALONE else Profile(lync_forest=other)
        return assess(one.tables, one.visibility, target=target, today=one.taken, profile=profile)

    return judge


def named(assessment: Assessment) -> set[Told]:
    """Every finding: rule, RDN value of the object, severity, certainty."""
    return {(rule, rdn_values(dn)[0], severity, certainty) for rule, dn, severity, certainty in told(assessment)}


def skipped(assessment: Assessment, reason: str) -> set[str]:
    """The rules that were skipped for a reason."""
    rows = assessment.skipped
    return set(rows.loc[rows["reason"].str.contains(reason, regex=False), "rule"])


def family(*prefixes: str) -> set[str]:
    return {code for code, rule in rules.shipped().items() if code.startswith(prefixes) and Target.UM_LYNC in rule.targets}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_of_a_clean_forest_only_products_out_of_support_are_told(judged: Judge, account: str) -> None:
    assert named(judged(CLEAN, account)) == OUT_OF_SUPPORT


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("target", [Target.SFB_CLOUD_VOICEMAIL, Target.TEAMS_PHONE])
def test_of_a_clean_forest_another_target_is_told_what_ends_with_it_alone(judged: Judge, account: str, target: Target) -> None:
    """That two users share a base number, each with an extension, is right, and told of where numbers move to Teams."""
    on_premises = {code for code, rule in rules.shipped().items() if Target.UM_LYNC in rule.targets}
    found = {one for one in named(judged(CLEAN, account, target)) if one[0] in on_premises}
    shared = {("CNS-004", user, "info", "certain") for user in ("ok.ext1", "ok.ext2")}
    assert found == OUT_OF_SUPPORT | (shared if target is Target.TEAMS_PHONE else set())


@pytest.mark.parametrize("target", Target)
def test_of_a_clean_forest_every_rule_is_judged_whole_for_the_administrator(judged: Judge, target: Target) -> None:
    assessment = judged(CLEAN, ADMINISTRATOR, target)
    asks_for_more = assessment.skipped["reason"].str.contains("supplied|the profile does not say|earlier snapshot")
    assert assessment.skipped[~asks_for_more].to_dict("records") == []
    coverage = assessment.coverage
    assert coverage[coverage["judged"] < coverage["of"]].to_dict("records") == []


def test_of_a_clean_forest_the_ordinary_account_is_told_what_was_not_judged(judged: Judge) -> None:
    assessment = judged(CLEAN, READER)
    gateways = "this account may not list CN=UM IPGateway Container"
    assert skipped(assessment, gateways) == family("GW", "HG") | {"DP-006", "DP-012"}
    coverage = assessment.coverage.set_index("rule")
    for code in ("USR-007", "USR-008", "USR-009", "CNS-003"):
        assert coverage.loc[code, "judged"] < coverage.loc[code, "of"], code
    assert "msRTCSIP-Line" in coverage.loc["USR-009", "note"]
    assert "msExchUCVoiceMailSettings" in coverage.loc["USR-003", "note"]


@pytest.mark.parametrize("account", BLIND)
def test_whatever_an_account_does_not_see_of_a_clean_forest_is_not_called_missing(
    taken: Mapping[tuple[str, str], Snapshot], judged: Judge, account: str
) -> None:
    unseen = taken[CLEAN, account].visibility
    assert BLIND[account] <= set(unseen[["table", "column"]].itertuples(index=False, name=None))
    assert named(judged(CLEAN, account)) == OUT_OF_SUPPORT


NO_LYNC: Mapping[tuple[str, Elsewhere], set[Told]] = {
    (EXCHANGE_ALONE, Elsewhere.UNKNOWN): {
        ("TOP-001", FOREST, "critical", "likely"),
        ("TOP-002", FOREST, "critical", "certain"),
    },
    (EXCHANGE_ALONE, Elsewhere.THIS): {
        ("TOP-001", FOREST, "critical", "certain"),
        ("TOP-002", FOREST, "critical", "certain"),
    },
    (EXCHANGE_ALONE, Elsewhere.OTHER): {("TOP-002", FOREST, "info", "certain")},
    (EXCHANGE_PREPARED, Elsewhere.UNKNOWN): {
        ("TOP-001", FOREST, "critical", "likely"),
        *(("USR-001", user, "high", "certain") for user in VOICE_USERS),
    },
    (EXCHANGE_PREPARED, Elsewhere.THIS): {
        ("TOP-001", FOREST, "critical", "certain"),
        *(("USR-001", user, "high", "certain") for user in VOICE_USERS),
    },
    (EXCHANGE_PREPARED, Elsewhere.OTHER): set(),
}


@pytest.mark.parametrize(("name", "lync_forest"), NO_LYNC)
def test_of_exchange_without_lync_what_is_told(judged: Judge, name: str, lync_forest: Elsewhere) -> None:
    """Its UM dial plans, servers and users are as they should be for a Lync that lives in another forest."""
    assert named(judged(name, ADMINISTRATOR, other=lync_forest)) == OUT_OF_SUPPORT | NO_LYNC[name, lync_forest]


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize(("name", "lync_forest"), NO_LYNC)
def test_of_exchange_without_lync_what_is_not_judged(judged: Judge, account: str, name: str, lync_forest: Elsewhere) -> None:
    assessment = judged(name, account, other=lync_forest)
    assert skipped(assessment, NO_POOL) >= NEED_A_POOL | family("POOL", "CON")
    elsewhere = LOOK_AT_NO_POOL | {"TOP-001"} if lync_forest is Elsewhere.OTHER else set()
    assert skipped(assessment, ELSEWHERE) == elsewhere
    if name == EXCHANGE_ALONE:
        assert {"CNS-001", "CNS-013", "CNS-015", "USR-007", "USR-009"} <= skipped(assessment, NO_SCHEMA)
    else:
        assert skipped(assessment, NO_SCHEMA) == set()
        assert ("CNS-015" in set(assessment.skipped["rule"])) is (lync_forest is not Elsewhere.THIS)


def test_a_forest_whose_um_dial_plans_are_all_of_a_pbx_has_none_for_lync(judged: Judge) -> None:
    """Its servers and auto attendants are still in these plans, where a Lync in another forest does not reach them."""
    found = named(judged(EXCHANGE_WITH_PBX, ADMINISTRATOR, other=Elsewhere.OTHER))
    assert found == OUT_OF_SUPPORT | {
        ("DP-001", FOREST, "critical", "certain"),
        *(("DP-013", plan, "medium", "certain") for plan in ("Seattle", "London")),
        *(("AA-002", attendant, "medium", "certain") for attendant in ("Main", "Reception", "Night")),
    }


OF_LYNC_ALONE: set[Told] = {("POOL-001", FOREST, "high", "certain"), ("POOL-002", FOREST, "medium", "likely")}


@pytest.mark.parametrize("exchange_forest", Elsewhere)
def test_of_lync_without_exchange_what_is_told(judged: Judge, exchange_forest: Elsewhere) -> None:
    """It has neither a Mediation Server nor a gateway; nothing is said of mailboxes and Unified Messaging, wherever they are."""
    assert named(judged(LYNC_ALONE, ADMINISTRATOR, other=exchange_forest)) == OF_LYNC_ALONE


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("exchange_forest", Elsewhere)
def test_of_lync_without_exchange_what_is_not_judged(judged: Judge, account: str, exchange_forest: Elsewhere) -> None:
    of_um = OF_A_USERS_UM & family("USR", "CNS", "MIG")
    needing = family("DP", "GW", "HG", "AA", "POL-", "SRV", "CON") | of_um
    needing -= {"DP-015"}  # it needs a side input, and says so first
    assessment = judged(LYNC_ALONE, account, other=exchange_forest)
    assert skipped(assessment, NO_EXCHANGE) >= needing
    assert skipped(assessment, "who should have voice is not known") == {"USR-001", "USR-006"}


def test_pools_that_the_ordinary_account_may_not_see_are_not_called_missing(judged: Judge) -> None:
    assessment = judged(LYNC_ALONE, READER, other=Elsewhere.THIS)
    hidden = skipped(assessment, "this account may not list CN=Pools")
    assert {"TOP-001", "TOP-004", "POOL-001", "POOL-002", "CNS-015"} <= hidden
    assert named(assessment) == set()


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("name", FORESTS)
def test_the_ordinary_account_is_told_of_nothing_missing_that_exists(judged: Judge, name: str, target: Target) -> None:
    """What it is told beyond the administrator is that it cannot see."""
    surplus = told(judged(name, READER, target)) - told(judged(name, ADMINISTRATOR, target))
    blind = {("TOP-003", forest.DOMAIN, "high", "certain")}
    assert surplus == (blind if name in {EXCHANGE_ALONE, EXCHANGE_PREPARED} else set())


def test_every_rule_that_needs_the_directory_alone_finds_something_in_the_lab(judged: Judge) -> None:
    of_broken = {one.rule for target in TARGETS for one in planted(target)}
    of_others = {
        one[0] for name in FORESTS for account in ACCOUNTS for target in Target for one in told(judged(name, account, target))
    }
    of_pbx = {one[0] for one in told(judged(EXCHANGE_WITH_PBX, ADMINISTRATOR))}
    asking = [skipped(judged(CLEAN, ADMINISTRATOR, target), "supplied") for target in Target]
    assert set(rules.shipped()) - set().union(*asking) - of_broken - of_others - of_pbx == set()
