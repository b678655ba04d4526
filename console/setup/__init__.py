"""Setting up a home in the console: places, people, devices, accounts, policies and rotas."""
