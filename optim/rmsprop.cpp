#include <tapegrad/optim/rmsprop.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/optim/dense_entry.h>
#include <tapegrad/optim/momentum_movements.h>
#include <tapegrad/optim/row_state.h>

namespace tapegrad::optim {
namespace {

template <class T>
class RmspropState : public RowState {
 public:
  RmspropState(Parameter& parameter, const RmspropOptions& options)
      : RowState(parameter, options.threads),
        options_(options),
        square_(parameter.shape(), parameter.dtype()),
        mean_(options.centered ? parameter.shape() : Shape{0}, parameter.dtype()),
        buffer_(options.momentum != 0.0 ? parameter.shape() : Shape{0}, parameter.dtype()) {}

 protected:
  std::map<std::string, Array*> kept() override {
    return {{"square_average", &square_}, {"gradient_average", &mean_}, {"momentum", &buffer_}};
  }
  const Array* momentum() const override { return options_.momentum == 0.0 ? nullptr : &buffer_; }

  void dense_step(const GradientEntry& entry, double factor, Index begin, Index end) override {
    apply(begin, end - begin, reinterpret_cast<T*>(parameter_.unsettled_value().data()) + begin,
          entry.as<T>().data() + begin, factor, 1);
  }

  void begin_step(std::uint64_t, std::uint64_t) override {}

  std::uint32_t prepare(Wanted wanted, std::uint64_t s) override {
    return momentum() == nullptr ? 0 : movements_.prepare(history(), wanted, options_.momentum, s);
  }

  void move(Wanted wanted, Index row, std::uint32_t prepared, const void* from,
            void* to) const override {
    const Index width = columns();
    const T* b = reinterpret_cast<const T*>(buffer_.data()) + row * width;
    const T* before = static_cast<const T*>(from);
    T* __restrict after = static_cast<T*>(to);
    const auto moved = static_cast<T>(movements_.sum(wanted, prepared));
    for (Index c = 0; c < width; ++c) after[c] = before[c] - moved * b[c];
  }

  void rest(Index row, std::uint64_t gap) override {
    shrink(square_, row, std::pow(options_.alpha, static_cast<double>(gap)));
    if (options_.centered) shrink(mean_, row, std::pow(options_.alpha, static_cast<double>(gap)));
    if (options_.momentum != 0.0)
      shrink(buffer_, row, std::pow(options_.momentum, static_cast<double>(gap)));
  }

  void step(Index row, void* weights, const void* gradient, double factor,
            std::uint64_t gap) override {
    const Index width = columns();
    apply(row * width, width, static_cast<T*>(weights), static_cast<const T*>(gradient), factor,
          gap);
  }

 private:
  static T* part(Array& array, Index begin) { return reinterpret_cast<T*>(array.data()) + begin; }
  void shrink(Array& array, Index row, double factor) {
    const Index width = columns();
    T* numbers = part(array, row * width);
    for (Index c = 0; c < width; ++c) numbers[c] *= static_cast<T>(factor);
  }

  // The step after `gap` - 1 steps without a gradient.
  void apply(Index begin, Index count, T* __restrict w, const T* g, double factor,
             std::uint64_t gap) {
    const double rest_power =
        gap == 1 ? 1.0 : std::pow(options_.alpha, static_cast<double>(gap) - 1.0);
    const auto keep = static_cast<T>(options_.alpha * rest_power);
    const auto fresh = static_cast<T>(1.0 - options_.alpha);
    const auto scale = static_cast<T>(factor);
    const auto rate = static_cast<T>(this->rate());
    const auto epsilon = static_cast<T>(options_.epsilon);
    const auto l2 = static_cast<T>(options_.weight_decay);
    const auto momentum = static_cast<T>(
        options_.momentum * std::pow(options_.momentum, static_cast<double>(gap) - 1.0));
    T* __restrict v = part(square_, begin);
    T* __restrict m = options_.centered ? part(mean_, begin) : nullptr;
    T* __restrict b = options_.momentum != 0.0 ? part(buffer_, begin) : nullptr;
    for (Index i = 0; i < count; ++i) {
      const T gradient = scale * g[i] + l2 * w[i];
      v[i] = keep * v[i] + fresh * gradient * gradient;
      T spread = v[i];
      if (m != nullptr) {
        m[i] = keep * m[i] + fresh * gradient;
        spread = std::max(T{0}, spread - m[i] * m[i]);  // rounding may take it below 0
      }
      T direction = gradient / (std::sqrt(spread) + epsilon);
      if (b != nullptr) direction = b[i] = momentum * b[i] + direction;
      w[i] -= rate * direction;
    }
  }

  RmspropOptions options_;
  Array square_, mean_, buffer_;
  MomentumMovements movements_;
};

}  // namespace

Rmsprop::Rmsprop(const RmspropOptions& options)
    : Optimizer(options.learning_rate, options.weight_decay), options_(options) {
  const bool valid = options.alpha >= 0.0 && options.alpha < 1.0 && options.momentum >= 0.0 &&
                     options.momentum < 1.0 && options.epsilon >= 0.0;
  if (!valid) {
    throw ValueError(
        fmt::format("Rmsprop needs alpha and momentum within [0, 1) and a non-negative epsilon, "
                    "got {}, {} and {}",
                    options.alpha, options.momentum, options.epsilon));
  }
}

std::shared_ptr<ParameterState> Rmsprop::make_state(Parameter& parameter) {
  std::shared_ptr<ParameterState> state;
  if (parameter.dtype() == Dtype::float32)
    state = std::make_shared<RmspropState<float>>(parameter, options_);
  else
    state = std::make_shared<RmspropState<double>>(parameter, options_);
  if (options_.weight_decay == 0.0) return state;
  return std::make_shared<DenseEntries>(parameter, std::move(state));
}

}  // namespace tapegrad::optim
