"""What the sessions in noxfile.py are made of. Needs nox; no part of the distribution."""
