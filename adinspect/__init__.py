"""Inspect the enterprise-voice state of an Active Directory forest, and prepare its change."""
