"""Taking it all away: the same facts as tables (CSV), as FHIR, and as a document to read (PDF), made in the background.

`inventory` says of every place where something of a person stands whether it is taken along, or why not; a test holds it
against the models and stores that there are. `facts` reads what is taken; the writers know nothing but that.
"""
