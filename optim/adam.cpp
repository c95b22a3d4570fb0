#include <tapegrad/optim/adam.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <type_traits>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/optim/dense_entry.h>
#include <tapegrad/optim/row_state.h>

namespace tapegrad::optim {
namespace {

// Without gradients a row moves, from step s to t, by -m·Σⱼ aⱼ/(x·dⱼ + ε), with x = √v and
//   aⱼ = rateⱼ·β₁^(j-s)/(1-β₁ʲ)·(decay after j),   dⱼ = √(β₂^(j-s)/(1-β₂ʲ)).
// The dⱼ lie close together, so the sum is taken around their mean d: with y = x·d + ε and q = x/y,
//   Σ aⱼ/(x·dⱼ + ε) = 1/y · Σ aⱼ/(1 + q·(dⱼ-d)) = 1/y · (A₀ + q²A₂ - q³A₃ + q⁴A₄ ...),   Aₖ = Σ aⱼ(dⱼ-d)ᵏ,
// where q·|dⱼ-d| ≤ |dⱼ-d|/d. If that exceeds `spread`, as in the first steps, the sum is taken term by term. Terms are left out
// when their share of the sum, below aⱼ/dⱼ and below aⱼ/ε for x ≤ 1, is below `least`.
struct Precision {
  double spread, least;
};
template <class T>
constexpr Precision precision = std::is_same_v<T, float> ? Precision{0.05, 1e-12} : Precision{0.001, 1e-18};

// A product of many factors and its parts, whatever their size.
class Product {
 public:
  void multiply(double factor) {
    if (factor == 0.0) {
      ++zeros_;
      return;
    }
    int exponent = 0;
    mantissa_ = std::frexp(mantissa_ * factor, &exponent);
    exponent_ += exponent;
  }
  // The factors after `part`, which had the first of them.
  double after(const Product& part) const {
    return zeros_ == part.zeros_ ? std::ldexp(mantissa_ / part.mantissa_, exponent_ - part.exponent_) : 0.0;
  }

 private:
  double mantissa_ = 1.0;
  int exponent_ = 0;
  int zeros_ = 0;
};

struct Movement {
  bool expanded = true;
  double decay = 1.0;
  double center = 1.0;
  double a0 = 0.0, a2 = 0.0, a3 = 0.0, a4 = 0.0;
  std::vector<double> a, d;
};

// The movements to one step of rows that were last touched at many others.
class Movements {
 public:
  Movements(const AdamOptions& options, const Precision& precision) : options_(options), precision_(precision) {}

  std::uint32_t prepare(std::span<const double> rates, std::uint32_t s, std::uint32_t t) {
    if (t != to_) used_ = 0;
    to_ = t;
    if (numbers_.size() <= s) numbers_.resize(rates.size() * 2, {~0u, 0});
    auto& [to, number] = numbers_[s];
    if (to == t && number < used_) return number;
    to = t;
    number = used_++;
    if (used_ > all_.size()) all_.emplace_back();
    fill(all_[number], rates, s, t);
    return number;
  }
  const Movement& operator[](std::uint32_t number) const { return all_[number]; }

 private:
  void extend(std::span<const double> rates) {
    const double decay = options_.decoupled ? options_.weight_decay : 0.0;
    while (bias1_.size() < rates.size()) {
      const auto j = static_cast<double>(bias1_.size());
      bias1_.push_back(1.0 - std::pow(options_.beta1, j));
      bias2_.push_back(1.0 - std::pow(options_.beta2, j));
      decays_.push_back(decays_.empty() ? Product() : decays_.back());
      decays_.back().multiply(1.0 - rates[decays_.size() - 1] * decay);
    }
  }

  void fill(Movement& movement, std::span<const double> rates, std::uint32_t s, std::uint32_t t) {
    extend(rates);
    movement.a.clear();
    movement.d.clear();
    movement.a0 = movement.a2 = movement.a3 = movement.a4 = 0.0;
    movement.decay = decays_[t].after(decays_[s]);
    double weight = 1.0;
    double root = 1.0;
    double weighted = 0.0;
    for (std::uint32_t j = s + 1; j <= t; ++j) {
      weight *= options_.beta1;
      root *= options_.beta2;
      const double d = std::sqrt(root / bias2_[j]);
      if (weight <= precision_.least * std::max(d, options_.epsilon)) break;
      movement.a.push_back(rates[j] * weight / bias1_[j] * decays_[t].after(decays_[j]));
      movement.d.push_back(d);
      movement.a0 += movement.a.back();
      weighted += movement.a.back() * movement.d.back();
    }
    movement.center = movement.a0 > 0.0 ? weighted / movement.a0 : 1.0;
    movement.expanded = true;
    for (std::size_t i = 0; i < movement.a.size(); ++i) {
      const double distance = movement.d[i] - movement.center;
      const double square = distance * distance;
      movement.expanded = movement.expanded && std::abs(distance) <= precision_.spread * movement.center;
      movement.a2 += movement.a[i] * square;
      movement.a3 += movement.a[i] * square * distance;
      movement.a4 += movement.a[i] * square * square;
    }
  }

