{{ sync_account('hubspot', 'company') }}
