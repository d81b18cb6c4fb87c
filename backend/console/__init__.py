"""The web console: who may enter, the pages by what people are there for, and their live feed.

A page is a module of `pages`, which only asks and shows; what changes anything is a use case of
`backend.services`. Who may see which page stands in `permissions`, and nowhere else.
"""