  AdamOptions options_;
  Precision precision_;
  std::deque<Movement> all_;
  std::uint32_t used_ = 0, to_ = ~0u;
  struct Number {
    std::uint32_t to, number;
  };
  std::vector<Number> numbers_;        // by the step s
  std::vector<double> bias1_, bias2_;  // by step
  std::vector<Product> decays_;
};

template <class T>
class AdamState : public RowState {
 public:
  AdamState(Parameter& parameter, const AdamOptions& options)
      : RowState(parameter, options.threads),
        options_(options),
        first_(parameter.shape(), parameter.dtype()),
        second_(parameter.shape(), parameter.dtype()),
        movements_(options, precision<T>) {}

 protected:
  std::map<std::string, Array*> kept() override { return {{"first_moment", &first_}, {"second_moment", &second_}}; }

  void dense_step(const GradientEntry& entry, double factor, Index begin, Index end) override {
    apply(begin, end - begin, reinterpret_cast<T*>(parameter_.unsettled_value().data()) + begin, entry.as<T>().data() + begin,
          factor, 1);
  }

  void begin_step(std::uint32_t t, std::uint32_t longest) override {
    bias1_ = 1.0 - std::pow(options_.beta1, static_cast<double>(t));
    bias2_ = 1.0 - std::pow(options_.beta2, static_cast<double>(t));
    for (auto gap = powers_.size(); gap < longest; ++gap)
      powers_.push_back({std::pow(options_.beta1, static_cast<double>(gap)), std::pow(options_.beta2, static_cast<double>(gap))});
  }

  std::uint32_t prepare(std::uint32_t s, std::uint32_t t) override { return movements_.prepare(rates_, s, t); }

  void move(Index row, std::uint32_t prepared, const void* from, void* to) override {
    const Movement& movement = movements_[prepared];
    const Index width = parameter_.shape().columns();
    const T* before = static_cast<const T*>(from);
    T* __restrict after = static_cast<T*>(to);
    const T* m = reinterpret_cast<const T*>(first_.data()) + row * width;
    const T* v = reinterpret_cast<const T*>(second_.data()) + row * width;
    const auto epsilon = static_cast<T>(options_.epsilon);
    const auto decay = static_cast<T>(movement.decay);
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
        after[c] = before[c] * decay - m[c] * inverse * (a0 + q * q * (a2 + q * (q * a4 - a3)));
      }
      return;
    }
    for (Index c = 0; c < width; ++c) {
      const T x = std::sqrt(v[c]);
      T sum = 0;
      for (std::size_t j = 0; j < movement.a.size(); ++j) {
        sum += static_cast<T>(movement.a[j]) / (x * static_cast<T>(movement.d[j]) + epsilon);
      }
      after[c] = before[c] * decay - m[c] * sum;
    }
  }

  void rest(Index row, std::uint32_t s, std::uint32_t t) override {
    const Index width = parameter_.shape().columns();
    const auto first_power = static_cast<T>(std::pow(options_.beta1, static_cast<double>(t - s)));
    const auto second_power = static_cast<T>(std::pow(options_.beta2, static_cast<double>(t - s)));
    T* m = reinterpret_cast<T*>(first_.data()) + row * width;
    T* v = reinterpret_cast<T*>(second_.data()) + row * width;
    for (Index c = 0; c < width; ++c) {
      m[c] *= first_power;
      v[c] *= second_power;
    }
  }

  void step(Index row, void* weights, const void* gradient, double factor, std::uint32_t s, std::uint32_t t) override {
    const Index width = parameter_.shape().columns();
    apply(row * width, width, static_cast<T*>(weights), static_cast<const T*>(gradient), factor, t - s);
  }

 private:
  // The moments of steps without a gradient are powers: a gap of one has none.
  struct Powers {
    double first, second;
  };

  void apply(Index begin, Index count, T* __restrict w, const T* g, double factor, std::uint32_t gap) {
    T* __restrict m = reinterpret_cast<T*>(first_.data()) + begin;
    T* __restrict v = reinterpret_cast<T*>(second_.data()) + begin;
    const auto [first_power, second_power] = powers_[gap - 1];
    const double rate = rates_.back();
    const auto scale = static_cast<T>(factor);
    const auto keep1 = static_cast<T>(options_.beta1 * first_power);
    const auto keep2 = static_cast<T>(options_.beta2 * second_power);
    const auto new1 = static_cast<T>(1.0 - options_.beta1);
    const auto new2 = static_cast<T>(1.0 - options_.beta2);
    const auto step_size = static_cast<T>(rate / bias1_);
    const auto root_scale = static_cast<T>(1.0 / std::sqrt(bias2_));
    const auto epsilon = static_cast<T>(options_.epsilon);
    const auto decay = static_cast<T>(options_.decoupled ? 1.0 - rate * options_.weight_decay : 1.0);
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
  Movements movements_;
  double bias1_ = 1.0, bias2_ = 1.0;  // of this step
  std::vector<Powers> powers_;        // by the number of steps without a gradient
};

}  // namespace

Adam::Adam(const AdamOptions& options) : Optimizer(options.learning_rate, options.weight_decay), options_(options) {
  const bool valid =
      options.beta1 >= 0.0 && options.beta1 < 1.0 && options.beta2 >= 0.0 && options.beta2 < 1.0 && options.epsilon >= 0.0;
  if (!valid) {
    throw ValueError(fmt::format("Adam needs betas within [0, 1) and a non-negative epsilon, got {}, {} and {}", options.beta1,
                                 options.beta2, options.epsilon));
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
