#include <tapegrad/optim/adam.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/optim/adam_movements.h>
#include <tapegrad/optim/dense_entry.h>
#include <tapegrad/optim/row_state.h>

namespace tapegrad::optim {
namespace {

template <class T>
constexpr AdamPrecision precision =
    std::is_same_v<T, float> ? AdamPrecision{3e-8, 1e-12} : AdamPrecision{1e-16, 1e-18};

template <class T>
class AdamState : public RowState {
 public:
  AdamState(Parameter& parameter, const AdamOptions& options)
      : RowState(parameter, options.threads, options.decoupled ? options.weight_decay : 0.0),
        options_(options),
        first_(parameter.shape(), parameter.dtype()),
        second_(parameter.shape(), parameter.dtype()),
        movements_(options, precision<T>) {}

 protected:
  std::map<std::string, Array*> kept() override {
    return {{"first_moment", &first_}, {"second_moment", &second_}};
  }
  const Array* momentum() const override { return &first_; }

  void dense_step(const GradientEntry& entry, double factor, Index begin, Index end) override {
    apply(begin, end - begin, reinterpret_cast<T*>(parameter_.unsettled_value().data()) + begin,
          entry.as<T>().data() + begin, factor, 1);
  }

  void begin_step(std::uint64_t t, std::uint64_t longest) override {
    bias1_ = 1.0 - std::pow(options_.beta1, static_cast<double>(t));
    bias2_ = 1.0 - std::pow(options_.beta2, static_cast<double>(t));
    for (auto gap = powers_.size(); gap < std::min(longest, most_powers); ++gap)
      powers_.push_back(powers_after(gap));
  }

  std::uint32_t prepare(Wanted wanted, std::uint64_t s) override {
    return movements_.prepare(history(), wanted, s);
  }
  std::size_t prepared_terms() const override { return movements_.terms(); }

  void move(Wanted wanted, Index row, std::uint32_t prepared, const void* from,
            void* to) const override {
    const AdamMovement& movement = movements_.get(wanted, prepared);
    const Index width = columns();
    const T* before = static_cast<const T*>(from);
    T* __restrict after = static_cast<T*>(to);
    const T* m = reinterpret_cast<const T*>(first_.data()) + row * width;
    const T* v = reinterpret_cast<const T*>(second_.data()) + row * width;
    const auto epsilon = static_cast<T>(options_.epsilon);
    const auto whole = static_cast<T>(movement.whole);
    if (movement.expanded) {
      const auto center = static_cast<T>(movement.center);
      const auto a0 = static_cast<T>(movement.a0);
      const auto a2 = static_cast<T>(movement.a2);
      const auto a3 = static_cast<T>(movement.a3);
      const auto a4 = static_cast<T>(movement.a4);
      for (Index c = 0; c < width; ++c) {
        const T x = std::sqrt(v[c]);
        const T inverse = T{1} / (x * center + epsilon);
        const T q = x * inverse;
        after[c] = before[c] * whole - m[c] * inverse * (a0 + q * q * (a2 + q * (q * a4 - a3)));
      }
      return;
    }
    for (Index begin = 0; begin < width; begin += tile) {
      const Index count = std::min(tile, width - begin);
      T x[tile], sum[tile];
      for (Index c = 0; c < count; ++c) x[c] = std::sqrt(v[begin + c]);
      std::fill_n(sum, count, T{0});
      for (std::size_t j = 0; j < movement.a.size(); ++j) {
        const auto a = static_cast<T>(movement.a[j]);
        const auto d = static_cast<T>(movement.d[j]);
        for (Index c = 0; c < count; ++c) sum[c] += a / (x[c] * d + epsilon);
      }
      for (Index c = 0; c < count; ++c)
        after[begin + c] = before[begin + c] * whole - m[begin + c] * sum[c];
    }
  }

