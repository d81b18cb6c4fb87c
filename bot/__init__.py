"""The WeChat channel: callbacks in, replies and pushes out."""
