-- What each level of a comparison means, of one side (a) and the other (b), in DuckDB's SQL.
-- Lists are sorted, without doubles, and empty where nothing is known.

-- A slip of the pen in a word: one sign too many, too few, another, or two neighbours swapped; two in a long word.
CREATE OR REPLACE TEMP MACRO cw_slip(a, b) AS
    a <> b AND least(length(a), length(b)) >= 3
    AND damerau_levenshtein(a, b) <= (CASE WHEN least(length(a), length(b)) >= 8 THEN 2 ELSE 1 END);
CREATE OR REPLACE TEMP MACRO cw_any_slip(a, b) AS
    len(list_filter(a, lambda x: len(list_filter(b, lambda y: cw_slip(x, y))) > 0)) > 0;
CREATE OR REPLACE TEMP MACRO cw_one_off(a, b) AS
    len(list_filter(a, lambda x: len(list_filter(b, lambda y: damerau_levenshtein(x, y) <= 1)) > 0)) > 0;
-- J. for José: one side has a letter alone.
CREATE OR REPLACE TEMP MACRO cw_initial(a, b) AS
    len(list_filter(a, lambda x: len(list_filter(b, lambda y:
        least(length(x), length(y)) = 1 AND left(x, 1) = left(y, 1))) > 0)) > 0;
-- A record that knows the year alone says January 1.
CREATE OR REPLACE TEMP MACRO cw_year(a, b) AS left(a, 5) = left(b, 5) AND (a LIKE '%-01-01' OR b LIKE '%-01-01');
CREATE OR REPLACE TEMP MACRO cw_turned(a) AS left(a, 5) || right(a, 2) || '-' || substr(a, 6, 2);
