"""The judge: holds errlint's outcome tables against what programs are seen to do.

It generates client programs, runs each against a real local server for many
outcomes, and compares what it saw with the table that the analyser claims. It
imports nothing of errlint: it runs the command and reads its JSON.

    generate/    writes programs, the same ones for the same seed
    server       answers real sockets: any status, a hang, a closed connection
    world        what a program sees of the outside: answers, sleeps, the clock
    observe      runs one program once and says what happened
    search       chooses which runs to make
    table        reads the claims, strictly
    compare      finds where claims and runs disagree
    work         many programs on several processes
"""
