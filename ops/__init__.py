"""Running the house: its processes, a doctor, the demo and the benchmarks."""
