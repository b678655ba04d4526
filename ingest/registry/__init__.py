"""Who and what there is: sites, rooms, residents, devices, gateways, contacts and users, with a local copy."""
