"""`nox -s sweep`: run the contract on a release of every class on which no cell runs all of it."""
