"""Cohort exit: our definitions say who is in and when they enter, not until when. What stays behind, and what of it
matters for who is in.

In Circe an entry is in where at least one of its ends (the end strategy; without one, or with a custom drug era, the end
of the observation period; the first censoring event) is not before its start. So exit changes who is in only where the
strategy can end before it starts.
"""

from typing import Any

from commonweal.commons.cohort.circe.reading import Node

NO_EXIT = "our definitions say who is in and when they enter, not until when; neither changes"


def note_exits(root: Node, index: dict[str, Any]) -> None:
    strategy = root.node("EndStrategy")
    if strategy is not None:
        _strategy(strategy)
    if root.has("CensoringCriteria"):
        root.account.note(root.at("CensoringCriteria"), "censoring events", NO_EXIT, who=False)
    root.ignore("CensoringCriteria")
    settings = root.node("CollapseSettings")
    if settings is not None:
        settings.ignore("EraPad")
        if settings.get("CollapseType", str, "ERA").upper() != "ERA":
            root.account.note(settings.at("CollapseType"), "the merging of periods", "Circe knows no other than ERA")
        settings.close()
    if index["which"] == "all" and "keep" not in index:
        why = (
            "with several entries a person, Circe merges those whose periods meet or lie within EraPad days, and keeps "
            "the earliest date; here each entry keeps its own date: the same people and the same first date of each, "
            "but later dates within a merged period are there too"
        )
        root.account.note(root.at("CollapseSettings"), "the merging of periods", why, who=False)


def _strategy(node: Node) -> None:
    offset = node.node("DateOffset")
    if offset is not None:
        days, field = offset.whole("Offset", 0) or 0, offset.get("DateField", str, "StartDate")
        offset.close()
        if days < 0:
            why = "it lets the period end before it starts, and such an entry is not in"
            node.account.note(offset.at("Offset"), "the end of the period", why)
        elif field.lower() == "enddate":
            why = (
                f"{NO_EXIT} (save for a record that ends before it starts by more than the offset: Circe leaves it out)"
            )
            node.account.note(offset.path, "the end of the period", why, who=False)
        else:
            node.account.note(offset.path, "the end of the period", NO_EXIT, who=False)
    if node.has("CustomEra"):
        node.account.note(node.at("CustomEra"), "the end of the period", NO_EXIT, who=False)
    node.ignore("CustomEra")
    node.close("no end strategy that this importer knows")
