"""States, the district and the territories of the United States: postal code, FIPS code and name.

Postal codes: USPS Publication 28, appendix B. FIPS codes: ANSI INCITS 38 (the first two digits of a county's code). Names are
proper names in any language. In the order in which forms offer them: states by name, then the smaller territories.
"""

from typing import NamedTuple


class State(NamedTuple):
    code: str
    fips: str
    name: str


_TEXT = """AL 01 Alabama;AK 02 Alaska;AZ 04 Arizona;AR 05 Arkansas;CA 06 California;CO 08 Colorado;CT 09 Connecticut
DE 10 Delaware;DC 11 District of Columbia;FL 12 Florida;GA 13 Georgia;HI 15 Hawaii;ID 16 Idaho;IL 17 Illinois;IN 18 Indiana
IA 19 Iowa;KS 20 Kansas;KY 21 Kentucky;LA 22 Louisiana;ME 23 Maine;MD 24 Maryland;MA 25 Massachusetts;MI 26 Michigan
MN 27 Minnesota;MS 28 Mississippi;MO 29 Missouri;MT 30 Montana;NE 31 Nebraska;NV 32 Nevada;NH 33 New Hampshire
NJ 34 New Jersey;NM 35 New Mexico;NY 36 New York;NC 37 North Carolina;ND 38 North Dakota;OH 39 Ohio;OK 40 Oklahoma
OR 41 Oregon;PA 42 Pennsylvania;PR 72 Puerto Rico;RI 44 Rhode Island;SC 45 South Carolina;SD 46 South Dakota
TN 47 Tennessee;TX 48 Texas;UT 49 Utah;VT 50 Vermont;VA 51 Virginia;WA 53 Washington;WV 54 West Virginia;WI 55 Wisconsin
WY 56 Wyoming;AS 60 American Samoa;GU 66 Guam;MP 69 Northern Mariana Islands;VI 78 U.S. Virgin Islands"""

STATES = tuple(State(*entry.split(" ", 2)) for entry in _TEXT.replace("\n", ";").split(";"))
NAMES = {state.code: state.name for state in STATES}
CODES = {state.name: state.code for state in STATES}
FIPS = {state.fips: state.code for state in STATES}
CHOICES = tuple(NAMES.items())
"""(code, name) as a form offers them."""

ZEROS = {
    **{
        "CT": ("06",),
        "MA": ("01", "02", "05"),
        "ME": ("03", "04"),
        "NH": ("03",),
        "NJ": ("07", "08"),
        "NY": ("005", "063"),
    },
    **{"PR": ("00",), "RI": ("02",), "VI": ("00",), "VT": ("05",)},
}
"""How those ZIP codes of a state begin that begin with 0; of New York few do, of the other states all."""
