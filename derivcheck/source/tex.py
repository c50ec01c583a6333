"""stub"""
from __future__ import annotations
from derivcheck.source.build import Builder
def read_tex(text: str, builder: Builder) -> None:
    raise NotImplementedError
