"""The process that clients talk to: moves messages, keeps the jobs, supervises the workers."""
