"""The resident's pages: eight questions, one plan, on the phone, on paper and offline."""
