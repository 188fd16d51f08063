"""What tools read and how they are reached: the tenant's orders, and the tools that it added."""
