"""`commonweal phewas`: one exposure against every phecode of a release."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonweal.cli.console import Console
from commonweal.errors import BadInput
from commonweal.zone import Zone

if TYPE_CHECKING:
    from commonweal.commons.analysis.phewas import Result

HELP = "association of one exposure with every phecode of a release"
_FIGURES = ("manhattan", "volcano", "forest")
_SHOWN = 10


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--release", required=True, help="name of a published release, or path of a folder of tables")
    add("--tier", default="registered")
    add(
        "--exposure",
        required=True,
        help="a column of --people, age, sex, ehr_years, or FILE.json: being in that cohort",
    )
    add(
        "--covariate",
        action="append",
        default=[],
        metavar="NAME",
        help="as for --exposure; may be given again (default: age, sex)",
    )
    add("--no-covariates", action="store_true", help="none at all")
    add("--people", type=Path, metavar="FILE", help="Parquet, CSV or TSV with person_id and columns of your own")
    add("--cohort", type=Path, metavar="FILE", help="only people of this cohort definition (JSON)")
    add(
        "--codes",
        type=Path,
        metavar="FILE",
        help="person_id, vocabulary_id, code, date; or person_id, phecode, count; instead of the release's",
    )
    add("--phecodes", choices=("X", "1.2"), default="X")
    add("--map", type=Path, metavar="DIR", help="files of the phecode map (default: as imported into the home)")
    add("--min-cases", type=int, default=20)
    add("--min-dates", type=int, default=2, help="days on which a case has the phecode (default 2)")
    add("--model", choices=("logistic", "cox"), default="logistic")
    add("--score-above", type=float, metavar="P", help="no exact fit where the score test gives a larger p-value")
    add("--out", type=Path, required=True, metavar="FILE", help="the table: .parquet or .csv")
    add("--figures", action="store_true", help="beside it: Manhattan, volcano and forest as .svg, with their numbers")
    add(
        "--all", action="store_true", help="small numbers of a published release too (the gate at export still decides)"
    )


def zone(args: Namespace) -> Zone:
    """No secrets are needed: who can read the files of a release can count for themselves."""
    return Zone.OPEN


def run(args: Namespace, console: Console) -> dict[str, Any]:
    if args.out.suffix not in (".parquet", ".csv") or not args.out.resolve().parent.is_dir():
        raise BadInput(f"--out {args.out.name}: give a file that ends in .parquet or .csv, in a folder that is there")
    from commonweal import commons
    from commonweal.home import Home
    from commonweal.omop import phecodes

    home = Home.locate(args.home)
    release = commons.open(args.release, tier=args.tier, home=home)
    with console.progress("PheWAS") as step:
        found = release.phewas(
            _definition(Path(args.exposure)) if args.exposure.endswith(".json") else args.exposure,
            [] if args.no_covariates else args.covariate or ["age", "sex"],
            people=args.people,
            cohort=_definition(args.cohort) if args.cohort else None,
            codes=args.codes,
            phecodes=args.phecodes,
            phecode_map=args.map or phecodes.load(home, args.phecodes),
            min_cases=args.min_cases,
            min_dates=args.min_dates,
            model=args.model,
            score_above=args.score_above,
            progress=lambda done, total: step.update(completed=done, total=total),
        )
    return _saved(found, args)


def _saved(found: "Result", args: Namespace) -> dict[str, Any]:
    files = [found.save(args.out, every=args.all)]
    for name in _FIGURES if args.figures else ():
        files += getattr(found, name)(every=args.all).save(args.out.with_name(f"{args.out.stem}-{name}.svg"))
    shown = found.shown(args.all)
    left = found.table.num_rows - shown.num_rows
    first = shown.select(["phecode", "description", "beta", "p_value"]).slice(0, _SHOWN).to_pylist()
    lines = [
        f"{found.told['tested']:,} phecodes of {found.told['people']:,} people; {left:,} left out for small numbers"
    ]
    lines += [f"{r['p_value'] or 0:10.2e}  {r['beta'] or 0:+7.3f}  {r['phecode']} {r['description']}" for r in first]
    answer = {**found.told, "shown": shown.num_rows, "left_out_small": left, "files": [str(file) for file in files]}
    return answer if args.json else answer | {"text": "\n".join(lines)}


def _definition(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"cohort definition {path.name}: it cannot be read; give a JSON file") from None
