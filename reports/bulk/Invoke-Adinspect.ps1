<#
.SYNOPSIS
Runs the bulk CSVs that adinspect wrote: one cmdlet a row, after a look at what is there.

.DESCRIPTION
The same script for everybody: what is to be changed stands in the CSVs alone, and which cmdlet a file is for
stands in this script alone. Nothing is changed without -Execute; then five rows of each file, until -All.

Before anything is run, every file is held against the SHA-256 that manifest.json lists. Before a row is run, its
object is read, and the row is refused where it is not the object, or not the value, that the row was made for.
What was read and what came of each row goes to Invoke-Adinspect-<time>.csv beside the files: keep it, it is
what lets rows be taken back.

Sign in to Exchange, Lync / Skype for Business or Microsoft Teams first, in the shell that runs this script.

.PARAMETER Folder
Folder with manifest.json and the CSVs; by default, where this script is.

.PARAMETER File
Run only this file of the manifest, such as 20_cs_user_enable.csv.

.PARAMETER Rollback
Take back: run the 90_ files, in the reverse order. Only rows that a log shows as done are taken back.

.PARAMETER Execute
Change. Without it, nothing is: cmdlets that have -WhatIf are called with it, the others are not called.

.PARAMETER All
Do not stop after five rows of a file.

.PARAMETER DomainController
The domain controller that every cmdlet is to read and change, where it has this parameter. Name one: what was
changed on one domain controller is not yet there on another.

.PARAMETER Resume
A log of an earlier run: rows that it shows as done are passed over.

.PARAMETER StopAfter
Stop after so many rows failed.

.PARAMETER HostedMigrationOverrideUrl
For Move-CsUser, where the administrator who signs in to Microsoft 365 is not of onmicrosoft.com.

.EXAMPLE
.\Invoke-Adinspect.ps1 -DomainController dc1.contoso.com

