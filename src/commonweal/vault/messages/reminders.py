"""Who is due to be reminded of what, found in sets; each reminder is then an ordinary message."""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, Withdrawal
from commonweal.vault.consent.rules import NO, PARTICIPATE, YES
from commonweal.vault.messages.actions import send
from commonweal.vault.messages.appointments import remind_of
from commonweal.vault.messages.models import Appointment, Message
from commonweal.vault.people.models import Participant

FINISH = "finish_joining"
AFTER = (timedelta(days=3), timedelta(days=10), timedelta(days=30))  # since registering: first, second, last reminder
APART = timedelta(days=5)  # at least, whatever became of the plan
DAY_BEFORE = timedelta(hours=24)
ENDING = timedelta(days=30)  # before a permission ends by itself
AT_ONCE = 500  # in one round; the rest follow in the next


def remind(now: datetime | None = None) -> int:
    """Send what is due: to those who began to join and stopped, before appointments, before a permission ends.

    Answers to how many.
    """
    now = now or timezone.now()
    return finish_joining(now) + appointments(now) + endings(now)


def endings(now: datetime) -> int:
    """Once for each yes that stands and ends by itself within a month."""
    count = 0
    for module in current_protocol().consents.values():
        link = reverse("consent", args=[module.id])
        for answer in _ending(module.id, link, now)[: AT_ONCE - count]:
            send(
                answer.participant,
                "consent_ending",
                key=str(answer.pk),
                link=link,
                title=module.title,
                day=answer.expires_at,
            )
            count += 1
    return count


def _ending(module: str, link: str, now: datetime) -> QuerySet[ConsentAnswer]:
    """Each yes to `module` of which nothing was said yet; `link` tells what was said of one module from another's."""
    told = Message.objects.filter(
        participant=OuterRef("participant"),
        template="consent_ending",
        link=link,
        made_at__gte=now - ENDING - timedelta(days=1),
    )
    later = ConsentAnswer.objects.filter(
        participant=OuterRef("participant"), module=OuterRef("module"), event_time__gt=OuterRef("event_time")
    )
    ending = ConsentAnswer.objects.filter(module=module, answer=YES, expires_at__gt=now, expires_at__lte=now + ENDING)
    ending = ending.filter(~Exists(told), ~Exists(later), participant__is_test=False)
    return ending.select_related("participant__account").order_by("expires_at")


def finish_joining(now: datetime) -> int:
    """Three gentle reminders at most, until the person has decided."""
    due = undecided(now).annotate(
        told=Count("messages", filter=Q(messages__template=FINISH, messages__channel=Message.INBOX)),
        last=Max("messages__made_at", filter=Q(messages__template=FINISH)),
    )
    spaced = Q(last__isnull=True) | Q(last__lte=now - APART)
    count = 0
    for number, after in enumerate(AFTER):
        people = due.filter(spaced, told=number, registered_at__lte=now - after)
        for person in people.select_related("account").order_by("pk")[: AT_ONCE - count]:
            send(person, FINISH, key=str(number), link=reverse("next"))
            count += 1
    return count


def undecided(now: datetime) -> QuerySet[Participant]:
    """People with a log-in who registered here in the last half year, are not gone, and said neither yes nor no."""
    answers = ConsentAnswer.objects.filter(participant=OuterRef("pk"), scopes__contains=PARTICIPATE)
    latest = answers.order_by("-event_time", "-pk").values("answer")[:1]
    people = Participant.objects.filter(
        origin="portal", account__is_active=True, is_test=False, registered_at__gte=now - timedelta(days=180)
    )
    for gone in (Withdrawal, Deactivation, Decease):
        people = people.exclude(pk__in=gone.objects.values("participant"))
    people = people.exclude(eligibilities__state__startswith="not_eligible")
    return people.annotate(said=Subquery(latest)).filter(Q(said__isnull=True) | ~Q(said__in=(YES, NO)))


def appointments(now: datetime) -> int:
    """One reminder the day before; none for what was booked or changed within that day: it has just been told."""
    soon = Appointment.objects.filter(
        state=Appointment.BOOKED,
        starts_at__gt=now,
        starts_at__lte=now + DAY_BEFORE,
        changed_at__lte=F("starts_at") - DAY_BEFORE,
    )
    return sum(remind_of(appointment) for appointment in soon.select_related("participant__account").order_by("pk"))
