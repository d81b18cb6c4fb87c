"""The pages that families and workers open inside WeChat."""
