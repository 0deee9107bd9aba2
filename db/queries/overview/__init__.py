"""What is seen of many experiments at once: their list, how those that are open go on, which of them need somebody."""
