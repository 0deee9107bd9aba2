"""The verdict: is one family of settings better than another at equal compute, by a rule that was fixed beforehand?"""
