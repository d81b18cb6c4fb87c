"""SIP and RTP by baresip. The rest of the house sees only `ivr.endpoint`."""
