"""What we remember: the schema, guarded transitions and named queries. The only folder with SQL."""
