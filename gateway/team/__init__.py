"""What an administrator arranges: people, queues, the tenant's words and hours."""
