"""The online shell: HTTP, Redis, authorisation and health around the pure core in `recommender`."""
