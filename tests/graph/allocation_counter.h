// Allocations of the whole program, counted between start() and stop().
#pragma once

namespace allocation_counter {

void start();
void stop();
long count();

}  // namespace allocation_counter
