"""Plain SQL that finds what must not be. Each query returns the offenders; an empty answer is a clean bill."""

import psycopg

VIOLATIONS = {
    "job that did not succeed": "SELECT id FROM jobs WHERE status <> 'succeeded'",
    "job asked twice": "SELECT arm_id, problem_id, repeat FROM jobs GROUP BY 1, 2, 3 HAVING count(*) > 1",
    "arm without all its jobs": """
        SELECT a.id FROM arms a JOIN experiments e ON e.id = a.experiment_id
        WHERE (SELECT count(*) FROM jobs j WHERE j.arm_id = a.id)
           <> (SELECT count(*) FROM problems p WHERE p.experiment_id = e.id) * (e.spec->>'repeats')::int
    """,
    "succeeded job without exactly one trace": """
        SELECT j.id FROM jobs j LEFT JOIN traces t ON t.job_id = j.id
        WHERE j.status = 'succeeded' GROUP BY j.id HAVING count(t.job_id) <> 1
    """,
    "succeeded job without exactly one succeeded attempt": """
        SELECT j.id FROM jobs j LEFT JOIN attempts a ON a.job_id = j.id AND a.outcome = 'succeeded'
        WHERE j.status = 'succeeded' GROUP BY j.id HAVING count(a.job_id) <> 1
    """,
    "trace whose totals are not its steps'": """
        SELECT t.job_id FROM traces t LEFT JOIN steps s ON s.job_id = t.job_id
        GROUP BY t.job_id, t.generated_tokens, t.prompt_tokens, t.forced_tokens
        HAVING coalesce(sum(s.generated_tokens), 0) <> t.generated_tokens
            OR coalesce(sum(s.prompt_tokens), 0) <> t.prompt_tokens
            OR coalesce(sum(s.forced_tokens), 0) <> t.forced_tokens
    """,
    "step without its parent": """
        SELECT s.job_id, s.path FROM steps s
        WHERE s.path LIKE '%.%' AND NOT EXISTS (
            SELECT 1 FROM steps p WHERE p.job_id = s.job_id AND p.path = regexp_replace(s.path, '[.][0-9]+$', '')
        )
    """,
    "trace without all its candidates and grades": """
        SELECT t.job_id FROM traces t
        LEFT JOIN candidates c ON c.job_id = t.job_id LEFT JOIN grades g ON g.job_id = c.job_id AND g.path = c.path
        GROUP BY t.job_id, t.num_candidates
        HAVING count(DISTINCT c.path) <> t.num_candidates OR count(DISTINCT g.path) <> t.num_candidates
            OR count(DISTINCT c.path) FILTER (WHERE c.chosen) <> 1
    """,
}


def violations(connection: psycopg.Connection) -> dict[str, list[tuple]]:
    """Each kind of violation with its offenders; empty when all is well."""
    found = {name: connection.execute(query).fetchall() for name, query in VIOLATIONS.items()}
    return {name: rows for name, rows in found.items() if rows}
