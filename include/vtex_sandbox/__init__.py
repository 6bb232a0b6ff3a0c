"""
A pretend VTEX: the Orders API of any number of accounts, without their customers.

An order is a pure function of seed, account, day and place in the day; its state follows from the events of its life up
to the sandbox's clock. Orders depend on that clock alone, so it can be set, frozen and advanced freely.
"""
