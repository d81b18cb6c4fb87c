"""The menu under the chat: what most people want, and a human."""

from typing import Any

MENU: dict[str, Any] = {
    "button": [
        {
            "name": "订服务",
            "sub_button": [
                {"type": "click", "name": "我要订", "key": "ORDER"},
                {"type": "click", "name": "我的订单", "key": "ORDERS"},
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
            ],
        },
    ]
}
"""WeChat's own shape; the keys are those of `nlu.dialogue.families.menu_key`."""
