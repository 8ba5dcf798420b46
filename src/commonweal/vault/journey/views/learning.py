"""What everybody may read before joining: the program's own pages, and its words explained."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commonweal.ui.context import current_protocol, language, words
from commonweal.ui.policies import public

GLOSSARY = "glossary"


@public
@require_safe
def learn(request: HttpRequest) -> HttpResponse:
    """What the program is, what one is asked to decide, and the way to its pages."""
    return render(request, "journey/learn.html", {"protocol": current_protocol(), "pages": _pages()})


@public
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One page of the program; the glossary, where it has one."""
    protocol = current_protocol()
    found = protocol.pages.get(slug)
    places = _pages()
    if found is None and not (slug == GLOSSARY and protocol.glossary):
        raise Http404
    context = {"pages": places, "here": slug, "next": _after(places, slug)}
    if found is None:
        terms = protocol.glossary.get(language()) or protocol.glossary["en"]
        return render(request, "journey/glossary.html", context | {"terms": sorted(terms.items(), key=_letters)})
    text = found.texts.get(language()) or next(iter(found.texts.values()))
    questions = bool(text.sections) and all("?" in section.title for section in text.sections)
    return render(request, "journey/learn_page.html", context | {"text": text, "questions": questions})


def _letters(term: tuple[str, str]) -> str:
    return term[0].casefold()


def _pages() -> list[tuple[str, str]]:
    """(slug, title) of the pages in order, in the language of the page; the glossary last, without a title of its own."""
    protocol = current_protocol()
    found = [(slug, words(page.title)) for slug, page in protocol.pages.items()]
    return [*found, (GLOSSARY, "")] if protocol.glossary and GLOSSARY not in protocol.pages else found


def _after(places: list[tuple[str, str]], slug: str) -> tuple[str, str] | None:
    slugs = [place for place, _ in places]
    following = slugs.index(slug) + 1
    return places[following] if following < len(places) else None
