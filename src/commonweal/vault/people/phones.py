"""Phone numbers: read as people write them, kept as E.164, refused where no text message can reach them."""

from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

HOME_REGION = "US"
WITHOUT_TEXTS = {PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}


def e164(text: str) -> str:
    """The number as E.164 (+13125550142). Raises ValidationError, which says what is wrong with it."""
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except NumberParseException:
        raise ValidationError(gettext("Write your number with its area code, such as 312-555-0142.")) from None
    if not phonenumbers.is_valid_number(number):
        raise ValidationError(gettext("There is no such phone number. Please check its digits and the area code."))
    if phonenumbers.region_code_for_number(number) not in settings.PHONE_REGIONS:
        raise ValidationError(
            gettext("We send text messages within the United States and its territories only. Please use e-mail.")
        )
    if phonenumbers.number_type(number) in WITHOUT_TEXTS:
        raise ValidationError(gettext("This number cannot get text messages. Please use a mobile number, or e-mail."))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def known(text: str) -> str | None:
    """The number as it would be kept, or None for what is no number of ours."""
    try:
        return e164(text)
    except ValidationError:
        return None


def spoken(number: str) -> str:
    """As people write it: (312) 555-0142. What is no number, such as an e-mail address, stays as it is."""
    if not number.startswith("+") or "@" in number:
        return number
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.NATIONAL)
    except NumberParseException:
        return number


class PhoneField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Mobile phone number"))
        options.setdefault("max_length", 40)
        options["widget"] = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return e164(text) if text else ""
