"""What we see: Streamlit pages over named queries."""
