"""The judge: holds errlint's outcome tables against what programs are seen to do.

It generates client programs, runs each against a real local server for many
outcomes, and compares what it saw with the table that the analyser claims. It
imports nothing of errlint: it runs the command and reads its JSON.

    generate/    writes programs, the same ones for the same seed
    outcomes     the ways in which an attempt can end
    server       answers real sockets: any status, a hang, a closed connection
    world        what a program sees of the outside: answers, sleeps, the clock
    patches      puts a world in the place of sockets, clocks and sleeps
    observe      runs one program once and says what happened
    memory       tells of a run again that another plan led to as well
    notes        what all runs of one program together showed
    search       chooses which runs to make
    table        reads the claims, strictly
    waits        what kind of wait lay between two attempts
    compare      finds where claims and runs disagree
    work         many programs on several processes
    report       says what came of it
    observed     the table of a program as seen by running it
    faults       seeds faults into the analyser, each of which must be caught
"""
