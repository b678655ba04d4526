"""The demonstration: invented places in the registry, accounts to look around with, a script of five minutes."""
