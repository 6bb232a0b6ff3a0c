"""
A pretend VTEX: the Orders API of any number of accounts, without their customers.

An order is a pure function of seed, account, day and place in the day; its state is the fold of its life's events up to
the sandbox's clock. Nothing runs in the background, so the clock can be set, frozen and advanced at will.
"""
