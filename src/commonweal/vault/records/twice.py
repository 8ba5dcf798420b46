"""What one server gives twice: to a person who connected their clinic, and to the program as a site that sends its records.

A logical id of FHIR names one resource of one server. So where the protocol says that a clinic's records and a site's come
from the same server, a resource of the same person, type and id is one, whichever way it came: the version that the server
changed last counts, and the later one where it does not say. The clinic's records count as the site's, so that references
from one to the other are followed. Ids of servers that nobody said are the same are never compared.
"""

from collections.abc import Mapping

import duckdb

from commonweal import protocol
from commonweal.home import Home

_GIVEN_TWICE = """
CREATE OR REPLACE TEMP TABLE given_twice AS
WITH told AS (
  SELECT participant, {server} AS server, resource_type, resource_id, submission, max(updated) AS updated
  FROM ({events}) WHERE site IN ({sources}) AND participant IN (SELECT DISTINCT participant FROM ({events}) WHERE site IN ({clinics}))
  GROUP BY ALL)
SELECT submission, participant, resource_type, resource_id FROM told
QUALIFY row_number() OVER (PARTITION BY participant, server, resource_type, resource_id
  ORDER BY updated DESC NULLS LAST, submission DESC) > 1
"""


def servers(home: Home) -> Mapping[str, str]:
    """Clinic -> the source that its records count as, by the protocol of this home."""
    own = (home.protocol / "program.toml").is_file()
    return protocol.load(home.protocol if own else protocol.DEFAULT).clinics.same_server()


def once(con: duckdb.DuckDBPyConnection, events: str, same: Mapping[str, str]) -> str:
    """SQL for `events` (EVENT_SCHEMA, one version of a resource for each source), each resource of a server once.

    Only people of whom a clinic in `same` sent something are looked at. Makes the table `given_twice`, which must stay.
    """
    server = _server(same)
    told = {"sources": {*same, *same.values()}, "clinics": same}
    listed = {name: ", ".join(_text(one) for one in sorted(ids)) for name, ids in told.items()}
    con.execute(_GIVEN_TWICE.format(server=server, events=events, **listed))
    return f"""SELECT * REPLACE ({server} AS site) FROM ({events})
        ANTI JOIN given_twice USING (submission, participant, resource_type, resource_id)"""


def _server(same: Mapping[str, str]) -> str:
    cases = " ".join(f"WHEN {_text(clinic)} THEN {_text(source)}" for clinic, source in sorted(same.items()))
    return f"CASE site {cases} ELSE site END"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
