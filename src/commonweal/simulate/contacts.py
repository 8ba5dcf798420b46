"""Names, addresses, phones and record numbers of simulated people: all invented, none that could reach anybody.

Phones lie in 555-0100 … 555-0199, which no one is given; e-mail addresses are at example.org (RFC 2606).
"""

import numpy as np
import pyarrow as pa

from commonweal.simulate import society
from commonweal.simulate.draws import Draws, choose
from commonweal.simulate.population import FEMALE, HISPANIC, MALE, SEXES, People
from commonweal.simulate.text import join, numbers


def names(draws: Draws, people: People) -> tuple[np.ndarray, np.ndarray]:
    """Given and family names, as object arrays of str."""
    spanish = (people.group == HISPANIC) & draws.chance("spanish name", 0.9, people.index)
    given = np.empty(len(people), dtype=object)
    family = np.empty(len(people), dtype=object)
    masculine = (people.sex == MALE) ^ ((people.gender == 2) & (people.sex != 2))
    for language, those in (("en", ~spanish), ("es", spanish)):
        words = society.facts("names")[language]
        key = people.index[those]
        for form, which in (("female", ~masculine[those]), ("male", masculine[those])):
            place = np.flatnonzero(those)[which]
            given[place] = choose(words[form], draws.between("given", 0, len(words[form]) - 1, people.index[place]))
        first = choose(words["family_first"], draws.between("family first", 0, len(words["family_first"]) - 1, key))
        last = choose(words["family_last"], draws.between("family last", 0, len(words["family_last"]) - 1, key))
        family[those] = first + last
    return given, family


def profiles(draws: Draws, people: People, sites: list[str], site: np.ndarray, registered_at: np.ndarray) -> pa.Table:
    """The table that the bulk door of enrolment takes: one row a person.

    `sites` are site ids, `site` an index into them; `registered_at` datetime64[us] in UTC.
    """
    index = people.index
    rows = society.table("states")
    given, family = names(draws, people)
    streets = society.facts("names")["streets"]
    city_of = [row["cities"].split(";") for row in rows]
    city = [
        city_of[s][k % len(city_of[s])] for s, k in zip(people.state, draws.between("city", 0, 59, index), strict=True)
    ]
    first_zip = np.array([int(row["zip_first"]) for row in rows])[people.state]
    last_zip = np.array([int(row["zip_last"]) for row in rows])[people.state]
    zips = draws.between("zip3", first_zip, last_zip, index) * 100 + draws.between("zip", 1, 99, index)
    sex = choose(SEXES, people.sex)
    unknown = draws.chance("sex unknown to the program", 0.004, index) & (people.sex == FEMALE)
    sex[unknown] = "unknown"
    seed = str(draws.seed)
    return pa.table(
        {
            "external_id": join("sim-", seed, "-", index),
            "given_name": pa.array(given, pa.string()),
            "family_name": pa.array(family, pa.string()),
            "birth_date": pa.array(people.birth.astype("datetime64[D]")),
            "sex_at_birth": pa.array(sex, pa.string()),
            "email": join("person", index, "-", seed, "@example.org"),
            "phone": join(
                "+1",
                pa.array([row["area"] for row in rows]).take(people.state),
                "55501",
                numbers(draws.between("phone", 0, 99, index), 2),
            ),
            "address_line": join(
                draws.between("house", 1, 9899, index),
                " ",
                pa.array(choose(streets["first"], draws.between("street", 0, len(streets["first"]) - 1, index))),
                " ",
                pa.array(choose(streets["last"], draws.between("way", 0, len(streets["last"]) - 1, index))),
            ),
            "city": pa.array(city, pa.string()),
            "state": pa.array([row["state"] for row in rows]).take(people.state),
            "zip": numbers(zips, 5),
            "language": pa.array(choose(["en", "es"], people.spanish.astype(int)), pa.string()),
            "site": pa.array(sites).take(site),
            "mrn": join("S", seed, "-", numbers(index, 8)),
            "registered_at": pa.array(registered_at, pa.timestamp("us", tz="UTC")),
            "is_test": pa.array(np.zeros(len(people), dtype=bool)),
        }
    )
