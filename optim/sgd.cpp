#include <tapegrad/optim/sgd.h>

#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/optim/dense_entry.h>
#include <tapegrad/optim/momentum_movements.h>
#include <tapegrad/optim/row_state.h>

namespace tapegrad::optim {
namespace {

template <class T>
class SgdState : public RowState {
 public:
  SgdState(Parameter& parameter, const SgdOptions& options)
      : RowState(parameter, options.threads),
        options_(options),
        buffer_(options.momentum != 0.0 ? parameter.shape() : Shape{0}, parameter.dtype()) {}

 protected:
  std::map<std::string, Array*> kept() override { return {{"momentum", &buffer_}}; }
  const Array* momentum() const override { return options_.momentum == 0.0 ? nullptr : &buffer_; }

  void dense_step(const GradientEntry& entry, double factor, Index begin, Index end) override {
    apply(begin, end - begin, reinterpret_cast<T*>(parameter_.unsettled_value().data()) + begin,
          entry.as<T>().data() + begin, factor, 1.0);
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
    const auto moved = static_cast<T>(movements_.sum(wanted, prepared) *
                                      (options_.nesterov ? options_.momentum : 1.0));
    for (Index c = 0; c < width; ++c) after[c] = before[c] - moved * b[c];
  }

  void rest(Index row, std::uint64_t gap) override {
    if (momentum() == nullptr) return;
    const Index width = columns();
    const auto power = static_cast<T>(std::pow(options_.momentum, static_cast<double>(gap)));
    T* b = reinterpret_cast<T*>(buffer_.data()) + row * width;
    for (Index c = 0; c < width; ++c) b[c] *= power;
  }

  void step(Index row, void* weights, const void* gradient, double factor,
            std::uint64_t gap) override {
    const Index width = columns();
    const double power =
        momentum() == nullptr ? 1.0 : std::pow(options_.momentum, static_cast<double>(gap) - 1.0);
    apply(row * width, width, static_cast<T*>(weights), static_cast<const T*>(gradient), factor,
          power);
  }

 private:
  void apply(Index begin, Index count, T* __restrict w, const T* g, double factor, double power) {
    const auto scale = static_cast<T>(factor);
    const auto rate = static_cast<T>(this->rate());
    const auto l2 = static_cast<T>(options_.weight_decay);
    if (options_.momentum == 0.0) {
      for (Index i = 0; i < count; ++i) w[i] -= rate * (scale * g[i] + l2 * w[i]);
      return;
    }
    T* __restrict b = reinterpret_cast<T*>(buffer_.data()) + begin;
    const auto momentum = static_cast<T>(options_.momentum);
    const auto kept = static_cast<T>(options_.momentum * power);
    const auto own = static_cast<T>(options_.nesterov ? 1.0 : 0.0);
    const auto shared = options_.nesterov ? momentum : T{1};
    for (Index i = 0; i < count; ++i) {
      const T gradient = scale * g[i] + l2 * w[i];
      b[i] = kept * b[i] + gradient;
      w[i] -= rate * (own * gradient + shared * b[i]);
    }
  }

  SgdOptions options_;
  Array buffer_;
  MomentumMovements movements_;
};

}  // namespace

Sgd::Sgd(const SgdOptions& options)
    : Optimizer(options.learning_rate, options.weight_decay), options_(options) {
  if (!(options.momentum >= 0.0 && options.momentum < 1.0)) {
    throw ValueError(fmt::format("Sgd needs a momentum within [0, 1), got {}", options.momentum));
  }
  if (options.nesterov && options.momentum == 0.0)
    throw ValueError("Nesterov's momentum needs a momentum");
}

std::shared_ptr<ParameterState> Sgd::make_state(Parameter& parameter) {
  std::shared_ptr<ParameterState> state;
  if (parameter.dtype() == Dtype::float32)
    state = std::make_shared<SgdState<float>>(parameter, options_);
  else
    state = std::make_shared<SgdState<double>>(parameter, options_);
  if (options_.weight_decay == 0.0) return state;
  return std::make_shared<DenseEntries>(parameter, std::move(state));
}

}  // namespace tapegrad::optim
