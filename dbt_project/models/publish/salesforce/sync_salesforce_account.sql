{{ sync_account('salesforce', 'Account') }}
