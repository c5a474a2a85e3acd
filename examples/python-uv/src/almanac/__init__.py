"""An almanac: which day it is, anywhere. A FastAPI application that is installed like a package."""

import os
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import uvicorn
from fastapi import FastAPI, HTTPException

app = FastAPI(title="almanac")


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.get("/")
def about() -> dict[str, object]:
    return {"name": "almanac", "version": version("almanac"), "uid": os.getuid(), "module": __file__}


@app.get("/today/{area}/{place}")
def today(area: str, place: str) -> dict[str, str]:
    try:
        now = datetime.now(ZoneInfo(f"{area}/{place}"))
    except ZoneInfoNotFoundError as error:
        raise HTTPException(404, "there is no such place") from error
    return {"day": now.strftime("%A"), "offset": now.strftime("%z")}


def main() -> None:
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "8080")))
