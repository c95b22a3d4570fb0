// Numbers from counters: an element's number is a function of the tape's seed, the step, the operation's place among the random
// ones of the recording, and the element's place; not of threads, nor of what ran before.
#include <algorithm>
#include <array>

#include <tapegrad/graph/random.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  double rate;
  Index ordinal;
  Index rank;
  Index extents[Shape::max_rank];
};

Type shape_rule(const ShapeContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  if (!(attributes.rate >= 0.0 && attributes.rate < 1.0)) {
    throw ValueError(fmt::format("the rate must be within [0, 1), got {}", attributes.rate));
  }
  return {Shape(std::span<const Index>(attributes.extents, static_cast<std::size_t>(attributes.rank))), context.floating};
}

template <class T>
void kernel(const KernelContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const auto threshold = static_cast<std::uint32_t>(attributes.rate * 4294967296.0);
  const T kept = static_cast<T>(1.0 / (1.0 - attributes.rate));
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(context.seed),
                                         static_cast<std::uint32_t>(context.seed >> 32)};
  const Index first = context.begin * context.output.columns;
  const Index last = context.end * context.output.columns;
  for (Index block = first / 4; block * 4 < last; ++block) {
    const auto words = philox(key, {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(context.step >> 32),
                                    static_cast<std::uint32_t>(attributes.ordinal), static_cast<std::uint32_t>(context.step)});
    for (Index i = std::max(first, block * 4); i < std::min(last, block * 4 + 4); ++i) {
      context.out<T>()[i] = words[static_cast<std::size_t>(i % 4)] < threshold ? T{0} : kept;
    }
  }
}

std::vector<OperationCase> check_cases() {
  return {{.name = "dropout", .inputs = {{2, 3}}, .apply = [](std::span<const Tensor> x) { return square(dropout(x[0], 0.3)); }},
          {.name = "one row", .inputs = {{1, 5}}, .apply = [](std::span<const Tensor> x) { return square(dropout(x[0], 0.5)); }},
          {.name = "empty", .inputs = {{0, 5}}, .apply = [](std::span<const Tensor> x) { return dropout(x[0], 0.5); }}};
}

}  // namespace

constinit const Operation dropout_mask_operation{.name = "dropout_mask",
                                                 .form = Form::whole,
                                                 .tiling = Tiling::output_rows,
                                                 .work = 15.0F,
                                                 .shape = shape_rule,
                                                 .kernel_float = kernel<float>,
                                                 .kernel_double = kernel<double>,
                                                 .constant = true,
                                                 .cases = check_cases};

Tensor dropout_mask(Tape& tape, const Shape& shape, double rate, SourceLine line) {
  Attributes attributes{.rate = rate, .ordinal = tape.next_random_ordinal(), .rank = shape.rank(), .extents = {}};
  std::ranges::copy(shape.extents(), attributes.extents);
  return tape.record(dropout_mask_operation, {}, bytes_of(attributes), line);
}

Tensor dropout(const Located& x, double rate) {
  Tape& tape = x.tensor.tape();
  if (!tape.training() || rate == 0.0) return x;
  return multiply(x, {dropout_mask(tape, x.shape(), rate, x.line), x.line.file, x.line.line});
}

}  // namespace tapegrad
