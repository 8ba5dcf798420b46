"""A log-in of the research site."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone


class ResearcherManager(BaseUserManager["Researcher"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Researcher":
        researcher = self.model(email=self.normalize_email(email).lower(), **fields)
        researcher.set_password(password)
        researcher.save(using=self._db)
        return researcher


class Researcher(AbstractBaseUser):
    """Somebody who may study releases. Which tiers: see `TierGrant`. `is_program_staff` may ask for exact counts."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    institution = models.CharField(max_length=200)
    language = models.CharField(max_length=2, default="en")
    is_active = models.BooleanField(default=True)
    is_program_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = ResearcherManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    def __str__(self) -> str:
        return f"researcher {self.pk}"  # never the address: this ends up in logs
