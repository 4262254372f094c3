"""How a plan is carried out.

foresight: what each gate will need; whereabouts: where everything is and the rows that change it,
from opening_scene on; room: what makes room and its price; walk: row by row; relay: gates between
modules that nothing can be swapped between; rest: before control flow and at the end; written: from
rows to a Program.
"""
