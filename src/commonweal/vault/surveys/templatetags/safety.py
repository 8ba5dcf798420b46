"""What the help page needs of a contact, in the language of the page."""

from django import template

from commonweal.protocol.safety import Contact
from commonweal.ui.context import language

register = template.Library()


@register.filter
def text_word(contact: Contact) -> str:
    """The word to write to a crisis line, such as HELLO."""
    return contact.word(language())


@register.filter
def chat_page(contact: Contact) -> str:
    """The address of the page on which one can write."""
    return contact.page(language())
