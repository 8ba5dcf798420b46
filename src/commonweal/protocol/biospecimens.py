"""biospecimens.toml: kits, their tubes, and how samples are handled."""

from typing import Annotated, Literal

from pydantic import Field

from commonweal.protocol.base import Model, Text


class Test(Model):
    """One tube or container by its test code; `centrifuged` gives the code after each kind of centrifuge."""

    __test__ = False  # not a test of ours
    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{5}$")]
    label: Text
    material: Literal["whole_blood", "serum", "plasma", "urine", "saliva", "cell_free_dna", "rna"]
    volume_ml: Annotated[float, Field(gt=0)]
    dna: bool = False
    labels: Annotated[int, Field(ge=1)] = 1
    centrifuged: dict[Literal["swinging_bucket", "fixed_angle"], str] = {}


class Kit(Model):
    """A set of tests collected together; `instead` names the kit used when none of the tests in `unless` can be drawn."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    version: str
    label: Text
    tests: Annotated[tuple[str, ...], Field(min_length=1)]
    only_without: tuple[str, ...] = ()


class Shipping(Model):
    """How samples travel to the biobank."""

    storage: Literal["refrigerated", "frozen", "ambient"]
    hours_to_ship: Annotated[int, Field(gt=0)]
    missing_after_hours: Annotated[int, Field(gt=0)]


class Biospecimens(Model):
    """The whole of biospecimens.toml."""

    tests: Annotated[tuple[Test, ...], Field(min_length=1)]
    kits: Annotated[tuple[Kit, ...], Field(min_length=1)]
    shipping: Shipping
