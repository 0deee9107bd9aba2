"""Typed values in, Plotly figures out: one file per plot. No SQL, no statistics and no Streamlit here.

The way of optuna's `visualization`: what is drawn is a value that can be tested without drawing.
"""
