"""The steps from events to `map_linked`, in SQL: one pass over the events for each, nothing quadratic, nothing of Python.

map_events      the events, each with its scope (see local_codes.py), its row id, and whether it is void
map_words       every coded word in use, once: codes, coded values, routes, places on the body
map_leads       each word -> the concepts that it is or that a site's map leads it to
map_targets     each such concept -> standard concepts by 'Maps to' (itself where standard), and 'Maps to value'
map_answers     each word -> the one standard concept that it means as a value, a route, a place
map_codings     each code of each kind of resource -> standard concepts and the table that they go to
map_encounters  visits, and the parts of visits with the visit that they belong to
map_linked      one row for each event and target, with all that the tables need
"""

from commonweal.omop.mapping import declared

EHR = 32817  # OMOP Type Concept "EHR"
TARGETS = 64  # rows that one event may make: six bits of a row id
DEEPEST = 8  # Encounters within Encounters; a longer or a circular chain is no chain

_EVENTS = """
CREATE OR REPLACE TEMP VIEW map_events AS
SELECT e.*, e.participant AS person_id, map_scope(e.site) AS scope, coalesce({void}, false) AS void,
       (e.submission << 38) + (e.position::BIGINT << 14) + (coalesce(e.part, 0)::BIGINT << 6) AS raw_id
FROM {events} e
"""

_WORDS = """
CREATE OR REPLACE TEMP TABLE map_words AS
SELECT w.*, coalesce(s.vocabulary_id, w.system, '') AS vocabulary_id,
       s.vocabulary_id IS NOT NULL OR coalesce(w.system, '') IN (SELECT vocabulary_id FROM map_local) AS known_system
FROM (
  SELECT DISTINCT scope, code_system AS system, code FROM map_events WHERE NOT void AND {coded}
  UNION SELECT DISTINCT scope, value_system, value_code FROM map_events WHERE value_code IS NOT NULL AND {coded} AND resource_type <> 'Coverage'
  UNION SELECT DISTINCT scope, route_system, route_code FROM map_events WHERE route_code IS NOT NULL
  UNION SELECT DISTINCT scope, body_site_system, body_site_code FROM map_events WHERE body_site_code IS NOT NULL) w
LEFT JOIN map_systems s ON s.uri = w.system
"""

_LEADS = """
CREATE OR REPLACE TEMP TABLE map_leads AS
WITH asked AS (SELECT DISTINCT vocabulary_id, lower(code) AS code FROM map_words WHERE code IS NOT NULL),
found AS (
  SELECT a.vocabulary_id, a.code, arg_min({{'id': c.concept_id, 'code': c.concept_code}}, (coalesce(c.invalid_reason, '') <> '', c.concept_id)) AS best
  FROM concept c JOIN asked a ON a.vocabulary_id = c.vocabulary_id AND a.code = lower(c.concept_code) GROUP BY 1, 2),
own AS (
  SELECT w.scope, w.system, w.code, l.word, l.lead_id, l.source_id FROM map_words w
  JOIN map_local l ON l.vocabulary_id = w.vocabulary_id AND l.code = lower(w.code) AND l.scope IN ('', w.scope)
  QUALIFY rank() OVER (PARTITION BY w.scope, w.system, w.code ORDER BY l.scope = '') = 1)
SELECT w.scope, w.system, w.code, w.known_system, coalesce(f.best.code, o.word, w.code) AS source_word,
       coalesce(s.concept_id, f.best.id, 0) AS source_id, coalesce(o.lead_id, f.best.id, 0) AS lead_id, o.lead_id IS NOT NULL AS own
FROM map_words w
LEFT JOIN own o ON o.scope = w.scope AND o.system IS NOT DISTINCT FROM w.system AND o.code = w.code
LEFT JOIN found f ON f.vocabulary_id = w.vocabulary_id AND f.code = lower(w.code)
LEFT JOIN (SELECT concept_id FROM concept WHERE concept_id IN (SELECT source_id FROM map_local WHERE source_id <> 0)) s
  ON s.concept_id = o.source_id
"""

