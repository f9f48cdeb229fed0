"""Tests of the desk: what joins rules, store and plans for the headquarters."""
