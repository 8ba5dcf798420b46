"""Where next: where and for whom to recruit so that the goals are reached soonest, and what a plan would bring.

Pure rules over plain values and Arrow tables; `asking` alone asks the database. `answering.plan` is their door; what it is
made of, from the ground: `options` (what can be done), `read` (who is here), `yields` (what it brought, with its
uncertainty), `propose` (the optimisation), `simulate` (a plan run forward), `tell` (the answer in words).
"""
