"""The code of the sessions in noxfile.py. It needs nox and is not in the wheel."""
