{{ sync_account('pipedrive', 'organization') }}
