"""The pages of the shop, in JSON written by an extension that was compiled from source."""

import os

import ujson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path


def index(request: HttpRequest) -> HttpResponse:
    about = {
        "static": (settings.STATIC_ROOT / "admin" / "css" / "base.css").exists(),
        "compiled": ujson.__file__.endswith(".so"),
        "writable": os.access(settings.BASE_DIR, os.W_OK),
        "uid": os.getuid(),
    }
    return HttpResponse(ujson.dumps(about), content_type="application/json")


urlpatterns = [path("", index)]
