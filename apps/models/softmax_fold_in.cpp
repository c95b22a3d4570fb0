#include <tapegrad/apps/models/softmax_fold_in.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include <Eigen/Dense>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {
namespace {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::VectorXf;

// The loss of one history as a function of the vector.
class Likelihood {
 public:
  Likelihood(std::span<const float> items, std::span<const float> biases, const Person& person)
      : items_(items.data(), static_cast<Index>(biases.size()),
               static_cast<Index>(items.size() / std::max<std::size_t>(1, biases.size()))),
        biases_(biases.data(), static_cast<Index>(biases.size())),
        person_(person),
        wanted_(VectorXf::Zero(items_.cols())) {
    for (std::size_t at = 0; at < person.items.size(); ++at) {
      wanted_ += weight(at) * items_.row(person.items[at]).transpose();
      total_ += weight(at);
    }
  }

  Index width() const { return items_.cols(); }

  // The loss without the ridge; keeps the softmax for gradient() and curvature().
  double at(const VectorXf& vector) {
    softmax_.noalias() = items_ * vector;
    softmax_ += biases_;
    double wanted = 0.0;
    for (std::size_t own = 0; own < person_.items.size(); ++own)
      wanted +=
          static_cast<double>(weight(own)) * static_cast<double>(softmax_[person_.items[own]]);
    const float greatest = softmax_.maxCoeff();
    softmax_ = (softmax_.array() - greatest).exp();
    const double sum = softmax_.cast<double>().sum();
    softmax_ /= static_cast<float>(sum);
    return static_cast<double>(total_) * (std::log(sum) + static_cast<double>(greatest)) - wanted;
  }

  VectorXf gradient() {
    mean_.noalias() = items_.transpose() * softmax_;
    return total_ * mean_ - wanted_;
  }

  // The Hessian times a direction: total · Q' (diag(s) - s s') Q.
  VectorXf curvature(const VectorXf& direction) {
    product_.noalias() = items_ * direction;
    product_.array() *= softmax_.array();
    VectorXf result = items_.transpose() * product_;
    result -= product_.sum() * mean_;
    return total_ * result;
  }

 private:
  float weight(std::size_t at) const {
    return person_.weights.empty() ? 1.0F : person_.weights[at];
  }

  Eigen::Map<const RowMatrix> items_;
  Eigen::Map<const VectorXf> biases_;
  const Person& person_;
  VectorXf wanted_, softmax_, mean_, product_;
  float total_ = 0.0F;
};

// Solves (H + ρ) x = right by conjugate gradients, to a hundredth.
VectorXf newton_step(Likelihood& likelihood, float ridge, const VectorXf& right) {
  VectorXf x = VectorXf::Zero(right.size()), residual = right, direction = right;
  float energy = residual.squaredNorm();
  const float enough = 1e-4F * energy;
  constexpr int most = 50;
  for (int step = 0; step < most && energy > enough; ++step) {
    const VectorXf product = likelihood.curvature(direction) + ridge * direction;
    const float length = energy / direction.dot(product);
    x += length * direction;
    residual -= length * product;
    const float left = residual.squaredNorm();
    direction = residual + (left / energy) * direction;
    energy = left;
  }
  return x;
}

}  // namespace

struct SoftmaxFoldIn::Ridge {
  std::once_flag once;
  double value = 0.0;
};

SoftmaxFoldIn::SoftmaxFoldIn(std::span<const float> users, std::span<const float> items,
                             std::span<const float> biases, std::shared_ptr<const UserItems> pairs)
    : users_(users),
      items_(items),
      biases_(biases),
      pairs_(std::move(pairs)),
      ridge_(std::make_shared<Ridge>()) {}

double SoftmaxFoldIn::ridge() const {
  std::call_once(ridge_->once, [&] {
    constexpr Index sample = 200;
    constexpr double least = 1e-3;
    const Index users = pairs_->user_count();
    const auto width =
        static_cast<std::size_t>(items_.size() / std::max<std::size_t>(1, biases_.size()));
    double along = 0.0, squares = 0.0;
    for (Index at = 0; at < std::min(sample, users); ++at) {
      const Index user = at * users / std::min(sample, users);
      const Person person{pairs_->of(user), pairs_->weights_of(user)};
      if (person.items.empty()) continue;
      Likelihood likelihood(items_, biases_, person);
      const Eigen::Map<const VectorXf> vector(
          users_.data() + static_cast<std::size_t>(user) * width, static_cast<Index>(width));
      likelihood.at(vector);
      along -= static_cast<double>(likelihood.gradient().dot(vector));
      squares += static_cast<double>(vector.squaredNorm());
    }
    ridge_->value = squares > 0.0 ? std::max(least, along / squares) : 1.0;
  });
  return ridge_->value;
}

bool SoftmaxFoldIn::operator()(const Person& person, std::span<float> result) const {
  if (person.items.empty()) return false;
  const auto rho = static_cast<float>(ridge());
  Likelihood likelihood(items_, biases_, person);
  VectorXf vector = VectorXf::Zero(likelihood.width());
  const auto loss = [&](const VectorXf& at) {
    return likelihood.at(at) +
           0.5 * static_cast<double>(rho) * static_cast<double>(at.squaredNorm());
  };
  double now = loss(vector);
  constexpr int most = 30;
  for (int step = 0; step < most; ++step) {
    const VectorXf gradient = likelihood.gradient() + rho * vector;
    const VectorXf direction = newton_step(likelihood, rho, gradient);
    const double slope = static_cast<double>(gradient.dot(direction));
    // Half steps until the loss falls as it should; at the minimum none does.
    double length = 1.0;
    constexpr double shortest = 1e-3, enough = 1e-4;
    VectorXf next = vector - direction;
    double then = loss(next);
    while (then > now - enough * length * slope && length > shortest) {
      length /= 2.0;
      next = vector - static_cast<float>(length) * direction;
      then = loss(next);
    }
    if (!(then < now)) break;
    const bool is_done = now - then < 1e-6 * std::abs(now);
    vector = next;
    now = then;
    if (is_done) break;
  }
  std::copy_n(vector.data(), vector.size(), result.begin());
  return true;
}

}  // namespace tapegrad::apps
