"""What may be said of a resource that was not taken, or of what was left out of one that was, and what to do about it.

A reason is a code in the journal and in the report; the sentence tells whoever sent it the remedy.
"""

from django.utils.translation import gettext_noop as _

REASONS: dict[str, str] = {
    # of a file
    "empty": _("the file is empty: send it again"),
    "truncated": _("the file is cut off here, or its packing is broken: send the whole file again"),
    "bomb": _(
        "far more comes out of this gzip than records can be packed to, and unpacking was stopped: pack it again"
    ),
    "not_utf8": _("the text is not UTF-8: save it as UTF-8 and send it again"),
    "other_format": _("the file is of another format than was said: leave the format out, or send the other one"),
    "no_entries": _("the Bundle has no entries"),
    "no_patient": _("nobody is named: a submission needs the Patient that it is about"),
    "too_many": _("more than 16,777,215 resources in one submission: send them in several folders or files"),
    # of a line or an entry
    "not_json": _("it is no JSON, or is cut off: send it again"),
    "not_fhir": _("it is JSON but no FHIR resource: it has no resourceType"),
    "no_resource": _("the entry has no resource"),
    "too_long": _("it is longer than a resource may be (16 MB): leave attachments out"),
    "too_deep": _("its elements are nested deeper than any resource's"),
    "no_id": _("the resource has no id: later versions could not replace it"),
    "malformed": _("an element has another shape than FHIR R4 gives it (a text for an object, one for several)"),
    "bad_time": _(
        "a date or time is not as FHIR writes it (YYYY, YYYY-MM, YYYY-MM-DD, or with Thh:mm:ss+zz:zz), or before 1850"
    ),
    "no_subject": _(
        "it does not say which patient it is about by a reference of its own (no contained one, no search)"
    ),
    "of_another_patient": _(
        "it is about a patient whose Patient resource is not in this submission: send that as well"
    ),
    "no_authorisation": _("the participant does not share health records at present: kept out until a yes is signed"),
    # of a patient
    "no_match": _("no participant of this site fits the patient"),
    "near_miss": _("the patient may be a participant: somebody of the staff has to look"),
    "ambiguous": _("two participants fit the patient: neither is taken"),
    "incomplete_identity": _("the patient lacks a birth date, a family name or a given name"),
    "bad_birth": _(
        "the patient's birth date lies in the future, or more than 130 years ago: correct it and send all again"
    ),
    # kept out, with nothing wrong
    "not_used": _("resources of this type are no health events"),
    "looked_up": _("others refer to it; it is no event of its own"),
    "identity_only": _("a Patient is used to find the participant and is not kept"),
    # unchanged
    "named_again_later": _("the same resource comes again later in the submission, and that place counts"),
    "older_version": _("the vault has a later version of this resource already"),
}

NOTES: dict[str, str] = {
    "undated": _("taken without a date: none of the elements that say when is there"),
    "uncoded": _("taken without a code: it can be mapped to no concept"),
    "end_before_start": _("taken without its end, which lies before its start"),
    "in_future": _("taken, though it starts after the day on which it was sent"),
}
