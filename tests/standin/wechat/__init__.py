"""A stand-in for WeChat: its HTTP API as documented, and the phones of the people who use it.

``WeChatStandIn`` runs it in a thread; ``python -m tests.standin.wechat`` runs it as a process;
``Phone`` is a person's phone, reached over HTTP in both cases.

The stand-in shares no code with ``bot``: it encrypts and signs with wechatpy, so that a mistake
in ours cannot hide behind the same mistake here.
"""

from tests.standin.wechat.phone import Message, Phone, Pushed
from tests.standin.wechat.standin import WeChatStandIn

__all__ = ["Message", "Phone", "Pushed", "WeChatStandIn"]