  void rest(Index row, std::uint64_t gap) override {
    const Index width = columns();
    const auto first_power = static_cast<T>(std::pow(options_.beta1, static_cast<double>(gap)));
    const auto second_power = static_cast<T>(std::pow(options_.beta2, static_cast<double>(gap)));
    T* m = reinterpret_cast<T*>(first_.data()) + row * width;
    T* v = reinterpret_cast<T*>(second_.data()) + row * width;
    for (Index c = 0; c < width; ++c) {
      m[c] *= first_power;
      v[c] *= second_power;
    }
  }

  void step(Index row, void* weights, const void* gradient, double factor,
            std::uint64_t gap) override {
    const Index width = columns();
    apply(row * width, width, static_cast<T*>(weights), static_cast<const T*>(gradient), factor,
          gap);
  }

 private:
  // The moments of steps without a gradient are powers: a gap of one has none.
  struct Powers {
    double first, second;
  };
  static constexpr Index tile = 64;                   // columns whose sums go on together
  static constexpr std::uint64_t most_powers = 4096;  // of the gaps that are met most
  Powers powers_after(std::uint64_t steps) const {
    return {std::pow(options_.beta1, static_cast<double>(steps)),
            std::pow(options_.beta2, static_cast<double>(steps))};
  }

  void apply(Index begin, Index count, T* __restrict w, const T* g, double factor,
             std::uint64_t gap) {
    T* __restrict m = reinterpret_cast<T*>(first_.data()) + begin;
    T* __restrict v = reinterpret_cast<T*>(second_.data()) + begin;
    const auto [first_power, second_power] =
        gap <= powers_.size() ? powers_[gap - 1] : powers_after(gap - 1);
    const double rate = this->rate();
    const auto scale = static_cast<T>(factor);
    const auto keep1 = static_cast<T>(options_.beta1 * first_power);
    const auto keep2 = static_cast<T>(options_.beta2 * second_power);
    const auto new1 = static_cast<T>(1.0 - options_.beta1);
    const auto new2 = static_cast<T>(1.0 - options_.beta2);
    const auto step_size = static_cast<T>(rate / bias1_);
    const auto root_scale = static_cast<T>(1.0 / std::sqrt(bias2_));
    const auto epsilon = static_cast<T>(options_.epsilon);
    const auto decay =
        static_cast<T>(options_.decoupled ? 1.0 - rate * options_.weight_decay : 1.0);
    const auto l2 = static_cast<T>(options_.decoupled ? 0.0 : options_.weight_decay);
    for (Index i = 0; i < count; ++i) {
      const T gradient = scale * g[i] + l2 * w[i];
      m[i] = keep1 * m[i] + new1 * gradient;
      v[i] = keep2 * v[i] + new2 * gradient * gradient;
      w[i] = w[i] * decay - step_size * m[i] / (std::sqrt(v[i]) * root_scale + epsilon);
    }
  }

  AdamOptions options_;
  Array first_, second_;
  AdamMovements movements_;
  double bias1_ = 1.0, bias2_ = 1.0;  // of this step
  std::vector<Powers> powers_;        // by the number of steps without a gradient
};

}  // namespace

Adam::Adam(const AdamOptions& options)
    : Optimizer(options.learning_rate, options.weight_decay), options_(options) {
  const bool valid = options.beta1 >= 0.0 && options.beta1 < 1.0 && options.beta2 >= 0.0 &&
                     options.beta2 < 1.0 && options.epsilon >= 0.0;
  if (!valid) {
    throw ValueError(
        fmt::format("Adam needs betas within [0, 1) and a non-negative epsilon, got {}, {} and {}",
                    options.beta1, options.beta2, options.epsilon));
  }
}

std::shared_ptr<ParameterState> Adam::make_state(Parameter& parameter) {
  std::shared_ptr<ParameterState> state;
  if (parameter.dtype() == Dtype::float32)
    state = std::make_shared<AdamState<float>>(parameter, options_);
  else
    state = std::make_shared<AdamState<double>>(parameter, options_);
  if (options_.weight_decay == 0.0 || options_.decoupled) return state;
  return std::make_shared<DenseEntries>(parameter, std::move(state));
}

}  // namespace tapegrad::optim
