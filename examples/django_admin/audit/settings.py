"""Settings for looking at activity_log in the Django admin."""
import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("SECRET_KEY", "for the example alone")
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "audit",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
ROOT_URLCONF = "audit.urls"
STATIC_URL = "static/"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The admin's own users and sessions are apart from the activity log, for which an
# account with the right to SELECT is enough.
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("ADMIN_DB", BASE_DIR / "admin.sqlite3")},
    "activity": {
        "ENGINE": "django.db.backends." + os.environ.get("ACTIVITY_ENGINE", "sqlite3"),  # or postgresql
        "NAME": os.environ.get("ACTIVITY_NAME", "activity.db"),
        "HOST": os.environ.get("ACTIVITY_HOST", ""),
        "PORT": os.environ.get("ACTIVITY_PORT", ""),
        "USER": os.environ.get("ACTIVITY_USER", ""),
        "PASSWORD": os.environ.get("ACTIVITY_PASSWORD", ""),
    },
}
DATABASE_ROUTERS = ["audit.models.Router"]

# Where a trace opens; %s is its id.
TRACE_URL = os.environ.get("TRACE_URL", "http://127.0.0.1:16686/trace/%s")
