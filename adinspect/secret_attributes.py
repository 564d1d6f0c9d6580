"""The attributes that hold secrets: never asked for, stored or shown, whatever a query file or an export says."""

_NAMES = """
    unicodePwd dBCSPwd supplementalCredentials ntPwdHistory lmPwdHistory userPassword unixUserPassword msSFU30Password
    currentValue priorValue initialAuthIncoming initialAuthOutgoing trustAuthIncoming trustAuthOutgoing pekList
    ms-Mcs-AdmPwd msLAPS-Password msLAPS-EncryptedPassword msLAPS-EncryptedPasswordHistory msLAPS-EncryptedDSRMPassword
    msLAPS-EncryptedDSRMPasswordHistory msDS-ManagedPassword msDS-ManagedPasswordId msDS-ManagedPasswordPreviousId
    msFVE-RecoveryPassword msFVE-KeyPackage msTPM-OwnerInformation msPKIAccountCredentials msPKIDPAPIMasterKeys
    msExchUMPinChecksum msExchUMSpokenName msRTCSIP-AcpInfo
"""

SECRET_ATTRIBUTES = frozenset(_NAMES.lower().split())
"""Lower-cased names (MS-ADTS secret attributes; UM PIN checksum, spoken name, conference PINs)."""

KNOWN_BY_PRESENCE = frozenset({"msrtcsip-acpinfo"})
"""Those of which it may be asked, and kept, whether there is a value."""
