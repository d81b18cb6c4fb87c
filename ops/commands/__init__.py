"""The commands of `yinling`, a module for each group; yinling.py puts them together."""
