"""HTTP in, HTTP out: the OpenAI-compatible proxy, its store and its command line."""
