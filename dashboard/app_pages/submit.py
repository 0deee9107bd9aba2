import streamlit as st
st.title("later")
