"""Words to values: dates, times, windows, numbers, services, people, diet. Pure functions.

Every finder takes what a person wrote or said and reads it through `text.plain`, so raw
WeChat text (full-width digits, traditional characters, spaces, emoji) is welcome everywhere.
Spans (`Found.start`, `Found.end`) count in the plain text.
"""
