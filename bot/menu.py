"""The menu under the chat: what most people want, and a human."""

from __future__ import annotations

from typing import Any


def menu(public_base_url: str) -> dict[str, Any]:
    """WeChat's own shape. The keys are those of `nlu.dialogue.families.menu_key`; `view` opens a
    page of ours, whose door asks WeChat who is there, so one address does for everybody."""

    def opens(name: str, path: str) -> dict[str, str]:
        return {"type": "view", "name": name, "url": f"{public_base_url}{path}"}

    return {
        "button": [
            {
                "name": "订服务",
                "sub_button": [
                    {"type": "click", "name": "我要订", "key": "ORDER"},
                    {"type": "click", "name": "我的订单", "key": "ORDERS"},
                    opens("今天的安排", "/m/day"),
                    opens("看菜单", "/m/menu"),
                    {"type": "click", "name": "补贴余额", "key": "BALANCE"},
                ],
            },
            {
                "name": "紧急求助",
                "sub_button": [
                    {"type": "click", "name": "马上叫人", "key": "HELP"},
                    {"type": "click", "name": "人工客服", "key": "HUMAN"},
                ],
            },
            {
                "name": "我的",
                "sub_button": [
                    {"type": "click", "name": "绑定长者", "key": "BIND"},
                    {"type": "click", "name": "我的任务", "key": "JOBS"},
                    opens("任务页", "/m/jobs/"),
                    opens("记着什么", "/m/kept/"),
                ],
            },
        ]
    }
