"""The whole embedded stack under an agent that breaks it on purpose: `python -m tests.soak MINUTES [--seed N]`.

Small experiments are submitted all the while. Faults come from a table (`faults.FAULTS`), one after another, in an
order that the seed decides, each of them at least once; after each, what must hold is waited for, and what is stored is
audited. In the end every experiment runs out, plain SQL counts what is there, vLLM's counters are compared with what is
counted, and processes are looked for that outlived the stack. It knows the product from outside: processes, sockets,
SQL.
"""
