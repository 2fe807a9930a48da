"""Staff accounts and timed tasks, in the back office's looks."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django_celery_beat import models as beat
from django_celery_beat.admin import PeriodicTaskAdmin as BeatTaskAdmin
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

admin.site.index_title = "Today"

for _model in (
    Group,
    User,
    beat.ClockedSchedule,
    beat.CrontabSchedule,
    beat.IntervalSchedule,
    beat.PeriodicTask,
    beat.SolarSchedule,
):
    admin.site.unregister(_model)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # not at run time
    """The people who may sign in here."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "is_staff", "is_active", "last_login")


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """What groups of them may do."""


@admin.register(beat.PeriodicTask)
class PeriodicTaskAdmin(BeatTaskAdmin, ModelAdmin):
    """What beat starts, and when it last did."""

    list_display = ("name", "enabled", "scheduler", "last_run_at", "total_run_count")


@admin.register(beat.IntervalSchedule, beat.CrontabSchedule)
class ScheduleAdmin(ModelAdmin):
    """The times that tasks refer to."""
