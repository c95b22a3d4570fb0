// What a training run is, in words, so that a checkpoint goes on in the run that wrote it and in no
// other.
#pragma once

#include <string>

namespace tapegrad::apps {

// An identity is a list such as "model mf; factors 64; seed 1", each part named as its option is;
// behind it the loop writes which part of the run it is. How many epochs were given is no part of
// it where the learning rate is constant, so that they can be raised.

// How two identities differ, such as "factors 64 here and 32 there, seed 1 here and 2 there"; empty
// for the same.
std::string difference_of_runs(const std::string& here, const std::string& there);

}  // namespace tapegrad::apps
