"""The kind of a model's server, and what it can do. All models so far were vLLM's."""

from alembic import op

revision = "0015"
down_revision = "0014"

OF_VLLM = "'{token_ids,logprobs,prompt_logprobs,pooling,top_k,private_cache}'"


def upgrade() -> None:
    op.execute("ALTER TABLE models ADD COLUMN engine text NOT NULL DEFAULT 'vllm'")
    op.execute(f"ALTER TABLE models ADD COLUMN abilities text[] NOT NULL DEFAULT {OF_VLLM}")
    op.execute("ALTER TABLE models ALTER engine DROP DEFAULT, ALTER abilities DROP DEFAULT")


def downgrade() -> None:
    op.execute("ALTER TABLE models DROP COLUMN engine, DROP COLUMN abilities")
