"""One module per external system. Each imports only `okr_sync.connector` and its kit, `okr_sync.http`."""
