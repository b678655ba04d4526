"""The alarm core, pure: numpy detectors fed with batches, parameters read from rule files."""
