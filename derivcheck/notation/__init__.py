"""One way of writing per file: syntax to term and back.

Main definitions: `read`, `readings`, `write`, `shape_of`; the faults `NotYetReadable`, `NotMathematics`, `ShapesDiffer`.
"""

from derivcheck.notation.faults import NotMathematics as NotMathematics
from derivcheck.notation.faults import NotYetReadable as NotYetReadable
from derivcheck.notation.faults import ShapesDiffer as ShapesDiffer
from derivcheck.notation.faults import Unreadable as Unreadable
from derivcheck.notation.read import read as read
from derivcheck.notation.readings import Reading as Reading
from derivcheck.notation.readings import readings as readings
from derivcheck.notation.shapes import shape_of as shape_of
from derivcheck.notation.writer import write as write
