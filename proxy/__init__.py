"""HTTP in, HTTP out: the OpenAI-compatible proxy, its store and its command line."""

from proxy.quiet import silence_libraries

# Before any library is imported that would otherwise fetch or send something.
silence_libraries()
