from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "Account":
        address = self.normalize_email(email).lower() if email else None
        account = self.model(email=address, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser, PermissionsMixin):
    """A log-in of the portal. What it may do comes from the participant, or the staff roles, that hang on it.

    It is known by an e-mail address or a phone number (E.164), or both; at least one of them is verified before it opens.
    """

    email = models.EmailField(unique=True, null=True, blank=True)
    phone = models.CharField(max_length=16, unique=True, null=True, blank=True)
    phone_verified = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="en")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = AccountManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email__isnull=False) | models.Q(phone__isnull=False), name="an_address_or_a_number"
            )
        ]

    @property
    def helping_now(self) -> list[Any]:
        """Links by which this account may act for participants now."""
        from commonweal.vault.people import helping

        return list(helping.active(self).select_related("participant"))

    def __str__(self) -> str:
        return f"account {self.pk}"  # never the address: this ends up in logs
