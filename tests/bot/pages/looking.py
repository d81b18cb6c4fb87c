"""Each page as it is seen: a picture where they are asked for; nothing serious for axe-core."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page

AXE = Path("backend/console/assets/node_modules/axe-core/axe.min.js")


def look(page: Page, folder: Path | None, name: str) -> None:
    page.wait_for_load_state("load")
    if folder is not None:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
    if not AXE.is_file():
        return
    page.evaluate(AXE.read_text("utf-8"))  # past the content security policy, as a debugger may
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations"
        ".filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.help, v.nodes.map(n => n.html).slice(0, 3)]))"
    )
    assert found == [], f"{name}: {json.dumps(found, ensure_ascii=False, indent=1)}"
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