.EXAMPLE
.\Invoke-Adinspect.ps1 -File 21_cs_user_voice.csv -Execute -All -DomainController dc1.contoso.com
#>
[CmdletBinding()]
param(
    [string] $Folder = $PSScriptRoot,
    [string] $File = '',
    [switch] $Rollback,
    [switch] $Execute,
    [switch] $All,
    [string] $DomainController = '',
    [string] $Resume = '',
    [int] $StopAfter = 5,
    [string] $HostedMigrationOverrideUrl = ''
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$FirstRows = 5

# ---- Made by docs/make.py from the definitions of the bulk CSVs: change those, not this.
$Table = @{
    '09_um_huntgroup_remove.csv' = @{
        TakesBack = ''
        Cmdlet = 'Remove-UMHuntGroup'
        Get = 'Get-UMHuntGroup'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @(); Name = 'Name'; Kind = 'text'; Property = 'Name'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'UMIPGateway'; Kind = 'text'; Property = 'UMIPGateway'; Refers = 'Get-UMIPGateway'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'PilotIdentifier'; Kind = 'text'; Property = 'PilotIdentifier'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_09_um_huntgroup_remove.csv' = @{
        TakesBack = '09_um_huntgroup_remove.csv'
        Cmdlet = 'New-UMHuntGroup'
        Get = 'Get-UMHuntGroup'
        Key = '_ObjectGuid'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $false
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Name'; Kind = 'text'; Argument = 'Name'; Nullable = $true }
            @{ Name = 'UMDialPlan'; Kind = 'text'; Argument = 'UMDialPlan'; Nullable = $true }
            @{ Name = 'UMIPGateway'; Kind = 'text'; Argument = 'UMIPGateway'; Nullable = $true }
            @{ Name = 'PilotIdentifier'; Kind = 'text'; Argument = 'PilotIdentifier'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('Name'); Name = 'Name'; Kind = 'text'; Property = 'Name'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('UMIPGateway'); Name = 'UMIPGateway'; Kind = 'text'; Property = 'UMIPGateway'; Refers = 'Get-UMIPGateway'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('PilotIdentifier'); Name = 'PilotIdentifier'; Kind = 'text'; Property = 'PilotIdentifier'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '10_um_ipgateway_set.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-UMIPGateway'
        Get = 'Get-UMIPGateway'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'OutcallsAllowed'; Kind = 'bool'; Argument = 'OutcallsAllowed'; Nullable = $false }
            @{ Name = 'Port'; Kind = 'text'; Argument = 'Port'; Nullable = $false }
            @{ Name = 'Address'; Kind = 'text'; Argument = 'Address'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('OutcallsAllowed'); Name = 'OutcallsAllowed'; Kind = 'bool'; Property = 'OutcallsAllowed'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('Port'); Name = 'Port'; Kind = 'text'; Property = 'Port'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('Address'); Name = 'Address'; Kind = 'text'; Property = 'Address'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_10_um_ipgateway_set.csv' = @{
        TakesBack = '10_um_ipgateway_set.csv'
        Cmdlet = 'Set-UMIPGateway'
        Get = 'Get-UMIPGateway'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'OutcallsAllowed'; Kind = 'bool'; Argument = 'OutcallsAllowed'; Nullable = $true }
            @{ Name = 'Port'; Kind = 'text'; Argument = 'Port'; Nullable = $true }
            @{ Name = 'Address'; Kind = 'text'; Argument = 'Address'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('OutcallsAllowed'); Name = 'OutcallsAllowed'; Kind = 'bool'; Property = 'OutcallsAllowed'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('Port'); Name = 'Port'; Kind = 'text'; Property = 'Port'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('Address'); Name = 'Address'; Kind = 'text'; Property = 'Address'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '11_um_huntgroup_new.csv' = @{
        TakesBack = ''
        Cmdlet = 'New-UMHuntGroup'
        Get = 'Get-UMHuntGroup'
        Key = 'Name'
        GetBy = 'Name'
        Guid = ''
        FoundBefore = $false
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Name'; Kind = 'text'; Argument = 'Name'; Nullable = $false }
            @{ Name = 'UMDialPlan'; Kind = 'text'; Argument = 'UMDialPlan'; Nullable = $false }
            @{ Name = 'UMIPGateway'; Kind = 'text'; Argument = 'UMIPGateway'; Nullable = $false }
            @{ Name = 'PilotIdentifier'; Kind = 'text'; Argument = 'PilotIdentifier'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('UMDialPlan'); Name = 'UMDialPlan'; Kind = 'text'; Property = 'UMDialPlan'; Refers = 'Get-UMDialPlan'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('UMIPGateway'); Name = 'UMIPGateway'; Kind = 'text'; Property = 'UMIPGateway'; Refers = 'Get-UMIPGateway'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('PilotIdentifier'); Name = 'PilotIdentifier'; Kind = 'text'; Property = 'PilotIdentifier'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
            @{ Cell = 'UMDialPlan'; Given = @('UMDialPlan'); Name = 'UMDialPlan'; Kind = 'text'; Property = 'UMDialPlan'; Refers = 'Get-UMDialPlan'; FalseIsBlank = $false; Prefix = '' }
            @{ Cell = 'UMIPGateway'; Given = @('UMIPGateway'); Name = 'UMIPGateway'; Kind = 'text'; Property = 'UMIPGateway'; Refers = 'Get-UMIPGateway'; FalseIsBlank = $false; Prefix = '' }
        )
        FromFound = @()
    }
    '90_11_um_huntgroup_new.csv' = @{
        TakesBack = '11_um_huntgroup_new.csv'
        Cmdlet = 'Remove-UMHuntGroup'
        Get = 'Get-UMHuntGroup'
        Key = '_ObjectGuid'
        GetBy = 'Identity'
        Guid = ''
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
        )
        Checks = @(
            @{ Given = @(); Name = 'UMDialPlan'; Kind = 'text'; Property = 'UMDialPlan'; Refers = 'Get-UMDialPlan'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'UMIPGateway'; Kind = 'text'; Property = 'UMIPGateway'; Refers = 'Get-UMIPGateway'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'PilotIdentifier'; Kind = 'text'; Property = 'PilotIdentifier'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
            @{ Cell = '_Previous_UMDialPlan'; Given = @(); Name = 'UMDialPlan'; Kind = 'text'; Property = 'UMDialPlan'; Refers = 'Get-UMDialPlan'; FalseIsBlank = $false; Prefix = '' }
            @{ Cell = '_Previous_UMIPGateway'; Given = @(); Name = 'UMIPGateway'; Kind = 'text'; Property = 'UMIPGateway'; Refers = 'Get-UMIPGateway'; FalseIsBlank = $false; Prefix = '' }
        )
        FromFound = @(@{ Name = 'Identity'; Property = 'Guid' })
    }
    '12_um_service_set.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-UMService'
        Get = 'Get-UMService'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'DialPlansAdd'; Kind = 'add'; Argument = 'DialPlans'; Nullable = $false }
            @{ Name = 'DialPlansRemove'; Kind = 'remove'; Argument = 'DialPlans'; Nullable = $false }
            @{ Name = 'UMStartupMode'; Kind = 'text'; Argument = 'UMStartupMode'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('DialPlansAdd', 'DialPlansRemove'); Name = 'DialPlansAdd'; Kind = 'add'; Property = 'DialPlans'; Refers = 'Get-UMDialPlan'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('UMStartupMode'); Name = 'UMStartupMode'; Kind = 'text'; Property = 'UMStartupMode'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_12_um_service_set.csv' = @{
        TakesBack = '12_um_service_set.csv'
        Cmdlet = 'Set-UMService'
        Get = 'Get-UMService'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'DialPlansAdd'; Kind = 'add'; Argument = 'DialPlans'; Nullable = $true }
            @{ Name = 'DialPlansRemove'; Kind = 'remove'; Argument = 'DialPlans'; Nullable = $true }
            @{ Name = 'UMStartupMode'; Kind = 'text'; Argument = 'UMStartupMode'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('DialPlansAdd', 'DialPlansRemove'); Name = 'DialPlansAdd'; Kind = 'add'; Property = 'DialPlans'; Refers = 'Get-UMDialPlan'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('UMStartupMode'); Name = 'UMStartupMode'; Kind = 'text'; Property = 'UMStartupMode'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '13_um_callrouter_set.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-UMCallRouterSettings'
        Get = 'Get-UMCallRouterSettings'
        Key = 'Server'
        GetBy = 'Server'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Server'; Kind = 'text'; Argument = 'Server'; Nullable = $false }
            @{ Name = 'DialPlansAdd'; Kind = 'add'; Argument = 'DialPlans'; Nullable = $false }
            @{ Name = 'DialPlansRemove'; Kind = 'remove'; Argument = 'DialPlans'; Nullable = $false }
            @{ Name = 'UMStartupMode'; Kind = 'text'; Argument = 'UMStartupMode'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('DialPlansAdd', 'DialPlansRemove'); Name = 'DialPlansAdd'; Kind = 'add'; Property = 'DialPlans'; Refers = 'Get-UMDialPlan'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('UMStartupMode'); Name = 'UMStartupMode'; Kind = 'text'; Property = 'UMStartupMode'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_13_um_callrouter_set.csv' = @{
        TakesBack = '13_um_callrouter_set.csv'
        Cmdlet = 'Set-UMCallRouterSettings'
        Get = 'Get-UMCallRouterSettings'
        Key = 'Server'
        GetBy = 'Server'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Server'; Kind = 'text'; Argument = 'Server'; Nullable = $true }
            @{ Name = 'DialPlansAdd'; Kind = 'add'; Argument = 'DialPlans'; Nullable = $true }
            @{ Name = 'DialPlansRemove'; Kind = 'remove'; Argument = 'DialPlans'; Nullable = $true }
            @{ Name = 'UMStartupMode'; Kind = 'text'; Argument = 'UMStartupMode'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('DialPlansAdd', 'DialPlansRemove'); Name = 'DialPlansAdd'; Kind = 'add'; Property = 'DialPlans'; Refers = 'Get-UMDialPlan'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('UMStartupMode'); Name = 'UMStartupMode'; Kind = 'text'; Property = 'UMStartupMode'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '14_um_dialplan_set.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-UMDialPlan'
        Get = 'Get-UMDialPlan'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'VoIPSecurity'; Kind = 'text'; Argument = 'VoIPSecurity'; Nullable = $false }
            @{ Name = 'AccessTelephoneNumbersAdd'; Kind = 'add'; Argument = 'AccessTelephoneNumbers'; Nullable = $false }
            @{ Name = 'AccessTelephoneNumbersRemove'; Kind = 'remove'; Argument = 'AccessTelephoneNumbers'; Nullable = $false }
            @{ Name = 'FaxEnabled'; Kind = 'bool'; Argument = 'FaxEnabled'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('VoIPSecurity'); Name = 'VoIPSecurity'; Kind = 'text'; Property = 'VoIPSecurity'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('AccessTelephoneNumbersAdd', 'AccessTelephoneNumbersRemove'); Name = 'AccessTelephoneNumbersAdd'; Kind = 'add'; Property = 'AccessTelephoneNumbers'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('FaxEnabled'); Name = 'FaxEnabled'; Kind = 'bool'; Property = 'FaxEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_14_um_dialplan_set.csv' = @{
        TakesBack = '14_um_dialplan_set.csv'
        Cmdlet = 'Set-UMDialPlan'
        Get = 'Get-UMDialPlan'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 0
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'VoIPSecurity'; Kind = 'text'; Argument = 'VoIPSecurity'; Nullable = $true }
            @{ Name = 'AccessTelephoneNumbersAdd'; Kind = 'add'; Argument = 'AccessTelephoneNumbers'; Nullable = $true }
            @{ Name = 'AccessTelephoneNumbersRemove'; Kind = 'remove'; Argument = 'AccessTelephoneNumbers'; Nullable = $true }
            @{ Name = 'FaxEnabled'; Kind = 'bool'; Argument = 'FaxEnabled'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('VoIPSecurity'); Name = 'VoIPSecurity'; Kind = 'text'; Property = 'VoIPSecurity'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('AccessTelephoneNumbersAdd', 'AccessTelephoneNumbersRemove'); Name = 'AccessTelephoneNumbersAdd'; Kind = 'add'; Property = 'AccessTelephoneNumbers'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('FaxEnabled'); Name = 'FaxEnabled'; Kind = 'bool'; Property = 'FaxEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '20_cs_user_enable.csv' = @{
        TakesBack = ''
        Cmdlet = 'Enable-CsUser'
        Get = 'Get-CsAdUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'RegistrarPool'; Kind = 'text'; Argument = 'RegistrarPool'; Nullable = $false }
            @{ Name = 'SipAddress'; Kind = 'text'; Argument = 'SipAddress'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('RegistrarPool'); Name = 'RegistrarPool'; Kind = 'text'; Property = 'RegistrarPool'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('SipAddress'); Name = 'SipAddress'; Kind = 'text'; Property = 'SipAddress'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_20_cs_user_enable.csv' = @{
        TakesBack = '20_cs_user_enable.csv'
        Cmdlet = 'Disable-CsUser'
        Get = 'Get-CsAdUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @(); Name = 'RegistrarPool'; Kind = 'text'; Property = 'RegistrarPool'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'SipAddress'; Kind = 'text'; Property = 'SipAddress'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '21_cs_user_voice.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-CsUser'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'EnterpriseVoiceEnabled'; Kind = 'bool'; Argument = 'EnterpriseVoiceEnabled'; Nullable = $false }
            @{ Name = 'LineURI'; Kind = 'text'; Argument = 'LineURI'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('EnterpriseVoiceEnabled'); Name = 'EnterpriseVoiceEnabled'; Kind = 'bool'; Property = 'EnterpriseVoiceEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('LineURI'); Name = 'LineURI'; Kind = 'text'; Property = 'LineURI'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_21_cs_user_voice.csv' = @{
        TakesBack = '21_cs_user_voice.csv'
        Cmdlet = 'Set-CsUser'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'EnterpriseVoiceEnabled'; Kind = 'bool'; Argument = 'EnterpriseVoiceEnabled'; Nullable = $true }
            @{ Name = 'LineURI'; Kind = 'text'; Argument = 'LineURI'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('EnterpriseVoiceEnabled'); Name = 'EnterpriseVoiceEnabled'; Kind = 'bool'; Property = 'EnterpriseVoiceEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('LineURI'); Name = 'LineURI'; Kind = 'text'; Property = 'LineURI'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '22_cs_dialplan_grant.csv' = @{
        TakesBack = ''
        Cmdlet = 'Grant-CsDialPlan'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'DialPlan'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_22_cs_dialplan_grant.csv' = @{
        TakesBack = '22_cs_dialplan_grant.csv'
        Cmdlet = 'Grant-CsDialPlan'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'DialPlan'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '23_cs_voicepolicy_grant.csv' = @{
        TakesBack = ''
        Cmdlet = 'Grant-CsVoicePolicy'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'VoicePolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_23_cs_voicepolicy_grant.csv' = @{
        TakesBack = '23_cs_voicepolicy_grant.csv'
        Cmdlet = 'Grant-CsVoicePolicy'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'VoicePolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '24_cs_hostedvm_grant.csv' = @{
        TakesBack = ''
        Cmdlet = 'Grant-CsHostedVoicemailPolicy'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'HostedVoicemailPolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_24_cs_hostedvm_grant.csv' = @{
        TakesBack = '24_cs_hostedvm_grant.csv'
        Cmdlet = 'Grant-CsHostedVoicemailPolicy'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'HostedVoicemailPolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '25_cs_hostedvm_set.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-CsUser'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'HostedVoiceMail'; Kind = 'bool'; Argument = 'HostedVoiceMail'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('HostedVoiceMail'); Name = 'HostedVoiceMail'; Kind = 'bool'; Property = 'HostedVoiceMail'; Refers = ''; FalseIsBlank = $true; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_25_cs_hostedvm_set.csv' = @{
        TakesBack = '25_cs_hostedvm_set.csv'
        Cmdlet = 'Set-CsUser'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'HostedVoiceMail'; Kind = 'bool'; Argument = 'HostedVoiceMail'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('HostedVoiceMail'); Name = 'HostedVoiceMail'; Kind = 'bool'; Property = 'HostedVoiceMail'; Refers = ''; FalseIsBlank = $true; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '26_cs_line_clear.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-CsUser'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'LineURI'; Kind = 'text'; Argument = 'LineURI'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('LineURI'); Name = 'LineURI'; Kind = 'text'; Property = 'LineURI'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_26_cs_line_clear.csv' = @{
        TakesBack = '26_cs_line_clear.csv'
        Cmdlet = 'Set-CsUser'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'LineURI'; Kind = 'text'; Argument = 'LineURI'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('LineURI'); Name = 'LineURI'; Kind = 'text'; Property = 'LineURI'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '29_um_mailbox_disable.csv' = @{
        TakesBack = ''
        Cmdlet = 'Disable-UMMailbox'
        Get = 'Get-UMMailbox'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'KeepProperties'; Kind = 'bool'; Argument = 'KeepProperties'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @(); Name = 'UMMailboxPolicy'; Kind = 'text'; Property = 'UMMailboxPolicy'; Refers = 'Get-UMMailboxPolicy'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'SIPResourceIdentifier'; Kind = 'text'; Property = 'SIPResourceIdentifier'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_29_um_mailbox_disable.csv' = @{
        TakesBack = '29_um_mailbox_disable.csv'
        Cmdlet = 'Enable-UMMailbox'
        Get = 'Get-UMMailbox'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $false
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'UMMailboxPolicy'; Kind = 'text'; Argument = 'UMMailboxPolicy'; Nullable = $true }
            @{ Name = 'Extensions'; Kind = 'list'; Argument = 'Extensions'; Nullable = $true }
            @{ Name = 'SIPResourceIdentifier'; Kind = 'text'; Argument = 'SIPResourceIdentifier'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('UMMailboxPolicy'); Name = 'UMMailboxPolicy'; Kind = 'text'; Property = 'UMMailboxPolicy'; Refers = 'Get-UMMailboxPolicy'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('SIPResourceIdentifier'); Name = 'SIPResourceIdentifier'; Kind = 'text'; Property = 'SIPResourceIdentifier'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '30_um_mailbox_enable.csv' = @{
        TakesBack = ''
        Cmdlet = 'Enable-UMMailbox'
        Get = 'Get-UMMailbox'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $false
        Delay = 500
        WhatIf = $true
        ValidateOnly = $true
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'UMMailboxPolicy'; Kind = 'text'; Argument = 'UMMailboxPolicy'; Nullable = $false }
            @{ Name = 'Extensions'; Kind = 'list'; Argument = 'Extensions'; Nullable = $false }
            @{ Name = 'SIPResourceIdentifier'; Kind = 'text'; Argument = 'SIPResourceIdentifier'; Nullable = $false }
            @{ Name = 'PINExpired'; Kind = 'bool'; Argument = 'PINExpired'; Nullable = $false }
            @{ Name = 'NotifyEmail'; Kind = 'text'; Argument = 'NotifyEmail'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('UMMailboxPolicy'); Name = 'UMMailboxPolicy'; Kind = 'text'; Property = 'UMMailboxPolicy'; Refers = 'Get-UMMailboxPolicy'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('SIPResourceIdentifier'); Name = 'SIPResourceIdentifier'; Kind = 'text'; Property = 'SIPResourceIdentifier'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_30_um_mailbox_enable.csv' = @{
        TakesBack = '30_um_mailbox_enable.csv'
        Cmdlet = 'Disable-UMMailbox'
        Get = 'Get-UMMailbox'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'KeepProperties'; Kind = 'bool'; Argument = 'KeepProperties'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @(); Name = 'UMMailboxPolicy'; Kind = 'text'; Property = 'UMMailboxPolicy'; Refers = 'Get-UMMailboxPolicy'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'SIPResourceIdentifier'; Kind = 'text'; Property = 'SIPResourceIdentifier'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '31_um_mailbox_set.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-UMMailbox'
        Get = 'Get-UMMailbox'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'UMMailboxPolicy'; Kind = 'text'; Argument = 'UMMailboxPolicy'; Nullable = $false }
            @{ Name = 'FaxEnabled'; Kind = 'bool'; Argument = 'FaxEnabled'; Nullable = $false }
            @{ Name = 'MissedCallNotificationEnabled'; Kind = 'bool'; Argument = 'MissedCallNotificationEnabled'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('UMMailboxPolicy'); Name = 'UMMailboxPolicy'; Kind = 'text'; Property = 'UMMailboxPolicy'; Refers = 'Get-UMMailboxPolicy'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('FaxEnabled'); Name = 'FaxEnabled'; Kind = 'bool'; Property = 'FaxEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('MissedCallNotificationEnabled'); Name = 'MissedCallNotificationEnabled'; Kind = 'bool'; Property = 'MissedCallNotificationEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_31_um_mailbox_set.csv' = @{
        TakesBack = '31_um_mailbox_set.csv'
        Cmdlet = 'Set-UMMailbox'
        Get = 'Get-UMMailbox'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'UMMailboxPolicy'; Kind = 'text'; Argument = 'UMMailboxPolicy'; Nullable = $true }
            @{ Name = 'FaxEnabled'; Kind = 'bool'; Argument = 'FaxEnabled'; Nullable = $true }
            @{ Name = 'MissedCallNotificationEnabled'; Kind = 'bool'; Argument = 'MissedCallNotificationEnabled'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('UMMailboxPolicy'); Name = 'UMMailboxPolicy'; Kind = 'text'; Property = 'UMMailboxPolicy'; Refers = 'Get-UMMailboxPolicy'; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('FaxEnabled'); Name = 'FaxEnabled'; Kind = 'bool'; Property = 'FaxEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('MissedCallNotificationEnabled'); Name = 'MissedCallNotificationEnabled'; Kind = 'bool'; Property = 'MissedCallNotificationEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '32_mailbox_eum.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-Mailbox'
        Get = 'Get-Mailbox'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'Add'; Kind = 'add'; Argument = 'EmailAddresses'; Nullable = $false }
            @{ Name = 'Remove'; Kind = 'remove'; Argument = 'EmailAddresses'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('Add', 'Remove'); Name = 'Add'; Kind = 'add'; Property = 'EmailAddresses'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_32_mailbox_eum.csv' = @{
        TakesBack = '32_mailbox_eum.csv'
        Cmdlet = 'Set-Mailbox'
        Get = 'Get-Mailbox'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 500
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'Add'; Kind = 'add'; Argument = 'EmailAddresses'; Nullable = $true }
            @{ Name = 'Remove'; Kind = 'remove'; Argument = 'EmailAddresses'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('Add', 'Remove'); Name = 'Add'; Kind = 'add'; Property = 'EmailAddresses'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '40_cs_user_move.csv' = @{
        TakesBack = ''
        Cmdlet = 'Move-CsUser'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 1000
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $true
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'Target'; Kind = 'text'; Argument = 'Target'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('Target'); Name = 'Target'; Kind = 'text'; Property = 'HostingProvider'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'RegistrarPool'; Kind = 'text'; Property = 'RegistrarPool'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'SipAddress'; Kind = 'text'; Property = 'SipAddress'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'LineURI'; Kind = 'text'; Property = 'LineURI'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_40_cs_user_move.csv' = @{
        TakesBack = '40_cs_user_move.csv'
        Cmdlet = 'Move-CsUser'
        Get = 'Get-CsUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Guid'
        FoundBefore = $true
        Delay = 1000
        WhatIf = $true
        ValidateOnly = $false
        Confirm = $true
        DomainController = $true
        HostedMigration = $true
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'Target'; Kind = 'text'; Argument = 'Target'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @(); Name = 'Target'; Kind = 'text'; Property = 'HostingProvider'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'SipAddress'; Kind = 'text'; Property = 'SipAddress'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @(); Name = 'LineURI'; Kind = 'text'; Property = 'LineURI'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '41_teams_number.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-CsPhoneNumberAssignment'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'PhoneNumber'; Kind = 'text'; Argument = 'PhoneNumber'; Nullable = $false }
            @{ Name = 'PhoneNumberType'; Kind = 'text'; Argument = 'PhoneNumberType'; Nullable = $false }
            @{ Name = 'LocationId'; Kind = 'text'; Argument = 'LocationId'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('PhoneNumber'); Name = 'PhoneNumber'; Kind = 'text'; Property = 'LineUri'; Refers = ''; FalseIsBlank = $false; Prefix = 'tel:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_41_teams_number.csv' = @{
        TakesBack = '41_teams_number.csv'
        Cmdlet = 'Remove-CsPhoneNumberAssignment'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'PhoneNumber'; Kind = 'text'; Argument = 'PhoneNumber'; Nullable = $true }
            @{ Name = 'PhoneNumberType'; Kind = 'text'; Argument = 'PhoneNumberType'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @(); Name = 'PhoneNumber'; Kind = 'text'; Property = 'LineUri'; Refers = ''; FalseIsBlank = $false; Prefix = 'tel:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '42_teams_ovrp.csv' = @{
        TakesBack = ''
        Cmdlet = 'Grant-CsOnlineVoiceRoutingPolicy'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'OnlineVoiceRoutingPolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_42_teams_ovrp.csv' = @{
        TakesBack = '42_teams_ovrp.csv'
        Cmdlet = 'Grant-CsOnlineVoiceRoutingPolicy'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'OnlineVoiceRoutingPolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '43_teams_tenantdialplan.csv' = @{
        TakesBack = ''
        Cmdlet = 'Grant-CsTenantDialPlan'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'TenantDialPlan'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_43_teams_tenantdialplan.csv' = @{
        TakesBack = '43_teams_tenantdialplan.csv'
        Cmdlet = 'Grant-CsTenantDialPlan'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'TenantDialPlan'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '44_teams_callingpolicy.csv' = @{
        TakesBack = ''
        Cmdlet = 'Grant-CsTeamsCallingPolicy'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'TeamsCallingPolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_44_teams_callingpolicy.csv' = @{
        TakesBack = '44_teams_callingpolicy.csv'
        Cmdlet = 'Grant-CsTeamsCallingPolicy'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'TeamsCallingPolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '45_teams_upgradepolicy.csv' = @{
        TakesBack = ''
        Cmdlet = 'Grant-CsTeamsUpgradePolicy'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'TeamsUpgradePolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_45_teams_upgradepolicy.csv' = @{
        TakesBack = '45_teams_upgradepolicy.csv'
        Cmdlet = 'Grant-CsTeamsUpgradePolicy'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'PolicyName'; Kind = 'text'; Argument = 'PolicyName'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('PolicyName'); Name = 'PolicyName'; Kind = 'text'; Property = 'TeamsUpgradePolicy'; Refers = ''; FalseIsBlank = $false; Prefix = 'Tag:' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '46_teams_voicemail.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-CsOnlineVoicemailUserSettings'
        Get = 'Get-CsOnlineVoicemailUserSettings'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = ''
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'VoicemailEnabled'; Kind = 'bool'; Argument = 'VoicemailEnabled'; Nullable = $false }
            @{ Name = 'PromptLanguage'; Kind = 'text'; Argument = 'PromptLanguage'; Nullable = $false }
            @{ Name = 'CallAnswerRule'; Kind = 'text'; Argument = 'CallAnswerRule'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('VoicemailEnabled'); Name = 'VoicemailEnabled'; Kind = 'bool'; Property = 'VoicemailEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('PromptLanguage'); Name = 'PromptLanguage'; Kind = 'text'; Property = 'PromptLanguage'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('CallAnswerRule'); Name = 'CallAnswerRule'; Kind = 'text'; Property = 'CallAnswerRule'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_46_teams_voicemail.csv' = @{
        TakesBack = '46_teams_voicemail.csv'
        Cmdlet = 'Set-CsOnlineVoicemailUserSettings'
        Get = 'Get-CsOnlineVoicemailUserSettings'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = ''
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'VoicemailEnabled'; Kind = 'bool'; Argument = 'VoicemailEnabled'; Nullable = $true }
            @{ Name = 'PromptLanguage'; Kind = 'text'; Argument = 'PromptLanguage'; Nullable = $true }
            @{ Name = 'CallAnswerRule'; Kind = 'text'; Argument = 'CallAnswerRule'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('VoicemailEnabled'); Name = 'VoicemailEnabled'; Kind = 'bool'; Property = 'VoicemailEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('PromptLanguage'); Name = 'PromptLanguage'; Kind = 'text'; Property = 'PromptLanguage'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
            @{ Given = @('CallAnswerRule'); Name = 'CallAnswerRule'; Kind = 'text'; Property = 'CallAnswerRule'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '47_teams_ev.csv' = @{
        TakesBack = ''
        Cmdlet = 'Set-CsPhoneNumberAssignment'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $false }
            @{ Name = 'EnterpriseVoiceEnabled'; Kind = 'bool'; Argument = 'EnterpriseVoiceEnabled'; Nullable = $false }
        )
        Checks = @(
            @{ Given = @('EnterpriseVoiceEnabled'); Name = 'EnterpriseVoiceEnabled'; Kind = 'bool'; Property = 'EnterpriseVoiceEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
    '90_47_teams_ev.csv' = @{
        TakesBack = '47_teams_ev.csv'
        Cmdlet = 'Set-CsPhoneNumberAssignment'
        Get = 'Get-CsOnlineUser'
        Key = 'Identity'
        GetBy = 'Identity'
        Guid = 'Identity'
        FoundBefore = $true
        Delay = 500
        WhatIf = $false
        ValidateOnly = $false
        Confirm = $false
        DomainController = $false
        HostedMigration = $false
        Columns = @(
            @{ Name = 'Identity'; Kind = 'text'; Argument = 'Identity'; Nullable = $true }
            @{ Name = 'EnterpriseVoiceEnabled'; Kind = 'bool'; Argument = 'EnterpriseVoiceEnabled'; Nullable = $true }
        )
        Checks = @(
            @{ Given = @('EnterpriseVoiceEnabled'); Name = 'EnterpriseVoiceEnabled'; Kind = 'bool'; Property = 'EnterpriseVoiceEnabled'; Refers = ''; FalseIsBlank = $false; Prefix = '' }
        )
        Match = @(
        )
        FromFound = @()
    }
}

function Invoke-Change {
    param([string] $Cmdlet, [hashtable] $Arguments)
    switch ($Cmdlet) {
        'Disable-CsUser' { Disable-CsUser @Arguments; return }
        'Disable-UMMailbox' { Disable-UMMailbox @Arguments; return }
        'Enable-CsUser' { Enable-CsUser @Arguments; return }
        'Enable-UMMailbox' { Enable-UMMailbox @Arguments; return }
        'Grant-CsDialPlan' { Grant-CsDialPlan @Arguments; return }
        'Grant-CsHostedVoicemailPolicy' { Grant-CsHostedVoicemailPolicy @Arguments; return }
        'Grant-CsOnlineVoiceRoutingPolicy' { Grant-CsOnlineVoiceRoutingPolicy @Arguments; return }
        'Grant-CsTeamsCallingPolicy' { Grant-CsTeamsCallingPolicy @Arguments; return }
        'Grant-CsTeamsUpgradePolicy' { Grant-CsTeamsUpgradePolicy @Arguments; return }
        'Grant-CsTenantDialPlan' { Grant-CsTenantDialPlan @Arguments; return }
        'Grant-CsVoicePolicy' { Grant-CsVoicePolicy @Arguments; return }
        'Move-CsUser' { Move-CsUser @Arguments; return }
        'New-UMHuntGroup' { New-UMHuntGroup @Arguments; return }
        'Remove-CsPhoneNumberAssignment' { Remove-CsPhoneNumberAssignment @Arguments; return }
        'Remove-UMHuntGroup' { Remove-UMHuntGroup @Arguments; return }
        'Set-CsOnlineVoicemailUserSettings' { Set-CsOnlineVoicemailUserSettings @Arguments; return }
        'Set-CsPhoneNumberAssignment' { Set-CsPhoneNumberAssignment @Arguments; return }
        'Set-CsUser' { Set-CsUser @Arguments; return }
        'Set-Mailbox' { Set-Mailbox @Arguments; return }
        'Set-UMCallRouterSettings' { Set-UMCallRouterSettings @Arguments; return }
        'Set-UMDialPlan' { Set-UMDialPlan @Arguments; return }
        'Set-UMIPGateway' { Set-UMIPGateway @Arguments; return }
        'Set-UMMailbox' { Set-UMMailbox @Arguments; return }
        'Set-UMService' { Set-UMService @Arguments; return }
    }
    throw "$Cmdlet is not among the cmdlets of this script"
}

function Read-Object {
    param([string] $Cmdlet, [hashtable] $Arguments)
    switch ($Cmdlet) {
        'Get-CsAdUser' { Get-CsAdUser @Arguments; return }
        'Get-CsOnlineUser' { Get-CsOnlineUser @Arguments; return }
        'Get-CsOnlineVoicemailUserSettings' { Get-CsOnlineVoicemailUserSettings @Arguments; return }
        'Get-CsUser' { Get-CsUser @Arguments; return }
        'Get-Mailbox' { Get-Mailbox @Arguments; return }
        'Get-UMCallRouterSettings' { Get-UMCallRouterSettings @Arguments; return }
        'Get-UMDialPlan' { Get-UMDialPlan @Arguments; return }
        'Get-UMHuntGroup' { Get-UMHuntGroup @Arguments; return }
        'Get-UMIPGateway' { Get-UMIPGateway @Arguments; return }
        'Get-UMMailbox' { Get-UMMailbox @Arguments; return }
        'Get-UMMailboxPolicy' { Get-UMMailboxPolicy @Arguments; return }
        'Get-UMService' { Get-UMService @Arguments; return }
    }
    throw "$Cmdlet is not among the cmdlets of this script"
}
# ---- End of what docs/make.py makes.

# ---- Cells

function Get-Cell {
    param($Row, [string] $Name)
    $property = $Row.PSObject.Properties[$Name]
    if ($null -eq $property) { throw "the file has no column $Name" }
    return [string] $property.Value
}

function New-TextSet {
    # Ordinal: PowerShell's own -eq passes over characters that do not show. The comma keeps the set in one piece.
    return , (New-Object -TypeName 'System.Collections.Generic.HashSet[string]' -ArgumentList ([StringComparer]::OrdinalIgnoreCase))
}

function Split-Cell {
    param([string] $Cell, [string] $Kind)
    if ($Kind.Equals('list') -or $Kind.Equals('add') -or $Kind.Equals('remove')) {
        return , [string[]] $Cell.Split([char] '|')
    }
    return , [string[]] @($Cell)
}

function ConvertFrom-Cell {
    param([string] $Cell, [string] $Kind)
    $set = New-TextSet
    if ($Cell.Length -gt 0 -and -not $Cell.Equals('$null')) {
        foreach ($text in (Split-Cell -Cell $Cell -Kind $Kind)) { [void] $set.Add($text) }
    }
    return , $set
}

function ConvertTo-Arguments {
    # What the cmdlet is given. A blank cell is no parameter; '$null' empties; [bool] 'False' would be true.
    param([hashtable] $Entry, $Row, $Found)
    $arguments = @{}
    foreach ($taken in $Entry.FromFound) { $arguments[$taken.Name] = [string] $Found[0].PSObject.Properties[$taken.Property].Value }
    foreach ($column in $Entry.Columns) {
        $cell = Get-Cell -Row $Row -Name $column.Name
        if ($cell.Length -eq 0) { continue }
        $parts = Split-Cell -Cell $cell -Kind $column.Kind
        if ($cell.Equals('$null')) {
            if (-not $column.Nullable) { throw "$($column.Name) cannot be emptied" }
            $arguments[$column.Argument] = $null
        } elseif ($column.Kind.Equals('bool')) {
            $arguments[$column.Argument] = [Convert]::ToBoolean($cell)
        } elseif ($column.Kind.Equals('list')) {
            $arguments[$column.Argument] = $parts
        } elseif ($column.Kind.Equals('add') -or $column.Kind.Equals('remove')) {
            if (-not $arguments.ContainsKey($column.Argument)) { $arguments[$column.Argument] = @{} }
            if ($column.Kind.Equals('add')) { $arguments[$column.Argument]['Add'] = $parts }
            if ($column.Kind.Equals('remove')) { $arguments[$column.Argument]['Remove'] = $parts }
        } else {
            $arguments[$column.Argument] = $cell
        }
    }
    return $arguments
}

# ---- What is there

function Add-DomainController {
    param([hashtable] $Entry, [hashtable] $Arguments)
    if ($Entry.DomainController -and $DomainController.Length -gt 0) { $Arguments['DomainController'] = $DomainController }
}

function Find-Object {
    # What the row's identity finds, or all that match it: none only where the cmdlet says so, never on another error.
    param([hashtable] $Entry, $Row)
    $arguments = @{ ErrorAction = 'Stop' }
    if ($Entry.Match.Count -eq 0) { $arguments[$Entry.GetBy] = Get-Cell -Row $Row -Name $Entry.Key }
    Add-DomainController -Entry $Entry -Arguments $arguments
    try {
        $found = @(Read-Object -Cmdlet $Entry.Get -Arguments $arguments)
    } catch {
        $reason = [string] $_.CategoryInfo.Reason
        $identifier = [string] $_.FullyQualifiedErrorId
        $absent = $reason.Equals('ManagementObjectNotFoundException')
        if ($reason.Equals('ManagementException') -and $identifier.StartsWith('Identity,')) { $absent = $true }
        if (-not $absent) { throw }
        $found = @()
    }
    return , @($found | Where-Object { $null -ne $_ } | Where-Object { Test-Match -Entry $Entry -Row $Row -Found $_ })
}

function Resolve-Guid {
    # A property that names another object shows its name; the row holds its GUID.
    param([hashtable] $Entry, $Shown, [string] $Refers)
    $own = $Shown.PSObject.Properties['ObjectGuid']
    # a link that Exchange makes of a DN, as that to a hunt group's gateway, shows a GUID of zeros
    if ($null -ne $own -and -not ([string] $own.Value).Equals([string] [Guid]::Empty)) { return [string] $own.Value }
    $arguments = @{ ErrorAction = 'Stop'; Identity = [string] $Shown }
    Add-DomainController -Entry $Entry -Arguments $arguments
    $found = @(Read-Object -Cmdlet $Refers -Arguments $arguments)
    if ($found.Count -ne 1) { throw "$Refers finds $($found.Count) objects of the name $Shown" }
    return [string] $found[0].Guid
}

function ConvertFrom-Shown {
    param([hashtable] $Entry, [hashtable] $Check, $Found)
    $property = $Found.PSObject.Properties[$Check.Property]
    if ($null -eq $property) { throw "$($Entry.Get) does not show $($Check.Property)" }
    $set = New-TextSet
    foreach ($shown in @($property.Value)) {
        if ($null -eq $shown) { continue }
        $text = [string] $shown
        # what is shown as an object (a policy, a link) is taken by its name
        $named = $shown.PSObject.Properties['Name']
        if ($null -ne $named) { $text = [string] $named.Value }
        # Lync shows a policy of a user as Tag:Name, and takes its name
        if ($Check.Prefix.Length -gt 0 -and $text.StartsWith($Check.Prefix, [StringComparison]::OrdinalIgnoreCase)) {
            $text = $text.Substring($Check.Prefix.Length)
        }
        if ($Check.Refers.Length -gt 0) { $text = Resolve-Guid -Entry $Entry -Shown $shown -Refers $Check.Refers }
        if ($text.Length -gt 0) { [void] $set.Add($text) }
    }
    return , $set
}

function Test-Same {
    # Lists are sets: neither order nor case counts. A blank cell is nothing shown, or False where the table says so.
    param([hashtable] $Check, $Expected, $Shown)
    if ($Expected.SetEquals($Shown)) { return $true }
    return ($Check.FalseIsBlank -and $Expected.Count -eq 0 -and $Shown.Count -eq 1 -and $Shown.Contains('False'))
}

function Test-Match {
    # Whether an object is the row's, where no single cell names it.
    param([hashtable] $Entry, $Row, $Found)
    foreach ($check in $Entry.Match) {
        $shown = ConvertFrom-Shown -Entry $Entry -Check $check -Found $Found
        $cell = Get-Cell -Row $Row -Name $check.Cell
        if (-not (ConvertFrom-Cell -Cell $cell -Kind $check.Kind).SetEquals($shown)) { return $false }
    }
    return $true
}

function Test-Given {
    # What a row leaves as it is may have changed since. What only is remembered is always compared.
    param([hashtable] $Check, $Row)
    foreach ($name in $Check.Given) {
        if ((Get-Cell -Row $Row -Name $name).Length -gt 0) { return $true }
    }
    return ($Check.Given.Count -eq 0)
}

function Test-Identity {
    # Exchange and Lync show the objectGUID. Teams has another identifier: there the row's identity is held against what was found.
    param([hashtable] $Entry, $Row, $Found)
    if ($Entry.Guid.Length -eq 0) { return $true }
    if ($Entry.Guid.Equals('Guid')) {
        $guid = $Found.PSObject.Properties['Guid']
        if ($null -eq $guid) { return $false }
        return ([string] $guid.Value).Equals((Get-Cell -Row $Row -Name '_ObjectGuid'), [StringComparison]::OrdinalIgnoreCase)
    }
    $key = Get-Cell -Row $Row -Name $Entry.Key
    foreach ($name in @('Identity', 'ObjectId', 'UserPrincipalName')) {
        $property = $Found.PSObject.Properties[$name]
        if ($null -ne $property -and ([string] $property.Value).Equals($key, [StringComparison]::OrdinalIgnoreCase)) { return $true }
    }
    return $false
}

function Get-Refusal {
    # Why a row must not be run; empty where it may. Fills $Read with what each property showed.
    param([hashtable] $Entry, $Row, $Found, [hashtable] $Read)
    foreach ($column in $Entry.Columns) {
        $cell = Get-Cell -Row $Row -Name $column.Name
        foreach ($text in (Split-Cell -Cell $cell -Kind $column.Kind)) {
            if (-not $text.Equals('#REVIEW', [StringComparison]::OrdinalIgnoreCase)) { continue }
            if ($Entry.TakesBack.Length -eq 0) { return "$($column.Name) is for a person to decide" }
            return "$($Entry.Cmdlet) needs $($column.Name), and there was none before: no file can take this row back, a person has to"
        }
    }
    if ($Entry.Match.Count -eq 0 -and (Get-Cell -Row $Row -Name $Entry.Key).Length -eq 0) { return "$($Entry.Key) is blank" }
    if ($Found.Count -gt 1) { return "$($Entry.Get) finds $($Found.Count) objects" }
    if ($Found.Count -eq 0) {
        if ($Entry.FoundBefore) { return "$($Entry.Get) does not find it; perhaps an earlier file was not run" }
        return ''
    }
    if (-not $Entry.FoundBefore) { return "$($Entry.Get) finds it already" }
    if (-not (Test-Identity -Entry $Entry -Row $Row -Found $Found[0])) { return 'it is not the object that the row was made for' }
    foreach ($check in $Entry.Checks) {
        if (-not (Test-Given -Check $check -Row $Row)) { continue }
        $shown = ConvertFrom-Shown -Entry $Entry -Check $check -Found $Found[0]
        $Read[$check.Property] = ($shown | Sort-Object) -join '|'
        $expected = ConvertFrom-Cell -Cell (Get-Cell -Row $Row -Name ('_Previous_' + $check.Name)) -Kind $check.Kind
        if (-not (Test-Same -Check $check -Expected $expected -Shown $shown)) {
            if ($Entry.TakesBack.Length -eq 0) {
                return "$($check.Property) is not what it was when the row was made: now $($Read[$check.Property])"
            }
            return "$($check.Property) is not what $($Entry.TakesBack) left: now $($Read[$check.Property]); take back first what changed it, perhaps from another folder"
        }
    }
    return ''
}

# ---- Logs

function Read-Log {
    # What stands as done, by file, its SHA-256 and row: a row that was taken back since does not.
    param([string[]] $Paths)
    $done = @{}
    foreach ($path in $Paths) {
        foreach ($line in @(Import-Csv -LiteralPath $path -Encoding UTF8)) {
            if (-not $line.Result.Equals('done')) { continue }
            if ($line.File.StartsWith('90_')) { $done.Remove($line.Key) } else { $done[$line.Key] = $line }
        }
    }
    return $done
}

function Get-RollbackRefusal {
    # A row is taken back only where a log shows that it was run, from what it would put back, and nothing later stands on it.
    param([hashtable] $Entry, $Row, [string] $Key, [hashtable] $Done, [string[]] $Order)
    if (-not $Done.ContainsKey($Key)) { return 'no log beside the files shows that the row was run' }
    $line = $Done[$Key]
    $guid = Get-Cell -Row $Row -Name '_ObjectGuid'
    if (-not $line.ObjectGuid.Equals($guid, [StringComparison]::OrdinalIgnoreCase)) { return 'the log shows another object in this row' }
    $read = ConvertFrom-Json -InputObject $line.Read
    foreach ($check in $Entry.Checks) {
        $was = $read.PSObject.Properties[$check.Property]
        if ($check.Given.Count -eq 0 -or $null -eq $was) { continue }
        $cell = Get-Cell -Row $Row -Name $check.Name
        if ($cell.Length -eq 0 -or $check.Kind.Equals('add') -or $check.Kind.Equals('remove')) { continue }
        $before = ConvertFrom-Cell -Cell $cell -Kind $check.Kind
        if (-not (Test-Same -Check $check -Expected $before -Shown (ConvertFrom-Cell -Cell $was.Value -Kind $check.Kind))) {
            return "the log shows that $($check.Property) was $($was.Value) before"
        }
    }
    $place = [array]::IndexOf($Order, $Entry.TakesBack)
    foreach ($other in $Done.Values) {
        if ($other.ObjectGuid.Equals($guid, [StringComparison]::OrdinalIgnoreCase) -and [array]::IndexOf($Order, $other.File) -gt $place) {
            return "$($other.File) was run for it afterwards and has to be taken back first"
        }
    }
    return ''
}

function Write-Result {
    # One line a row, at once: what was changed is in the log even where the run breaks off.
    param([hashtable] $Line)
    $told = New-Object -TypeName PSObject
    foreach ($name in @('Time', 'File', 'Row', 'Key', 'ObjectGuid', 'Object', 'Cmdlet', 'Read', 'Result', 'Message')) {
        Add-Member -InputObject $told -MemberType NoteProperty -Name $name -Value ([string] $Line[$name])
    }
    Export-Csv -InputObject $told -LiteralPath $Log -Append -NoTypeInformation -Encoding UTF8
}

# ---- Rows

function Invoke-Row {
    # Change one object, or say what would be; an error that a cmdlet returns instead of throwing counts as one.
    param([hashtable] $Entry, $Row, $Found)
    $arguments = ConvertTo-Arguments -Entry $Entry -Row $Row -Found $Found
    Add-DomainController -Entry $Entry -Arguments $arguments
    if ($Entry.HostedMigration -and $HostedMigrationOverrideUrl.Length -gt 0) {
        $arguments['HostedMigrationOverrideUrl'] = $HostedMigrationOverrideUrl
    }
    if (-not $Execute -and -not $Entry.WhatIf -and -not $Entry.ValidateOnly) { return 'dry' }
    if ($Entry.Confirm) { $arguments['Confirm'] = $false }
    $arguments['ErrorAction'] = 'Stop'
    if (-not $Execute -and $Entry.ValidateOnly) { $arguments['ValidateOnly'] = $true }
    if (-not $Execute -and -not $Entry.ValidateOnly) { $arguments['WhatIf'] = $true }
    foreach ($answer in @(Invoke-Change -Cmdlet $Entry.Cmdlet -Arguments $arguments)) {
        if ($null -eq $answer) { continue }
        $returned = $answer -is [System.Management.Automation.ErrorRecord] -or $answer -is [System.Exception]
        if ($returned -or ($answer.PSObject.TypeNames -join ' ').Contains('ErrorRecord')) { throw "the cmdlet returned an error: $answer" }
    }
    if ($Execute) { return 'done' }
    return 'dry'
}

function Get-Message {
    # Errors in one line, and never the beginning of a formula
    param([string] $Text)
    return 'says: ' + ($Text -replace '[\x00-\x1f\x7f]+', ' ')
}

function Invoke-File {
    # Run the rows of one file, and count what came of them.
    param([string] $Name, [string] $Hash, [hashtable] $Done, [hashtable] $Passed, [string[]] $Order)
    $entry = $Table[$Name]
    $counts = @{ done = 0; dry = 0; refused = 0; failed = 0; passed = 0 }
    $number = 0
    foreach ($row in @(Import-Csv -LiteralPath (Join-Path -Path $Folder -ChildPath $Name) -Encoding UTF8)) {
        $number = $number + 1
        $key = "$Name/$Hash/$number"
        if ($entry.TakesBack.Length -gt 0) { $key = "$($entry.TakesBack)/$($Hashes[$entry.TakesBack])/$number" }
        if ($Passed.ContainsKey("$Name $key")) { $counts.passed = $counts.passed + 1; continue }
        if ($Execute -and -not $All -and ($counts.done + $counts.failed) -ge $FirstRows) {
            Write-Warning "$Name stops after $FirstRows rows: look at what they did, then go on with -All."
            break
        }
        if ($script:Failed -ge $StopAfter) { break }
        $read = @{}
        $message = ''
        try {
            if ($entry.TakesBack.Length -gt 0) { $message = Get-RollbackRefusal -Entry $entry -Row $row -Key $key -Done $Done -Order $Order }
            if ($message.Length -eq 0) {
                $found = Find-Object -Entry $entry -Row $row
                $message = Get-Refusal -Entry $entry -Row $row -Found $found -Read $read
            }
            $result = 'refused'
            if ($message.Length -eq 0) { $result = Invoke-Row -Entry $entry -Row $row -Found $found }
        } catch {
            $result = 'failed'
            $message = Get-Message -Text ([string] $_)
            $script:Failed = $script:Failed + 1
        }
        $counts[$result] = $counts[$result] + 1
        $told = ConvertTo-Json -InputObject $read -Compress
        $line = @{ Time = (Get-Date).ToUniversalTime().ToString('s') + 'Z'; File = $Name; Row = $number; Key = $key; Cmdlet = $entry.Cmdlet }
        $line.ObjectGuid = Get-Cell -Row $row -Name '_ObjectGuid'
        $line.Object = Get-Cell -Row $row -Name '_Object'
        $line.Read = $told
        $line.Result = $result
        $line.Message = $message
        Write-Result -Line $line
        if ($result.Equals('done')) {
            if ($entry.TakesBack.Length -gt 0) { $Done.Remove($key) } else { $Done[$key] = New-Object -TypeName PSObject -Property $line }
            Start-Sleep -Milliseconds $entry.Delay
        }
    }
    $script:Changed = $counts.done
    Write-Output "${Name}: $($counts.done) done, $($counts.dry) would be, $($counts.refused) refused, $($counts.failed) failed, $($counts.passed) passed over."
}

# ---- The whole run

$Manifest = ConvertFrom-Json -InputObject (Get-Content -LiteralPath (Join-Path -Path $Folder -ChildPath 'manifest.json') -Raw -Encoding UTF8)
$Hashes = @{}
foreach ($listed in (@($Manifest.files) + @($Manifest.rollback))) {
    # a file is run as this script's table says, so one that is not in it is none
    if (-not $Table.ContainsKey($listed.file)) { throw "manifest.json lists $($listed.file), which this script does not know. Nothing was run." }
    $path = Join-Path -Path $Folder -ChildPath $listed.file
    if (-not (Test-Path -LiteralPath $path -PathType Leaf)) { throw "$($listed.file) is missing. Nothing was run." }
    $hash = (Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash
    if (-not $hash.Equals($listed.sha256, [StringComparison]::OrdinalIgnoreCase)) {
        throw "$($listed.file) is not as adinspect wrote it. Change the plan and generate again. Nothing was run."
    }
    $Hashes[$listed.file] = $listed.sha256
}
foreach ($held in @($Manifest.held)) { Write-Warning "$($held.file) was not written: $(@($held.gates | ForEach-Object { $_.rule }) -join ', ')" }

$Order = [string[]] @($Manifest.files | ForEach-Object { $_.file })
$Chosen = @($Manifest.files)
if ($Rollback) { $Chosen = @($Manifest.rollback) }
if ($File.Length -gt 0) {
    $Chosen = @((@($Manifest.files) + @($Manifest.rollback)) | Where-Object { $_.file.Equals($File, [StringComparison]::OrdinalIgnoreCase) })
    if ($Chosen.Count -eq 0) { throw "manifest.json lists no $File. Nothing was run." }
}

$Earlier = [string[]] @(Get-ChildItem -LiteralPath $Folder -Filter 'Invoke-Adinspect-*.csv' | Sort-Object -Property Name | ForEach-Object { $_.FullName })
$Done = Read-Log -Paths $Earlier
$Passed = @{}
if ($Resume.Length -gt 0) {
    foreach ($line in @(Import-Csv -LiteralPath $Resume -Encoding UTF8)) {
        if ($line.Result.Equals('done')) { $Passed["$($line.File) $($line.Key)"] = $true }
    }
}

$script:Failed = 0
$script:Changed = 0
$Log = Join-Path -Path $Folder -ChildPath ('Invoke-Adinspect-' + (Get-Date).ToUniversalTime().ToString('yyyyMMddTHHmmssZ') + '.csv')
if (-not $Execute) { Write-Output 'Dry run: nothing is changed without -Execute.' }
foreach ($one in $Chosen) {
    if ($one.rows -eq 0) { continue }
    Invoke-File -Name $one.file -Hash $one.sha256 -Done $Done -Passed $Passed -Order $Order
    if ($script:Changed -gt 0 -and $one.afterwards.Length -gt 0) {
        Write-Warning "Before the next file: $($one.afterwards) Then go on with -Resume $Log."
        break
    }
    if ($script:Failed -ge $StopAfter) {
        Write-Warning "Stopped: $($script:Failed) rows failed."
        break
    }
}
Write-Output "What came of each row: $Log"
if ($script:Failed -gt 0) { exit 1 }
exit 0
