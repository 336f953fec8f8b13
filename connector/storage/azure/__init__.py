"""The store for any number of machines: Azure Storage, or its emulator. Imports its SDKs at first use."""
