"""Servers of the Model Context Protocol, over its Streamable HTTP transport; see docs/mcp.md."""