_TARGETS = """
CREATE OR REPLACE TEMP TABLE map_targets AS
WITH leads AS (SELECT DISTINCT lead_id FROM map_leads WHERE lead_id <> 0),
related AS (
  SELECT concept_id_1 AS lead_id, concept_id_2 AS id, relationship_id FROM concept_relationship
  WHERE relationship_id IN ('Maps to', 'Maps to value') AND coalesce(invalid_reason, '') = ''
    AND concept_id_1 IN (FROM leads)),
near AS (
  SELECT concept_id, domain_id, concept_class_id FROM concept WHERE standard_concept = 'S'
    AND (concept_id IN (SELECT id FROM related) OR concept_id IN (FROM leads))),
mapped AS (SELECT DISTINCT r.lead_id, n.* FROM related r JOIN near n ON n.concept_id = r.id WHERE r.relationship_id = 'Maps to'),
valued AS (
  SELECT r.lead_id, min(n.concept_id) AS value_id FROM related r JOIN near n ON n.concept_id = r.id
  WHERE r.relationship_id = 'Maps to value' GROUP BY 1)
SELECT m.lead_id, m.concept_id AS target_id, m.domain_id, v.value_id FROM (
  FROM mapped UNION ALL
  SELECT l.lead_id, n.* FROM leads l JOIN near n ON n.concept_id = l.lead_id WHERE l.lead_id NOT IN (SELECT lead_id FROM mapped)) m
LEFT JOIN valued v ON v.lead_id = m.lead_id
"""

_ANSWERS = """
CREATE OR REPLACE TEMP TABLE map_answers AS
SELECT l.scope, l.system, l.code, coalesce(min(t.target_id), 0) AS concept_id, any_value(l.source_word) AS source_word
FROM map_leads l LEFT JOIN map_targets t USING (lead_id) GROUP BY 1, 2, 3
"""

_CODINGS = """
CREATE OR REPLACE TEMP TABLE map_codings AS
WITH used AS (
  SELECT DISTINCT scope, code_system, code, resource_type, {measured} AS measured FROM map_events WHERE NOT void AND {coded}),
aimed AS (
  SELECT DISTINCT u.*, l.source_word, l.source_id, coalesce(t.target_id, 0) AS target_id, t.domain_id, t.value_id,
    CASE WHEN t.target_id IS NULL THEN {why} END AS why
  FROM used u
  JOIN map_leads l ON l.scope = u.scope AND l.system IS NOT DISTINCT FROM u.code_system AND l.code IS NOT DISTINCT FROM u.code
  LEFT JOIN map_targets t ON t.lead_id = l.lead_id)
SELECT *, {goes_to} AS goes_to,
  row_number() OVER (PARTITION BY scope, code_system, code, resource_type, measured ORDER BY target_id) - 1 AS target_no
FROM aimed QUALIFY target_no < {targets}
"""

_ENCOUNTERS = """
CREATE OR REPLACE TEMP TABLE map_encounters AS
WITH RECURSIVE latest AS (
  SELECT person_id, site, resource_id, raw_id, nullif(encounter_id, resource_id) AS within, category, start, "end",
         from_code, to_code, resource_type FROM map_events WHERE resource_type = 'Encounter' AND NOT void
  QUALIFY row_number() OVER (PARTITION BY person_id, site, resource_id ORDER BY raw_id DESC) = 1),
parts AS (
  SELECT c.person_id, c.site, c.resource_id, w.resource_id AS within, w.raw_id AS within_id
  FROM latest c JOIN latest w ON w.person_id = c.person_id AND w.site = c.site AND w.resource_id = c.within
  WHERE c.start IS NOT NULL AND w.start IS NOT NULL),
up AS (
  SELECT person_id, site, resource_id, within, within_id, 1 AS depth FROM parts
  UNION ALL
  SELECT u.person_id, u.site, u.resource_id, p.within, p.within_id, u.depth + 1 FROM up u
  JOIN parts p ON p.person_id = u.person_id AND p.site = u.site AND p.resource_id = u.within WHERE u.depth < {deepest}),
rooted AS (
  SELECT u.person_id, u.site, u.resource_id, u.within_id AS visit_id FROM up u
  ANTI JOIN parts p ON p.person_id = u.person_id AND p.site = u.site AND p.resource_id = u.within)
SELECT l.* EXCLUDE (within), coalesce(r.visit_id, l.raw_id) AS visit_id, r.visit_id IS NOT NULL AS part
FROM latest l LEFT JOIN rooted r ON r.person_id = l.person_id AND r.site = l.site AND r.resource_id = l.resource_id
"""

