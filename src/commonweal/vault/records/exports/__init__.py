"""A site's bulk export, fetched from its server (FHIR Bulk Data Access 2) and given to the records import."""
