"""Who runs when: queue, jobs, worker, scheduler, running batches."""
