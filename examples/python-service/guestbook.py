"""A guest book that forgets: a Flask application with a native module among its dependencies."""

import os
import ssl
import sys

import markupsafe
from flask import Flask, request

app = Flask(__name__)
entries: list[str] = []


@app.get("/healthz")
def healthz() -> str:
    return "ok\n"


@app.post("/entries")
def sign() -> tuple[str, int]:
    entries.append(str(markupsafe.escape(request.get_data(as_text=True))))
    return f"entry {len(entries)}\n", 201


@app.get("/")
def read() -> dict[str, object]:
    return {
        "entries": entries,
        "python": ".".join(map(str, sys.version_info[:3])),
        "uid": os.getuid(),
        "native": markupsafe._escape_inner.__module__ == "markupsafe._speedups",
        "authorities": len(ssl.create_default_context().get_ca_certs()) > 0,
        "writable": os.access(__file__, os.W_OK) or os.access(os.path.dirname(__file__), os.W_OK),
        "pip": any(os.path.exists(os.path.join(path, "pip")) for path in sys.path),
    }
