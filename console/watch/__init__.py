"""The watcher: a canary presses its button through the whole path, and an outside watcher hears that all is well."""
