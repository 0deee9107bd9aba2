"""Where experiments run: submission, Celery tasks, engines, data sets and graders."""
