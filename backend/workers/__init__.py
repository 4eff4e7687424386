"""The process that computes: runs one job at a time, away from the sockets of the clients."""
