// The time of every kernel beside that of the exponential, which shows kernels that the compiler
// did not vectorise.
#pragma once

namespace bench {

// Runs the kernels on one thread and prints nanoseconds an element, of the output or of the larger
// input, and the ratio to exp's of the same run, slowest first. Kernels of more than `limit` times
// exp's are marked; says how many these are.
int print_kernels(double limit);

}  // namespace bench