_LINKED = """
CREATE OR REPLACE TEMP TABLE map_linked AS
SELECT e.person_id, e.site, e.resource_type, e.status,
  coalesce(e.start, CASE WHEN e."end" < v.start THEN e."end" ELSE v.start END) AS start, e."end", e.value_number, e.value_code,
  e.value_text, e.unit, e.quantity, e.days_supply, e.refills, e.reference_low, e.reference_high, e.route_code, e.body_site_code,
  CASE WHEN e.resource_type IN ('DocumentReference', 'Coverage') THEN e.code_text END AS title, {type} AS type_id,
  c.code_system, c.why, c.source_word, c.source_id, c.target_id, c.goes_to, c.value_id AS mapped_value_id,
  e.raw_id + c.target_no AS id, c.domain_id,
  CASE WHEN v.start IS NOT NULL THEN v.visit_id END AS visit_id, CASE WHEN v.part THEN v.raw_id END AS detail_id,
  CASE WHEN e.unit IS NOT NULL THEN coalesce(u.concept_id, 0) END AS unit_id,
  coalesce(u.concept_code, e.unit) AS unit_code, av.concept_id AS answer_id, ar.concept_id AS route_id,
  ab.concept_id AS body_site_id
FROM map_events e
JOIN map_codings c ON c.code_system IS NOT DISTINCT FROM e.code_system AND c.code IS NOT DISTINCT FROM e.code
  AND c.resource_type = e.resource_type AND c.scope = e.scope AND c.measured = {measured}
LEFT JOIN map_encounters v ON v.person_id = e.person_id AND v.site = e.site AND v.resource_id = e.encounter_id
LEFT JOIN map_units u ON u.unit = e.unit AND u.scope = e.scope
LEFT JOIN map_answers av ON av.scope = e.scope AND av.system IS NOT DISTINCT FROM e.value_system AND av.code = e.value_code
LEFT JOIN map_answers ar ON ar.scope = e.scope AND ar.system IS NOT DISTINCT FROM e.route_system AND ar.code = e.route_code
LEFT JOIN map_answers ab ON ab.scope = e.scope AND ab.system IS NOT DISTINCT FROM e.body_site_system AND ab.code = e.body_site_code
WHERE NOT e.void
"""

_WHY = """CASE WHEN l.source_word IS NULL THEN 'no_code' WHEN l.own AND l.lead_id = 0 THEN 'mapped_to_none'
  WHEN l.own OR l.lead_id IN (
    SELECT concept_id_1 FROM concept_relationship WHERE relationship_id = 'Maps to' AND coalesce(invalid_reason, '') = ''
      AND concept_id_2 NOT IN (SELECT concept_id FROM concept WHERE standard_concept = 'S')) THEN 'target_missing'
  WHEN l.source_id <> 0 THEN 'no_standard' WHEN NOT l.known_system THEN 'unknown_system' ELSE 'unknown_code' END"""

STAGES = (_EVENTS, _WORDS, _LEADS, _TARGETS, _ANSWERS, _CODINGS, _ENCOUNTERS, _LINKED)


def filled(statement: str, events: str, known: frozenset[int]) -> str:
    """A stage with the lists of words.csv and routing.toml written in; `known`: concepts that the vocabulary has."""
    return statement.format(
        events=events,
        coded="resource_type NOT IN ('Encounter', 'Patient')",
        measured=f"coalesce(category IN {_listed(declared.words('measured'))}, false)",
        void=_void(),
        goes_to=_goes_to(),
        why=_WHY,
        type=_type(known),
        targets=TARGETS,
        deepest=DEEPEST,
    )


def _listed(codes: object) -> str:
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"  # type: ignore[attr-defined]


def _void() -> str:
    """What did not happen, is not so, or was only thought of."""
    everywhere = [code for code in declared.words("void") if ":" not in code]
    parts = [f"lower(e.status) IN {_listed(everywhere)}"]
    for kind, status in (code.split(":") for code in declared.words("void") if ":" in code):
        parts.append(f"(e.resource_type = '{kind}' AND lower(e.status) = '{status}')")
    parts.append(f"(e.resource_type = 'MedicationRequest' AND e.category IN {_listed(declared.words('void_intent'))})")
    return " OR ".join(parts)


def _goes_to() -> str:
    """The table of a row: by its kind always, by the domain of its concept, or where its kind is at home."""
    routing = declared.routing()
    always = _when("resource_type", routing.always)
    domain = _when("domain_id", routing.domain)
    natural = _when("resource_type", routing.natural)
    return (
        f"CASE {always} {domain} WHEN target_id <> 0 THEN '{routing.otherwise}' {natural}"
        f" WHEN measured THEN '{routing.measured}' ELSE '{routing.otherwise}' END"
    )


def _when(column: str, table: dict[str, str]) -> str:
    return " ".join(f"WHEN {column} = '{key}' THEN '{value}'" for key, value in table.items())


def _type(known: frozenset[int]) -> str:
    """The kind of record that a row comes from: by resource and category, by resource, else EHR."""
    words = {code: concept for code, concept in declared.words("type").items() if concept in known}
    precise = [(*code.split(":"), concept) for code, concept in words.items() if ":" in code]
    whens = [f"WHEN e.resource_type = '{kind}' AND e.category = '{category}' THEN {c}" for kind, category, c in precise]
    whens += [f"WHEN e.resource_type = '{code}' THEN {c}" for code, c in words.items() if ":" not in code]
    return f"CASE {' '.join(whens)} ELSE {EHR} END"
