"""What jobs made their models do: tokens that verifiers generated, chains begun, positions attended to, longest paths.

Of older jobs it is known which chains they began, and what a verifier of a known kind generated: a token PRM one token
a call, the others none. The rest is NULL.
"""

from alembic import op

from db.migrations.batches import in_batches

revision = "0008"
down_revision = "0007"

COUNTED = ("attempts", "traces", "steps")
WORK = (
    "longest_path",
    "attended",
    "kv_read",
    "verifier_attended",
    "verifier_kv_read",
    "spared_tokens",
    "spared_attended",
    "verifier_spared_tokens",
    "verifier_spared_attended",
)

VERIFIER_GENERATED = """
UPDATE {table} SET verifier_generated_tokens = CASE
    WHEN {table}.verifier_calls = 0 THEN 0
    WHEN told.kind = 'token_prm' THEN {table}.verifier_calls
    WHEN told.kind IS NOT NULL THEN 0
END
FROM jobs
JOIN arms ON arms.id = jobs.arm_id
JOIN experiments ON experiments.id = arms.experiment_id
LEFT JOIN verifiers ON verifiers.name = arms.verifier
CROSS JOIN LATERAL (SELECT coalesce(experiments.models -> arms.verifier ->> 'kind', verifiers.kind) AS kind) AS told
WHERE jobs.id = {table}.job_id AND jobs.id >= :first AND jobs.id < :end
"""

CHAINS = """
UPDATE traces SET chains = begun.chains
FROM (
    SELECT steps.job_id, count(*) AS chains
    FROM steps
    JOIN steps AS prompts
        ON prompts.job_id = steps.job_id AND prompts.path = regexp_replace(steps.path, '\\.[0-9]+$', '')
    WHERE steps.job_id >= :first AND steps.job_id < :end
        AND prompts.phase = 'prompt' AND steps.phase <> 'prompt' AND prompts.path <> steps.path
    GROUP BY steps.job_id
) AS begun
WHERE begun.job_id = traces.job_id
"""


def upgrade() -> None:
    for table in COUNTED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS verifier_generated_tokens integer")
    op.execute("ALTER TABLE traces ADD COLUMN IF NOT EXISTS chains integer")
    for name in WORK:
        op.execute(f"ALTER TABLE traces ADD COLUMN IF NOT EXISTS {name} bigint")
    op.execute("ALTER TABLE rollups ADD COLUMN IF NOT EXISTS longest_of_k double precision[]")
    for table in ("models", "verifiers"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS cost_facts jsonb DEFAULT '{{}}' NOT NULL")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN cost_facts DROP DEFAULT")
    for table in COUNTED:
        in_batches(VERIFIER_GENERATED.format(table=table))
    in_batches(CHAINS)


def downgrade() -> None:
    for table in COUNTED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN verifier_generated_tokens")
    for name in ("chains", *WORK):
        op.execute(f"ALTER TABLE traces DROP COLUMN {name}")
    op.execute("ALTER TABLE rollups DROP COLUMN longest_of_k")
    for table in ("models", "verifiers"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN cost_facts")
