"""What people type and choose on a survey page, read into FHIR answers and shown again: one file for each kind of field."""
