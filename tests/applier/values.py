"""Values of attributes that the applier reads and writes, and what they mean."""

from __future__ import annotations

ONLINE = "sipfed.online.lync.com"
HERE = "SRV:"

VOICE, UNIFIED_MESSAGING, FAX, MISSED_CALLS = 128, 1, 2, 1
"""Bits of msRTCSIP-OptionFlags, of msExchUMEnabledFlags (two), and of msExchUMServerWritableFlags."""

SIP_URI, E164 = 3, 2
"""Types of UM dial plans whose users have an identifier beside their extension."""

POLICIES = {"DialPlan": "71", "VoicePolicy": "72", "HostedVoicemailPolicy": "73"}
"""Properties of Get-CsUser, and the type that msRTCSIP-UserPolicies tells each by: made up, for Microsoft documents none."""
