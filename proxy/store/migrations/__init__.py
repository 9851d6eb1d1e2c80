"""Alembic's migrations, inside the package so that an installed Presscheck can run them."""
