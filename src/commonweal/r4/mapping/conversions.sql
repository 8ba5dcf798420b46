-- What the conversions of the mapping do, as macros. {preference} is the order of code systems, best first.

CREATE OR REPLACE TEMP MACRO preference_of(uri) AS coalesce(list_position({preference}, uri), 1000);

-- The coding that the mapping knows best: {{system, code}}, or null where none has a code.
CREATE OR REPLACE TEMP MACRO best_coding(codings) AS CASE
    WHEN codings IS NULL OR len(codings) = 0 THEN NULL
    WHEN len(codings) = 1 THEN CASE WHEN codings[1].code <> '' THEN struct_pack(rank := 0, place := 0, system := codings[1].system, code := codings[1].code) END
    ELSE list_min(list_transform(list_filter(codings, lambda c: c.code <> ''), lambda c, place:
        struct_pack(rank := preference_of(c.system), place := place, system := c.system, code := c.code)))
    END;

CREATE OR REPLACE TEMP MACRO code_of(concept) AS best_coding(concept.coding).code;

-- What the source calls it: its text, else the first display; at most {longest} characters.
CREATE OR REPLACE TEMP MACRO words_of(concept) AS left(coalesce(
    nullif(trim(concept.text), ''), nullif(trim(concept.coding[1].display), ''),
    trim(list_filter(concept.coding, lambda c: c.display <> '')[1].display)), {longest});

-- The wall-clock time that a FHIR date or dateTime names, without its offset: OMOP dates are local dates. A year or a
-- month alone becomes its first day, as the only day that it surely reaches. Null for what is no date of FHIR.
CREATE OR REPLACE TEMP MACRO local_time(words) AS TRY_CAST(CASE length(words)
    WHEN 4 THEN words || '-01-01' WHEN 7 THEN words || '-01'
    ELSE nullif(regexp_extract(words, '^(\d{{4}}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?)(Z|[+-]\d\d:\d\d)?$', 1), '') END AS TIMESTAMP);
CREATE OR REPLACE TEMP MACRO finite(number) AS CASE WHEN isfinite(number) THEN number END;
CREATE OR REPLACE TEMP MACRO whole(number) AS CASE WHEN abs(number) <= 1e9 THEN trunc(number)::INTEGER END;
CREATE OR REPLACE TEMP MACRO in_days(duration) AS whole(duration.value * CASE coalesce(nullif(duration.code, ''), nullif(duration.unit, ''), 'd')
    WHEN 'd' THEN 1 WHEN 'wk' THEN 7 WHEN 'mo' THEN 30 WHEN 'a' THEN 365 END);

-- The normal ranges beside a value. One is taken; several (by age, by sex) are not chosen from.
CREATE OR REPLACE TEMP MACRO normal_ranges(ranges) AS
    list_filter(ranges, lambda x: x.type IS NULL OR coalesce(code_of(x.type), 'normal') = 'normal');
CREATE OR REPLACE TEMP MACRO unit_of(quantity) AS coalesce(nullif(quantity.code, ''), nullif(quantity.unit, ''));
-- A range in another unit than the value's is left out.
CREATE OR REPLACE TEMP MACRO in_same_unit(one, quantity) AS coalesce(
    (unit_of(one.low) IS NULL OR unit_of(one.low) = unit_of(quantity))
    AND (unit_of(one.high) IS NULL OR unit_of(one.high) = unit_of(quantity)), false);

-- The logical id that a reference names: `Patient/1`, `urn:uuid:…`, `https://…/Patient/1/_history/2`. Conditional
-- references (`Patient?identifier=…`) and contained ones name no logical id of their own.
CREATE OR REPLACE TEMP MACRO reference_id(words) AS CASE
    WHEN words IS NULL OR words = '' OR words[1] = '#' OR contains(words, '?') THEN NULL
    WHEN starts_with(words, 'urn:') THEN nullif(split_part(words, ':', -1), '')
    ELSE nullif(regexp_extract(words, '([^/]+)(?:/_history(?:/.*)?)?$', 1), '') END;
