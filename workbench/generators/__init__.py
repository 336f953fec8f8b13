"""Generates every definition and document from the catalog; pure functions of the catalog and a host name."""
