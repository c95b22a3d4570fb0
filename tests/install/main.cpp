// Uses the installed headers and libraries: the gradient of sum((x w)^2) for w is 2 x^2 w.
#include <cstdio>

#include <tapegrad/tapegrad.h>

namespace tg = tapegrad;

int main() {
  tg::Parameters parameters(1);
  tg::Parameter& w = parameters.add("w", {3}, [](tg::Array& array, tg::Random&) {
    for (int i = 0; i < 3; ++i) array.set(i, 1.0 + i);
  });
  tg::Tape tape;
  const tg::Tensor x = tape.input(tg::Array::from({3.0f, 2.0f, 1.0f}, {3}));
  const auto loss = tg::sum(tg::square(x * tape(w)));
  const tg::Array gradient = tg::backward(loss).at("w");

  const double expected[] = {18.0, 16.0, 6.0};
  for (int i = 0; i < 3; ++i) {
    if (gradient.at(i) == expected[i]) continue;
    std::fprintf(stderr, "gradient of w[%d]: expected %g, got %g\n", i, expected[i],
                 gradient.at(i));
    return 1;
  }
  return 0;
}
