#include <tapegrad/optim/adagrad.h>

#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/optim/dense_entry.h>
#include <tapegrad/optim/row_state.h>

namespace tapegrad::optim {
namespace {

template <class T>
class AdagradState : public RowState {
 public:
  AdagradState(Parameter& parameter, const AdagradOptions& options)
      : RowState(parameter, options.threads),
        options_(options),
        accumulator_(
            Array::full(parameter.shape(), options.initial_accumulator, parameter.dtype())) {}

 protected:
  std::map<std::string, Array*> kept() override { return {{"accumulator", &accumulator_}}; }
  void begin_step(std::uint64_t, std::uint64_t) override {}

  void dense_step(const GradientEntry& entry, double factor, Index begin, Index end) override {
    apply(begin, end - begin, reinterpret_cast<T*>(parameter_.unsettled_value().data()) + begin,
          entry.as<T>().data() + begin, factor);
  }

  void step(Index row, void* weights, const void* gradient, double factor, std::uint64_t) override {
    const Index width = columns();
    apply(row * width, width, static_cast<T*>(weights), static_cast<const T*>(gradient), factor);
  }

 private:
  void apply(Index begin, Index count, T* __restrict w, const T* g, double factor) {
    T* __restrict s = reinterpret_cast<T*>(accumulator_.data()) + begin;
    const auto scale = static_cast<T>(factor);
    const auto rate = static_cast<T>(this->rate());
    const auto epsilon = static_cast<T>(options_.epsilon);
    const auto l2 = static_cast<T>(options_.weight_decay);
    for (Index i = 0; i < count; ++i) {
      const T gradient = scale * g[i] + l2 * w[i];
      s[i] += gradient * gradient;
      w[i] -= rate * gradient / (std::sqrt(s[i]) + epsilon);
    }
  }

  AdagradOptions options_;
  Array accumulator_;
};

}  // namespace

Adagrad::Adagrad(const AdagradOptions& options)
    : Optimizer(options.learning_rate, options.weight_decay), options_(options) {
  if (!(options.epsilon >= 0.0 && options.initial_accumulator >= 0.0)) {
    throw ValueError(
        fmt::format("Adagrad needs a non-negative epsilon and accumulator, got {} and {}",
                    options.epsilon, options.initial_accumulator));
  }
}

std::shared_ptr<ParameterState> Adagrad::make_state(Parameter& parameter) {
  std::shared_ptr<ParameterState> state;
  if (parameter.dtype() == Dtype::float32)
    state = std::make_shared<AdagradState<float>>(parameter, options_);
  else
    state = std::make_shared<AdagradState<double>>(parameter, options_);
  if (options_.weight_decay == 0.0) return state;
  return std::make_shared<DenseEntries>(parameter, std::move(state));
}

}  // namespace tapegrad::optim
