"""What stewards see of releases: a build under way, what a built tier holds, and what differs from the one before."""
