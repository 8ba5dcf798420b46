"""Plain text of a protocol as HTML: paragraphs parted by blank lines, lines that begin with "- " as a list."""

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


def _block(lines: list[str]) -> SafeString:
    if all(line.startswith("- ") for line in lines):
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((line[2:],) for line in lines)))
    return format_html("<p>{}</p>", mark_safe(" ".join(conditional_escape(line) for line in lines)))


def blocks(text: str) -> list[list[str]]:
    """The lines of each paragraph and of each list of a plain text."""
    found: list[list[str]] = [[]]
    for line in (line.strip() for line in text.splitlines()):
        starts_other_kind = found[-1] and line.startswith("- ") != found[-1][-1].startswith("- ")
        if not line or starts_other_kind:
            found.append([])
        if line:
            found[-1].append(line)
    return [block for block in found if block]


def paragraphs(text: str) -> SafeString:
    """Escaped HTML of a plain text."""
    return mark_safe("".join(_block(block) for block in blocks(text or "")))
