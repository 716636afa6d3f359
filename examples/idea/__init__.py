"""The pictures of docs/idea.md and the figures in its text: `python -m examples.idea`."""
