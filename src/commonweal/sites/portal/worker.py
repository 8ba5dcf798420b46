"""The portal's worker: runs the jobs that pages leave behind, and what is to be done from time to time.

One process, six threads: one takes jobs from the queue in the database (django-tasks), one goes round the TICKS, one
round the SLOW_TICKS, which wait for others (providers of watches), one round the CLINIC_TICKS, which wait for clinics, one
round the LARGE_TICKS, which read much, and one round the FIGURE_TICKS, which are to be live. They must hold up nobody.
Several workers may run beside each other. On SIGTERM each ends what it is at, and then the process ends.
"""

import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import close_old_connections
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker as Jobs
from django_tasks_db.models import DBTaskResult

from commonweal.vault.consent.documents import render_waiting
from commonweal.vault.journey.leaving import finish_open
from commonweal.vault.journey.leaving.joining import find_duplicates
from commonweal.vault.journey.my_data.publishing import tick as publish_answers
from commonweal.vault.journey.my_data.taking.job import clear_away
from commonweal.vault.journey.status.bulk import catch_up, recompute
from commonweal.vault.messages import outbox
from commonweal.vault.messages.delivery import deliver_due
from commonweal.vault.messages.reminders import remind
from commonweal.vault.messages.survey_reminders import survey_reminders
from commonweal.vault.messages.watches import remind as remind_of_watches
from commonweal.vault.partners.kept import tick as count_outreach
from commonweal.vault.records.compact.actions import tick as compact_records
from commonweal.vault.records.matching.near import forget as forget_near_misses
from commonweal.vault.records.mediated.cutting import tick as cut_clinics
from commonweal.vault.records.mediated.run import tick as read_clinics
from commonweal.vault.records.mediated.taking import tick as take_records
from commonweal.vault.representation.figures.rounds import recount as count_everybody
from commonweal.vault.representation.figures.rounds import tick as count_figures
from commonweal.vault.staff.campaigning import tick as ask_again
from commonweal.vault.staff.papers import tick as take_papers
from commonweal.vault.staff.safety_alerts import tick as tell_of_safety
from commonweal.vault.wearables.cutting import tick as cut_wearables
from commonweal.vault.wearables.sync.run import tick as read_wearables
from commonweal.vault.wearables.upkeep import tick as compact_wearables

log = logging.getLogger(__name__)

LOST_AFTER = timedelta(minutes=15)  # jobs are short: one that runs longer was left by a worker that was killed
MOST_TRIES = 5
KEEP_FINISHED = timedelta(days=7)
HOUR, DAY = 3600.0, 86400.0


def take_up_lost() -> int:
    """Jobs whose worker was killed go back to the queue; after several such ends they count as failed."""
    lost = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LOST_AFTER)
    again = 0
    for job in lost:
        state = TaskResultStatus.READY if len(job.worker_ids) < MOST_TRIES else TaskResultStatus.FAILED
        mine = DBTaskResult.objects.filter(pk=job.pk, status=TaskResultStatus.RUNNING, started_at=job.started_at)
        ended = timezone.now() if state == TaskResultStatus.FAILED else None
        again += mine.update(status=state, finished_at=ended)
    return again


def prune() -> int:
    """Forget jobs that ended a week ago, and what lies in the outbox that long."""
    outbox.prune()
    return DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEEP_FINISHED).delete()[0]


# Seconds between two times, and what is done. A room adds its own; each must bear being done by two workers at once.
TICKS: list[tuple[float, Callable[[], object]]] = [
    (2.0, deliver_due),
    (60.0, take_up_lost),
    (30.0, cut_wearables),
    (30.0, cut_clinics),
    (30.0, finish_open),
    (20.0, tell_of_safety),
    (60.0, render_waiting),
    (HOUR, remind),
    (60.0, survey_reminders),  # a piece of an hourly round
    (HOUR, remind_of_watches),
    (15.0, catch_up),
    (DAY, recompute),
    (300.0, ask_again),
    (HOUR, take_papers),
    (DAY, prune),
    (DAY, find_duplicates),
    (DAY, forget_near_misses),
    (300.0, clear_away),
]
SLOW_TICKS: list[tuple[float, Callable[[], object]]] = [
    (20.0, read_wearables),
]
CLINIC_TICKS: list[tuple[float, Callable[[], object]]] = [
    (20.0, read_clinics),
    (60.0, take_records),
]
LARGE_TICKS: list[tuple[float, Callable[[], object]]] = [
    (300.0, compact_wearables),
    (300.0, compact_records),
    (HOUR, publish_answers),
    (30.0, count_outreach),
]
FIGURE_TICKS: list[tuple[float, Callable[[], object]]] = [
    (20.0, count_figures),
    (DAY, count_everybody),
]


def jobs_worker(interval: float = 0.5, *, batch: bool = False) -> Jobs:
    """What takes jobs from the queue; with `batch` it ends when none waits."""
    return Jobs(
        queue_names=["*"],
        interval=interval,
        batch=batch,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{os.getpid()}-{uuid.uuid4().hex[:12]}",
        excluded_queue_names=[],
    )


def run_forever(stop: threading.Event, interval: float = 0.5) -> None:
    """Jobs and ticks until `stop` is set. Raises RuntimeError where the jobs' thread ended by itself."""
    jobs = jobs_worker(interval)
    thread = threading.Thread(target=jobs.run, name="jobs")
    others = [
        threading.Thread(target=_go_round, args=(stop, thread, ticks), name=name)
        for name, ticks in (
            ("slow", SLOW_TICKS),
            ("clinics", CLINIC_TICKS),
            ("large", LARGE_TICKS),
            ("figures", FIGURE_TICKS),
        )
    ]
    for one in (thread, *others):
        one.start()
    try:
        _go_round(stop, thread, TICKS)
    finally:
        jobs.running = False  # it ends the job at hand first
        for one in (thread, *others):
            one.join()
    if not stop.is_set():
        raise RuntimeError("the thread that runs jobs has ended; see above")


def _go_round(stop: threading.Event, thread: threading.Thread, ticks: list[tuple[float, Callable[[], object]]]) -> None:
    next_time = dict.fromkeys(range(len(ticks)), 0.0)
    while not stop.wait(0.2) and thread.is_alive():
        for number, (seconds, tick) in enumerate(ticks):
            if time.monotonic() >= next_time[number] and not stop.is_set():
                do(tick)
                next_time[number] = time.monotonic() + seconds


def do(tick: Callable[[], object]) -> None:
    """One tick. What goes wrong is named by its kind alone (its words may name a person), and tried again next time."""
    close_old_connections()
    try:
        tick()
    except Exception as error:
        log.error("%s failed: %s; it will be tried again", getattr(tick, "__name__", "tick"), type(error).__name__)
    finally:
        close_old_connections()


def stop_on_signals(stop: threading.Event) -> None:
    """SIGTERM and an interrupt set `stop`."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
