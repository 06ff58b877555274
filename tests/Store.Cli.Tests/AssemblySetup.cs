// Every test has actor systems, ports and files of its own; run side by side on a small machine they would only slow each other down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
