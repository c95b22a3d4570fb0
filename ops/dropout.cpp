// Numbers from counters: an element's number is a function of the tape's seed, the step, the
// operation's place among the random ones of the recording, and the element's place; not of
// threads, nor of what ran before.
#include <algorithm>
#include <array>

#include <tapegrad/graph/called_as.h>
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
  return {
      Shape(std::span<const Index>(attributes.extents, static_cast<std::size_t>(attributes.rank))),
      context.floating};
}

template <class T>
void kernel(const KernelContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const Index first = context.begin * context.output.columns;
  const Index last = context.end * context.output.columns;
  dropout_factors(context.seed, context.step, attributes.ordinal, attributes.rate, first,
                  last - first, context.out<T>() + first);
}

// Words of sixteen blocks at a time, element by element of the blocks, so that the rounds
// vectorise.
constexpr int lanes = 16;
struct Words {
  std::uint32_t of[4][lanes];
};

Words philox_lanes(std::array<std::uint32_t, 2> key, std::uint32_t first,
                   std::array<std::uint32_t, 3> rest) {
  Words words;
  for (std::uint32_t i = 0; i < lanes; ++i) {
    words.of[0][i] = first + i;
    for (std::size_t w = 0; w < 3; ++w) words.of[w + 1][i] = rest[w];
  }
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < lanes; ++i) {
      const std::uint64_t a = std::uint64_t{0xD2511F53u} * words.of[0][i];
      const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * words.of[2][i];
      const std::uint32_t one = words.of[1][i], three = words.of[3][i];
      words.of[0][i] = static_cast<std::uint32_t>(b >> 32) ^ one ^ key[0];
      words.of[1][i] = static_cast<std::uint32_t>(b);
      words.of[2][i] = static_cast<std::uint32_t>(a >> 32) ^ three ^ key[1];
      words.of[3][i] = static_cast<std::uint32_t>(a);
    }
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return words;
}

template <class T>
void fill_factors(std::uint64_t seed, std::uint64_t step, Index ordinal, double rate, Index first,
                  Index count, T* factors) {
  const auto threshold = static_cast<std::uint32_t>(rate * 4294967296.0);
  const T kept = static_cast<T>(1.0 / (1.0 - rate));
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(seed),
                                         static_cast<std::uint32_t>(seed >> 32)};
  const std::array<std::uint32_t, 3> rest{static_cast<std::uint32_t>(step >> 32),
                                          static_cast<std::uint32_t>(ordinal),
                                          static_cast<std::uint32_t>(step)};
  constexpr Index width = 4 * lanes;
  for (Index at = first / width * width; at < first + count; at += width) {
    const Words words = philox_lanes(key, static_cast<std::uint32_t>(at / 4), rest);
    T some[width];
    for (Index i = 0; i < lanes; ++i) {
      for (Index w = 0; w < 4; ++w) some[i * 4 + w] = words.of[w][i] < threshold ? T{0} : kept;
    }
    const Index begin = std::max(first, at), end = std::min(first + count, at + width);
    std::copy(some + (begin - at), some + (end - at), factors + (begin - first));
  }
}

std::vector<OperationCase> check_cases() {
  return {{.name = "dropout",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(dropout(x[0], 0.3)); }},
          {.name = "one row",
           .inputs = {{1, 5}},
           .apply = [](std::span<const Tensor> x) { return square(dropout(x[0], 0.5)); }},
          {.name = "empty", .inputs = {{0, 5}}, .apply = [](std::span<const Tensor> x) {
             return dropout(x[0], 0.5);
           }}};
}

}  // namespace

constinit const Operation dropout_mask_operation{.name = "dropout_mask",
                                                 .form = Form::whole,
                                                 .inputs = 0,
                                                 .tiling = Tiling::output_rows,
                                                 .work = 15.0F,
                                                 .shape = shape_rule,
                                                 .kernel_float = kernel<float>,
                                                 .kernel_double = kernel<double>,
                                                 .constant = true,
                                                 .cases = check_cases};

void dropout_factors(std::uint64_t seed, std::uint64_t step, Index ordinal, double rate,
                     Index first, Index count, float* factors) {
  fill_factors(seed, step, ordinal, rate, first, count, factors);
}
void dropout_factors(std::uint64_t seed, std::uint64_t step, Index ordinal, double rate,
                     Index first, Index count, double* factors) {
  fill_factors(seed, step, ordinal, rate, first, count, factors);
}

Tensor dropout_mask(Tape& tape, const Shape& shape, double rate, SourceLine line) {
  return dropout_mask_of(tape, shape, rate, tape.next_random_ordinal(), line);
}

Tensor dropout_mask_of(Tape& tape, const Shape& shape, double rate, std::uint32_t ordinal,
                       SourceLine line) {
  Attributes attributes{.rate = rate, .ordinal = ordinal, .rank = shape.rank(), .extents = {}};
  std::ranges::copy(shape.extents(), attributes.extents);
  return tape.record(dropout_mask_operation, {}, bytes_of(attributes), line);
}

Tensor dropout(const Located& x, double rate) {
  const CalledAs call(x.tensor.tape(), "dropout");
  Tape& tape = x.tensor.tape();
  if (!tape.training() || rate == 0.0) return x;
  // Guarded by the mask: what is dropped does not count, even if it is infinite.
  return guarded_product({dropout_mask(tape, x.shape(), rate, x.line), x.line}, x);
}

}  // namespace tapegrad
