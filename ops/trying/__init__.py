"""`/try`: a house tried in a browser, by people who are not there.

people     who can be played: in WeChat, at a telephone
news       all that happened, for the pages that are open
phone      the telephone: a real call over SIP at a time
sounds     what a browser's microphone gives, what it plays
app        the page, and what it asks for
house      the process among the others of a house

Development only: it speaks as anybody of the made-up town, and needs the stand-in for WeChat.
"""
